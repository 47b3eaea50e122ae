"""What both clients share of HTTP: the address and the headers of requests, and the errors of answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Final, TypedDict

import httpx

from raqam import __version__
from raqam.client.errors import (
    ClientError,
    Problem,
    TimedOutError,
    UnavailableError,
    UnexpectedAnswerError,
    error_of,
)
from raqam.client.messages import NOT_RAQAM, parse

TIMEOUT: Final = 60.0
"""Seconds to wait for an answer: twice what the service may take by default, so that its own word comes first."""

BATCH: Final = 32
BATCH_BYTES: Final = 32 * 1024
"""Articles, and bytes of them, that share a request: a few of these together fit in the queue of a service."""

STREAM_BYTES: Final = 64 * 1024
"""Bytes of the lines that share a request.

httpx writes a whole body before it reads any of the answer, while the service answers the first lines of a stream
before it reads the last. Were the body longer than what lies in buffers on the way, both could end up waiting for the
other to read. A server buffers 64 KiB of a body that its application has not asked for; so the lines of a stream go
out as many requests of no more than that. A longer line goes alone: nothing is answered before all of it has arrived.
"""

_CONNECT: Final = 5.0  # seconds: an address that does not answer by then has nothing that listens


class Options(TypedDict):
    """What both kinds of httpx client are made with."""

    base_url: str
    headers: dict[str, str]


def options(url: str, key: str | None) -> Options:
    """Return the options for the service at *url*; raises ValueError for an address or a key that cannot be one."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"'url' must be the address of a service, such as http://localhost:8000, not {url!r}.")
    headers = {"User-Agent": f"raqam/{__version__}"}
    if key is not None:
        if not key.isascii() or not key.isprintable() or not key or " " in key:
            raise ValueError("'key' must be a key as it was given out: ASCII, without spaces and line ends.")
        headers["Authorization"] = f"Bearer {key}"
    return {"base_url": url, "headers": headers}


def patience(seconds: float) -> httpx.Timeout:
    """How long to wait for the service; for one of the pool's own connections, as long as it takes."""
    return httpx.Timeout(seconds, connect=min(_CONNECT, seconds), pool=None)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raise the errors of httpx as those of this package."""
    try:
        yield
    except (httpx.ConnectTimeout, httpx.ConnectError, httpx.ProxyError) as error:
        raise UnavailableError(f"Nothing can be reached at {url}. Does the service run there?") from error
    except httpx.TimeoutException as error:
        raise TimedOutError(f"The service at {url} did not answer in time.") from error
    except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
        raise UnavailableError(f"The connection to {url} broke before the answer was complete.") from error
    except httpx.HTTPError as error:
        raise UnexpectedAnswerError(NOT_RAQAM.format("it cannot be decoded")) from error


def failure(response: httpx.Response) -> ClientError:
    """Return the error of an answer with another status than 200; its body must have been read."""
    if response.status_code < 400:
        return UnexpectedAnswerError(NOT_RAQAM.format(f"its status is {response.status_code}"))
    try:
        content = parse(response.content)
    except UnexpectedAnswerError:
        content = None
    problem = Problem.read(content, response.status_code)
    return error_of(problem, retry_after(response.headers), response.headers.get("X-Request-Id"))


def retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds that ``Retry-After`` says, as a number or as a date, or None.

    A date is taken by the clock of the server that set it, where its answer has a ``Date``.

    >>> date = "Thu, 25 Sep 2025 10:00:0{} GMT"
    >>> retry_after(httpx.Headers({"Retry-After": date.format(7), "Date": date.format(2)}))
    5.0
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until, now = _moment(value), _moment(headers.get("Date", ""))
    return None if until is None else max(0.0, until - (time.time() if now is None else now))


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
