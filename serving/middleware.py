"""What happens around every request, as plain ASGI: its id, its count and log line, its key, the limit of its body."""

from __future__ import annotations

import base64
import re
import time
import uuid
from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving import telemetry
from serving.bodies import NDJSON_TYPE, announced_bytes
from serving.corrections.origin import CheckOrigin, is_kept
from serving.keys import Key, Keys, is_loopback, well_formed
from serving.keys import Scope as KeyScope
from serving.logs import WORK, Work, current, log_mistake, log_request
from serving.metrics import KeyFailure, Metrics
from serving.problems import INTERNAL, Problem, ProblemError, answer
from serving.settings import Settings

__all__ = ["AnswerMistakes", "CheckKeys", "CountRequests", "IdentifyRequests", "LimitBody", "log_mistake", "surround"]

REQUEST_ID: Final = "X-Request-Id"
_SANE_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

#: What every page may be told of an answer, where CORS is on.
_EXPOSED: Final = (REQUEST_ID, "Raqam-Model", "Raqam-Model-Sha256", "Retry-After", "ETag", "Location")

#: Paths that need no key, and beginnings of such: probes, the page and what it is made of, the documentation.
_OPEN: Final = frozenset(("/", "/livez", "/readyz", "/docs", "/openapi.json", "/example", "/seeds"))
_OPEN_BELOW: Final = ("/static/", "/swagger/", "/problems/", "/seeds/")
#: Where a key may come as the password of Basic.
_BASIC_BELOW: Final = "/label-studio/"
#: What a key must be allowed to do at a path, ``correct`` at those of what is kept; at any other ``annotate``.
_NEEDED: Final[Mapping[str, KeyScope]] = {
    "/annotate": "annotate", "/model": "annotate", "/metrics": "annotate", "/reload": "admin",
}  # fmt: skip


