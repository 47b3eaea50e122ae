"""NDJSON as a stream: lines are annotated while later ones arrive, in memory that does not grow with their number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from raqam import Article
from serving.bodies import NDJSON_TYPE, Item, Refusal, encode, read_lines
from serving.offsets import Unit
from serving.problems import ProblemError
from serving.service import Service, Session
from serving.settings import Settings

#: Lines that are annotated together, at most.
LINES: Final = 64

#: Bytes that are parted into lines at a time; more would keep the event loop.
PIECE: Final = 16 * 1024

#: Parts that are in work or wait to be sent; beyond them no more of the body is read.
AHEAD: Final = 2


class Lines:
    """Parts a stream of bytes into lines of at most *limit* bytes; a longer one is None, and takes no memory.

    >>> lines = Lines(5)
    >>> list(lines.feed(b"ab\\ncd")), list(lines.feed(b"e\\n1234567\\nx")), list(lines.end())
    ([b'ab'], [b'cde', None], [b'x'])
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = bytearray()
        self._skipping = False

    def feed(self, chunk: bytes) -> Iterator[bytes | None]:
        """Yield the lines that *chunk* completes."""
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            yield self._line(piece)
        self._keep(rest)

    def end(self) -> Iterator[bytes | None]:
        """Yield the last line, if the stream did not end with the end of one."""
        if self._rest or self._skipping:
            yield self._line(b"")

    def _line(self, piece: bytes) -> bytes | None:
        self._keep(piece)
        line = None if self._skipping else bytes(self._rest)
        self._rest.clear()
        self._skipping = False
        return line

    def _keep(self, piece: bytes) -> None:
        if self._skipping or len(self._rest) + len(piece) > self._limit:
            self._rest.clear()
            self._skipping = True
        else:
            self._rest += piece


class LinesResponse(Response):
    """An answer that is sent while the body of its request still arrives.

    Starlette's StreamingResponse listens for the end of the connection, and so takes pieces of the body away from who
    reads it. Here nothing has to listen: without a client no more of the body arrives, and little of it was read ahead.
    """

    def __init__(self, lines: AsyncGenerator[bytes, None], headers: Mapping[str, str]) -> None:
        # nginx would collect the answer otherwise.
        super().__init__(None, headers={**headers, "X-Accel-Buffering": "no"}, media_type=NDJSON_TYPE)
        del self.headers["content-length"]
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._lines) as lines:
            async for piece in lines:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def answer_lines(
    body: AsyncIterator[bytes], service: Service, session: Session, settings: Settings, unit: Unit
) -> AsyncGenerator[bytes, None]:
    """Yield the answer to an NDJSON *body*, a line for each line, in order, as soon as they are ready.

    Ends early, without another line, where the client is gone.
    """
    parts: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue(AHEAD)
    reader = asyncio.create_task(_read(body, parts, service, session, settings, unit))
    try:
        while (part := await parts.get()) is not None:
            try:
                yield await part
            finally:
                part.cancel()
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader
        while not parts.empty():
            if (left := parts.get_nowait()) is not None:
                left.cancel()


async def _read(
    body: AsyncIterator[bytes],
    parts: asyncio.Queue[asyncio.Task[bytes] | None],
    service: Service,
    session: Session,
    settings: Settings,
    unit: Unit,
) -> None:
    """Put a task for each part of *body* into *parts*, and None at the end."""
    lines, number = Lines(settings.max_body_bytes), 1

    async def put(found: list[bytes | None]) -> None:
        nonlocal number
        for at in range(0, len(found), LINES):
            part = found[at : at + LINES]
            task = asyncio.create_task(_part(part, number, service, session, unit))
            try:
                await parts.put(task)
            except BaseException:
                task.cancel()
                raise
            number += len(part)

    try:
        with suppress(ClientDisconnect):
            async for chunk in body:
                for at in range(0, len(chunk), PIECE):
                    await put(list(lines.feed(chunk[at : at + PIECE])))
            await put(list(lines.end()))
    except ProblemError as error:  # the body stopped arriving
        refusal = session.counted(Refusal(None, replace(error.problem, line=number)))
        await parts.put(asyncio.create_task(_last(refusal)))
    finally:  # whatever ended it; a reader that was cancelled has nobody to tell
        task = asyncio.current_task()
        if task is not None and not task.cancelling():
            await parts.put(None)


async def _part(lines: list[bytes | None], number: int, service: Service, session: Session, unit: Unit) -> bytes:
    """The answer to *lines*, of which the first has the *number*."""
    size = sum(len(each) for each in lines if each is not None)
    items = await service.read(partial(read_lines, first=number), lines, size)
    try:
        answers = await session.annotate(items, unit, patient=True)
    except ProblemError as error:
        answers = [session.counted(_refused(item, error, at)) for at, item in enumerate(items, start=number)]
    return b"".join(line(answer) for answer in answers)


async def _last(refusal: Refusal) -> bytes:
    return line(refusal)


def _refused(item: Item, error: ProblemError, number: int) -> Refusal:
    return Refusal(item.id, replace(error.problem, line=number)) if isinstance(item, Article) else item


def line(answer: bytes | Refusal) -> bytes:
    """A line of the answer."""
    return (encode(answer.to_dict()) if isinstance(answer, Refusal) else answer) + b"\n"
