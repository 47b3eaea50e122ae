"""The client for programs with an event loop."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

import httpx

from raqam.client.delivery import Delivery
from raqam.client.errors import ClientError, TimedOutError, UnavailableError
from raqam.client.exchange import BATCH, BATCH_BYTES, STREAM_BYTES, TIMEOUT, failure, options, patience, translated
from raqam.client.messages import (
    ARRAY,
    LINES,
    Batcher,
    Form,
    Model,
    Outgoing,
    Result,
    outgoing,
    parse,
    read_model,
    read_record,
)
from raqam.client.retries import DEFAULT, Attempts, Retries
from raqam.records import Article, Record

IN_FLIGHT: Final = 4
"""Requests of :meth:`AsyncClient.annotate_many` at the same time: they keep a service busy and fit in its queue."""

Articles: TypeAlias = Iterable[str | Article] | AsyncIterable[str | Article]

_JSON: Final = {"Content-Type": "application/json"}


class AsyncClient:
    """As :class:`raqam.client.Client`, to be awaited; for asyncio.

    It may be used by many tasks of one event loop. Close it at the end with :meth:`close`, or use ``async with``.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        retries: Retries = DEFAULT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(**options(url, key), transport=transport)
        self._url, self._timeout, self._retries = url, timeout, retries

    async def annotate(
        self, article: str | Article, *, id: str | None = None, published: dt.date | str | None = None
    ) -> Record:
        """Return the record of an article, or of a text with *id* and *published*.

        Raises :class:`raqam.client.RefusedError` for an article that cannot be annotated.
        """
        return read_record(await self._send("POST", "/annotate", Outgoing.of(article, id, published).content))

    async def annotate_many(
        self, articles: Articles, *, batch: int = BATCH, in_flight: int = IN_FLIGHT
    ) -> AsyncGenerator[Result, None]:
        """Yield the record of each article, or a :class:`raqam.client.Refused` in its place, in the order they came.

        They are taken as they are needed and sent *batch* at a time, fewer where they are long, *in_flight* requests
        at once; an article that is refused costs no other its record. Where you break off, ``contextlib.aclosing``
        cancels what is under way at once.
        """
        if in_flight < 1:
            raise ValueError(f"'in_flight' must be at least 1, not {in_flight}.")
        tasks: deque[asyncio.Task[list[Result]]] = deque()
        try:
            async for full in _batches(articles, Batcher(batch, BATCH_BYTES)):
                tasks.append(asyncio.create_task(self._collect(full)))
                if len(tasks) >= in_flight:
                    for result in await tasks.popleft():
                        yield result
            while tasks:
                for result in await tasks.popleft():
                    yield result
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def annotate_stream(self, articles: Articles) -> AsyncGenerator[Result, None]:
        """Yield the same as :meth:`annotate_many`, each as soon as it is ready, for as many as there are.

        Neither the articles nor the results are held in memory, apart from some 64 KiB that are under way.
        """
        async for full in _batches(articles, Batcher(STREAM_BYTES, STREAM_BYTES)):
            async with aclosing(self._deliver(full, LINES)) as results:
                async for result in results:
                    yield result

    async def model(self) -> Model:
        """Return the model that answers: its name, version, identity, labels and scores."""
        return read_model(await self._send("GET", "/model"))

    async def ready(self) -> bool:
        """Whether articles would be annotated now; asks once, and takes no connection and no answer for a no."""
        try:
            async with self._open("GET", "/readyz", Attempts(self._retries)):
                return True
        except (UnavailableError, TimedOutError):
            return False

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _collect(self, articles: list[Outgoing]) -> list[Result]:
        return [result async for result in self._deliver(articles, ARRAY)]

    async def _deliver(self, articles: list[Outgoing], form: Form) -> AsyncGenerator[Result, None]:
        delivery = Delivery(articles, form, self._retries)
        kind = {"Content-Type": form.media_type}
        while delivery:
            try:
                async with self._open("POST", "/annotate", delivery.attempts, delivery.body(), kind) as response:
                    decoder = form.decoder()
                    async for piece in response.aiter_bytes():
                        for content in decoder.feed(piece):
                            yield delivery.take(content)
                    for content in decoder.end():
                        yield delivery.take(content)
                    delivery.end()
            except ClientError as error:
                results, pause = delivery.recover(error)
                for result in results:
                    yield result
                await asyncio.sleep(pause)

    async def _send(self, method: str, path: str, body: bytes | None = None) -> Any:
        """Return the JSON value of the answer, after as many attempts as it takes."""
        attempts = Attempts(self._retries)
        while True:
            try:
                async with self._open(method, path, attempts, body, None if body is None else _JSON) as response:
                    return parse(await response.aread())
            except ClientError as error:
                await asyncio.sleep(attempts.wait(error))

    @asynccontextmanager
    async def _open(
        self,
        method: str,
        path: str,
        attempts: Attempts,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """Send a request, and give its answer while it arrives; raises for another status than 200."""
        timeout = patience(attempts.timeout(self._timeout))
        with translated(self._url):
            async with self._http.stream(method, path, content=body, headers=headers, timeout=timeout) as response:
                if response.status_code != 200:
                    await response.aread()
                    raise failure(response)
                yield response


async def _batches(articles: Articles, batcher: Batcher) -> AsyncIterator[list[Outgoing]]:
    if isinstance(articles, AsyncIterable):
        async for article in articles:
            if full := batcher.add(Outgoing.of(article)):
                yield full
    else:
        for each in outgoing(articles):
            if full := batcher.add(each):
                yield full
    if rest := batcher.rest():
        yield rest