def surround(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Put everything of this module around *app*, as *settings* say; its keys become ``app.state.keys``, or None.

    Raises :class:`serving.keys.AccessError` where the file of keys cannot be used, and
    :class:`serving.telemetry.TelemetryError` where the packages for traces are missing.
    """
    keys = app.state.keys = None if settings.api_keys is None else Keys(settings.api_keys)
    app.add_middleware(LimitBody, limit=settings.max_body_bytes)
    if keys is None:
        app.add_middleware(CheckOrigin, hosts=settings.trusted_hosts, metrics=metrics)
    app.add_middleware(CheckKeys, keys=keys, metrics=metrics, open_metrics=is_loopback(settings.host))
    app.add_middleware(AnswerMistakes, metrics=metrics)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST", "PUT", "DELETE"),
            allow_headers=("Authorization", "Content-Type", "If-Match", REQUEST_ID),
            expose_headers=_EXPOSED,
            allow_credentials=False,  # a key is sent by the page itself; no cookie means anything here
        )
    app.add_middleware(CountRequests, metrics=metrics)
    if settings.telemetry:
        app.add_middleware(telemetry.TraceRequests, provider=telemetry.provider(app.version))
    app.add_middleware(IdentifyRequests)  # the last one added is the outermost


#: How many bodies of the largest size may be in memory at the same time.
TOGETHER: Final = 8


class IdentifyRequests:
    """Gives every request an id, which its answer has as ``X-Request-Id`` and its lines of the log as ``request``.

    That of the caller is taken where it is at most 128 visible characters of ASCII.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        sent = Headers(scope=scope).get(REQUEST_ID, "")
        id_ = sent if _SANE_ID.fullmatch(sent) else uuid.uuid4().hex
        header = (REQUEST_ID.lower().encode(), id_.encode())

        async def identified(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        method = scope["method"] if scope["method"] in _METHODS else "other"  # which can be any word
        token = WORK.set(Work(id_, method))
        try:
            await self._app(scope, receive, identified)
        finally:
            WORK.reset(token)


class CountRequests:
    """Counts requests by route and status, with the seconds until the whole answer was sent, and logs each."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        status, began = 0, time.perf_counter()  # 0: the client was gone before there was an answer

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observe)
        finally:
            work, seconds = current(), time.perf_counter() - began
            work.route = getattr(scope.get("route"), "path", work.route)
            self._metrics.count_request(work.route, status, seconds)
            log_request(status, seconds)


class AnswerMistakes:
    """Answers an exception that nothing else handled with a problem that says nothing of it, and logs where it arose.

    Neither the exception's message nor its arguments are logged: they may hold the text of an article.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = False

        async def observe(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, observe)
        except ClientDisconnect:
            return
        except Exception as error:
            log_mistake(error)
            self._metrics.count_problem(INTERNAL.kind)
            if not started:
                await answer(INTERNAL)(scope, receive, send)


class CheckKeys:
    """Lets a request through that has a key, sent as ``Authorization: Bearer …``, which allows what it asks for.

    Without *keys* everything is let through but what needs a key of the scope ``admin``. ``/metrics`` needs none where
    *open_metrics*. Of a request that is refused nothing but its head is read.
    """

    def __init__(self, app: ASGIApp, keys: Keys | None, metrics: Metrics, open_metrics: bool) -> None:
        self._app, self._keys, self._metrics = app, keys, metrics
        self._open = _OPEN | {"/metrics"} if open_metrics else _OPEN

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_open(scope["path"]):
            return await self._app(scope, receive, send)
        failure = self._check(scope)
        if failure is None:
            return await self._app(scope, receive, send)
        path = scope["path"]
        current().route = path if path in _NEEDED else "other"  # no route will be looked for
        problem, challenge = _scope_refusal(needed_at(path)) if failure == "scope" else _REFUSALS[failure]
        self._metrics.count_key_failure(failure)
        self._metrics.count_problem(problem.kind)
        await answer(problem, challenge)(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return path in self._open or path.startswith(_OPEN_BELOW)

    def _check(self, scope: Scope) -> KeyFailure | None:
        """Why the request is refused, if it is; the id of its key is noted for the log."""
        needed = needed_at(scope["path"])
        if self._keys is None:
            return "no_keys" if needed == "admin" else None
        sent = _sent(scope)
        key: Key | None = None if sent is None else self._keys.find(sent)
        if key is None:
            return "missing" if sent is None else "unknown" if well_formed(sent) else "malformed"
        current().key = key.id
        return None if key.allows(needed) else "scope"


class LimitBody:
    """Counts the bytes of a body while they are read; one too many raises the problem ``body-too-large``.

    A body whose announced length is over the limit is not read at all. All bodies that are being read or worked on may
    together have :data:`TOGETHER` times as many; one more raises ``overloaded``. NDJSON that does not announce a length
    within the limit is a stream without an end to foresee: there the limit is that of a line, and whoever reads the
    lines counts them.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        announced = announced_bytes(headers)
        ndjson = headers.get("content-type", "").partition(";")[0].strip().lower() == NDJSON_TYPE
        if ndjson and not 0 < announced <= self._limit:
            return await self._app(scope, receive, send)
        received = 0

        async def limited() -> Message:
            nonlocal received
            self._check(announced)
            message = await receive()
            size = len(message.get("body", b""))
            received += size  # in chunks there may be more than was announced
            self._held += size
            self._check(received)
            return message

        try:
            await self._app(scope, limited, send)
        finally:
            self._held -= received

    def _check(self, count: int) -> None:
        if count > self._limit:
            detail = f"The body has more than {self._limit:,} bytes, which is the limit; send several requests."
            raise ProblemError(Problem("body-too-large", detail, limit=self._limit))
        if self._held > TOGETHER * self._limit:
            detail = "Too many large bodies arrive at the same time; try again in 1 s."
            raise ProblemError(Problem("overloaded", detail), {"Retry-After": "1"})


def needed_at(path: str) -> KeyScope:
    """The scope that a key needs at *path*.

    >>> needed_at("/articles/1"), needed_at("/reload"), needed_at("/no/such/path")
    ('correct', 'admin', 'annotate')
    """
    return "correct" if is_kept(path) else _NEEDED.get(path, "annotate")


def _sent(scope: Scope) -> bytes | None:
    """The key that came with a request; None without one, and empty where there are several.

    Label Studio can send a name and a password only: on its paths the password is the key.
    """
    found = [value for name, value in scope["headers"] if name == b"authorization"]
    schemes = [value.partition(b" ") for value in found]
    if len(found) != 1:
        return b"" if found else None
    scheme, _, credentials = schemes[0]
    if scheme.lower() == b"basic" and scope["path"].startswith(_BASIC_BELOW):
        return _password(credentials.strip())
    return bytes(credentials.strip()) if scheme.lower() == b"bearer" else None


def _password(credentials: bytes) -> bytes:
    """The password of the *credentials* of RFC 7617; empty where they are none."""
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2]
    except ValueError:
        return b""


def _refusal(kind: str, detail: str, challenge: str) -> tuple[Problem, Mapping[str, str]]:
    return Problem(kind, detail), {"WWW-Authenticate": f'Bearer realm="raqam"{challenge}'}


def _scope_refusal(needed: KeyScope) -> tuple[Problem, Mapping[str, str]]:
    detail = f"The key does not allow this: it needs one of the scope '{needed}'."
    return _refusal("forbidden", detail, f', error="insufficient_scope", scope="{needed}"')


#: The answers of RFC 6750, whose words for what is wrong with a key stand in the header.
_REFUSALS: Final[Mapping[KeyFailure, tuple[Problem, Mapping[str, str]]]] = {
    "missing": _refusal("unauthorized", "Send a key of this service as 'Authorization: Bearer raqam_…'.", ""),
    "malformed": _refusal(
        "unauthorized",
        "What was sent is not a key: a key is 'raqam_' and 60 characters more, copied whole.",
        ', error="invalid_token"',
    ),
    "unknown": _refusal(
        "unauthorized", "The key is not one of this service, or not any more.", ', error="invalid_token"'
    ),
    "no_keys": (
        Problem("forbidden", "This needs a key of the scope 'admin', and the service was started without keys."),
        {},
    ),
}
