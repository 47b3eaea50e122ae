"""The log: one line an event, for people or as JSON, with the request it belongs to, and never the text of an article.

What an exception says may be text of an article, so nothing here writes it: only its type and the lines of code.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from types import TracebackType
from typing import Any, Final, Literal

from serving.metrics import Stage
from serving.settings import Settings

logger = logging.getLogger("raqam.serving")
requests = logging.getLogger("raqam.requests")

#: Asked every few seconds by machines: only worth a line where the answer is not as it should be.
_PROBES: Final = ("/livez", "/readyz", "/metrics")


@dataclass(slots=True)
class Timing:
    """When a stage of a request began first and ended last, by ``time.perf_counter``, and the seconds it was at it."""

    began: float
    ended: float
    seconds: float


@dataclass(slots=True)
class Work:
    """What becomes known of a request while it is answered, for the log and the trace. Threads may add to it."""

    request: str = ""
    method: str = "other"
    route: str = "other"
    key: str | None = None
    articles: int = 0
    tokens: int = 0
    stages: dict[Stage, Timing] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def count(self, articles: int, tokens: int) -> None:
        """Count *articles* that were annotated for the request, and their *tokens*."""
        with self._lock:
            self.articles += articles
            self.tokens += tokens

    def spent(self, stage: Stage, began: float, ended: float) -> None:
        """Count the time from *began* to *ended*, both of ``time.perf_counter``, that a *stage* took."""
        with self._lock:
            timing = self.stages.setdefault(stage, Timing(began, ended, 0.0))
            timing.began, timing.ended = min(timing.began, began), max(timing.ended, ended)
            timing.seconds += ended - began

    def facts(self) -> dict[str, Any]:
        """What there is to say of it."""
        with self._lock:
            found: dict[str, Any] = {"key": self.key, "articles": self.articles or None, "tokens": self.tokens or None}
            found |= {f"{stage}_seconds": round(timing.seconds, 6) for stage, timing in self.stages.items()}
        return {name: value for name, value in found.items() if value is not None}


#: The request that is being answered. Tasks and ``anyio`` threads begun for it inherit it; other threads do not.
WORK: Final[ContextVar[Work | None]] = ContextVar("work", default=None)


def current() -> Work:
    """The request that is being answered; outside of one something that nobody reads."""
    return WORK.get() or Work()


def configure(settings: Settings) -> None:
    """Have everything this process logs written to stderr, in the format and from the level of *settings*.

    For the process of a service: it takes the place of whatever handlers there were.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(settings.log_format))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # what others' libraries say at lower levels is theirs to know
    for name in ("raqam", "uvicorn"):
        logging.getLogger(name).setLevel(settings.log_level.upper())
    threading.excepthook = _thread_mistake


def formatter(kind: Literal["console", "json"]) -> logging.Formatter:
    """The formatter of one of the formats of the setting ``log_format``."""
    return _Json() if kind == "json" else _Console()


def log_request(status: int, seconds: float) -> None:
    """Log the end of the current request; *status* is 0 where the client left before there was an answer."""
    work = current()
    quiet = work.route in _PROBES and status == 200
    fields = {"method": work.method, "route": work.route, "status": status, "seconds": round(seconds, 6)} | work.facts()
    requests.log(logging.DEBUG if quiet else logging.INFO, "request", extra={"fields": fields})


def log_mistake(error: BaseException) -> None:
    """Log the type of *error* and the lines of code it passed, without what it says."""
    logger.error("%s was not handled:\n%s", type(error).__name__, _frames(error.__traceback__))


def loop_mistake(loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """Log what nobody handled on an event loop: for ``loop.set_exception_handler``.

    That of asyncio writes the exception, and the task with its result.
    """
    error = context.get("exception")
    if isinstance(error, BaseException):
        log_mistake(error)
    else:
        logger.error("The event loop says: %s", context.get("message"))


class _Formatter(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802  the name that logging gives it
        kind, _, frames = ei
        return f"{_frames(frames)}{getattr(kind, '__name__', kind)}" if kind else ""

    @staticmethod
    def fields(record: logging.LogRecord) -> dict[str, Any]:
        """What a line says beside its event."""
        work = WORK.get()
        found: dict[str, Any] = getattr(record, "fields", {})
        return found if work is None else {"request": work.request, **found}


class _Json(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        content = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **self.fields(record),
        }
        if record.exc_info:
            content["exception"] = self.formatException(record.exc_info)
        return json.dumps(content, default=str)  # ASCII, so that no terminal and no collector can spoil it


class _Console(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={value}" for name, value in self.fields(record).items())
        line = f"{_time(record)} {record.levelname} {record.name}: {record.getMessage()}{fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _frames(frames: TracebackType | None) -> str:
    return "".join(traceback.format_tb(frames))


def _thread_mistake(mistake: threading.ExceptHookArgs) -> None:
    if mistake.exc_value is not None:
        log_mistake(mistake.exc_value)
