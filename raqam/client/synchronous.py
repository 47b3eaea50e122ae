"""The client for programs that wait for each answer."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self

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

_JSON: Final = {"Content-Type": "application/json"}


class Client:
    """A client of the service at *url*, such as ``http://localhost:8000``; *key* is sent where one is given.

    *timeout* is how many seconds it waits for an answer to begin or to go on; *retries* says when a request is sent
    again; *transport* is for certificates, Unix sockets and proxies of your own. Spans are in code points, so
    ``text[span.start:span.end] == span.text``. Every method raises :class:`raqam.client.ClientError`.

    Thread-safe, and its connections are kept open and shared: make one, and close it at the end, or use ``with``.
    Inside an event loop, :class:`raqam.client.AsyncClient` is the one to use.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        retries: Retries = DEFAULT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(**options(url, key), transport=transport)
        self._url, self._timeout, self._retries = url, timeout, retries

    def annotate(
        self, article: str | Article, *, id: str | None = None, published: dt.date | str | None = None
    ) -> Record:
        """Return the record of an article, or of a text with *id* and *published*.

        Raises :class:`raqam.client.RefusedError` for an article that cannot be annotated.
        """
        return read_record(self._send("POST", "/annotate", Outgoing.of(article, id, published).content))

    def annotate_many(self, articles: Iterable[str | Article], *, batch: int = BATCH) -> Iterator[Result]:
        """Yield the record of each article, or a :class:`raqam.client.Refused` in its place, in the order they came.

        They are taken as they are needed and sent *batch* at a time, fewer where they are long; an article that is
        refused costs no other its record.
        """
        return self._results(articles, Batcher(batch, BATCH_BYTES), ARRAY)

    def annotate_stream(self, articles: Iterable[str | Article]) -> Iterator[Result]:
        """Yield the same as :meth:`annotate_many`, each as soon as it is ready, for as many as there are.

        Neither the articles nor the results are held in memory, apart from some 64 KiB that are under way.
        """
        return self._results(articles, Batcher(STREAM_BYTES, STREAM_BYTES), LINES)

    def model(self) -> Model:
        """Return the model that answers: its name, version, identity, labels and scores."""
        return read_model(self._send("GET", "/model"))

    def ready(self) -> bool:
        """Whether articles would be annotated now; asks once, and takes no connection and no answer for a no."""
        try:
            with self._open("GET", "/readyz", Attempts(self._retries)):
                return True
        except (UnavailableError, TimedOutError):
            return False

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _results(self, articles: Iterable[str | Article], batcher: Batcher, form: Form) -> Iterator[Result]:
        for article in outgoing(articles):
            if full := batcher.add(article):
                yield from self._deliver(full, form)
        yield from self._deliver(batcher.rest(), form)

    def _deliver(self, articles: list[Outgoing], form: Form) -> Iterator[Result]:
        delivery = Delivery(articles, form, self._retries)
        kind = {"Content-Type": form.media_type}
        while delivery:
            try:
                with self._open("POST", "/annotate", delivery.attempts, delivery.body(), kind) as response:
                    decoder = form.decoder()
                    for piece in response.iter_bytes():
                        yield from map(delivery.take, decoder.feed(piece))
                    yield from map(delivery.take, decoder.end())
                    delivery.end()
            except ClientError as error:
                results, pause = delivery.recover(error)
                yield from results
                time.sleep(pause)

    def _send(self, method: str, path: str, body: bytes | None = None) -> Any:
        """Return the JSON value of the answer, after as many attempts as it takes."""
        attempts = Attempts(self._retries)
        while True:
            try:
                with self._open(method, path, attempts, body, None if body is None else _JSON) as response:
                    return parse(response.read())
            except ClientError as error:
                time.sleep(attempts.wait(error))

    @contextmanager
    def _open(
        self,
        method: str,
        path: str,
        attempts: Attempts,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        """Send a request, and give its answer while it arrives; raises for another status than 200."""
        timeout = patience(attempts.timeout(self._timeout))
        with (
            translated(self._url),
            self._http.stream(method, path, content=body, headers=headers, timeout=timeout) as response,
        ):
            if response.status_code != 200:
                response.read()
                raise failure(response)
            yield response
