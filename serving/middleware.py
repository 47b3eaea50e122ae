"""What happens around every request, as plain ASGI: counting it, limiting its body, answering for mistakes."""

from __future__ import annotations

import logging
import time
import traceback

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.metrics import Metrics
from serving.problems import INTERNAL, Problem, ProblemError, answer

logger = logging.getLogger("raqam.serving")


class CountRequests:
    """Counts requests by route and status, with the seconds until the whole answer was sent."""

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
            path = getattr(scope.get("route"), "path", "other")
            self._metrics.count_request(path, status, time.perf_counter() - began)


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


class LimitBody:
    """Counts the bytes of a body while they are read; one too many raises the problem ``body-too-large``.

    A body whose announced length is over the limit is not read at all.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        length = Headers(scope=scope).get("content-length", "")
        announced = int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0
        received = 0

        async def limited() -> Message:
            nonlocal received
            self._check(announced)
            message = await receive()
            received += len(message.get("body", b""))  # in chunks there may be more than was announced
            self._check(received)
            return message

        await self._app(scope, limited, send)

    def _check(self, count: int) -> None:
        if count > self._limit:
            detail = f"The body has more than {self._limit:,} bytes, which is the limit; send several requests."
            raise ProblemError(Problem("body-too-large", detail, limit=self._limit))


def log_mistake(error: Exception) -> None:
    """Log the type of *error* and the lines of code it passed, without what it says."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s was not handled:\n%s", type(error).__name__, frames)
