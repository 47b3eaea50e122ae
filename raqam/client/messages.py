"""What the client sends, and what it reads, as values: articles to bytes, bytes to records and refusals."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from raqam.client.errors import Problem, UnexpectedAnswerError
from raqam.labels import Label
from raqam.records import Article, Fact, Record, Span

NOT_RAQAM: Final = "The answer is not one of a Raqam service: {}. Is the address right?"


@dataclass(frozen=True, slots=True)
class Refused:
    """An article of several that has no record: the id it was sent with, and what the service says is wrong with it."""

    id: str | None
    problem: Problem


Result: TypeAlias = Record | Refused


@dataclass(frozen=True, slots=True)
class Model:
    """The model that answers: ``sha256`` is that of its manifest, ``scores`` are as measured when it was exported."""

    name: str
    version: str
    sha256: str
    created: str
    labels: tuple[Label, ...]
    scores: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An article on its way out: its id, and its JSON, made once however often it is sent."""

    id: str | None
    content: bytes

    @classmethod
    def of(cls, article: str | Article, id: str | None = None, published: dt.date | str | None = None) -> Outgoing:
        """Return *article*, or the text of one with *id* and *published*, unchecked: the service checks everything.

        >>> Outgoing.of("قم", id="a1").content.decode()
        '{"text":"قم","id":"a1"}'
        """
        if not isinstance(article, Article):
            return cls(id, _encode(article, id, published))
        if id is not None or published is not None:
            raise TypeError("An Article has its own id and day of publication; give these only with a text.")
        return cls(article.id, _encode(article.text, article.id, article.published))


def _encode(text: str, id: str | None, published: dt.date | str | None) -> bytes:
    day = dt.date.isoformat(published) if isinstance(published, dt.date) else published  # of a datetime, too, the day
    members = {"text": text, "id": id, "published": day}
    content = {name: value for name, value in members.items() if value is not None}
    try:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a surrogate pair: escaped, it is refused alone and not with all it travels with
        return json.dumps(content, separators=(",", ":")).encode()


def outgoing(articles: Iterable[str | Article]) -> Iterator[Outgoing]:
    """Yield each of *articles* as it goes out; raises TypeError for a single text, which would be taken apart."""
    if isinstance(articles, str):
        raise TypeError("'articles' must be several texts or articles, such as a list; for one there is annotate().")
    return map(Outgoing.of, articles)


class Batcher:
    """Puts articles together that are sent together: at most *articles* of at most *size* bytes, or a single one."""

    def __init__(self, articles: int, size: int) -> None:
        if articles < 1:
            raise ValueError(f"A batch must have at least 1 article, not {articles}.")
        self._articles, self._limit = articles, size
        self._batch: list[Outgoing] = []
        self._size = 0

    def add(self, article: Outgoing) -> list[Outgoing]:
        """Take *article*, and return the batch before it where that is full, else nothing."""
        size = len(article.content) + 1  # a comma, or the end of a line
        if self._batch and (len(self._batch) >= self._articles or self._size + size > self._limit):
            full, self._batch, self._size = self._batch, [article], size
            return full
        self._batch.append(article)
        self._size += size
        return []

    def rest(self) -> list[Outgoing]:
        """Return what has not been returned."""
        rest, self._batch, self._size = self._batch, [], 0
        return rest


class Decoder(Protocol):
    """Turns an answer into JSON values while it arrives."""

    def feed(self, piece: bytes) -> Iterator[Any]:
        """Yield the values that *piece* completes."""

    def end(self) -> Iterator[Any]:
        """Yield those that the end completes."""


class ArrayDecoder:
    """Of an answer ``{"articles": […]}``: it is read whole."""

    def __init__(self) -> None:
        self._content = bytearray()

    def feed(self, piece: bytes) -> Iterator[Any]:
        self._content += piece
        yield from ()

    def end(self) -> Iterator[Any]:
        content = parse(self._content)
        articles = content.get("articles") if isinstance(content, dict) else None
        if not isinstance(articles, list):
            raise UnexpectedAnswerError(NOT_RAQAM.format("it has no array 'articles'"))
        yield from articles


class LineDecoder:
    r"""Of an answer in NDJSON. A line ends with ``\n`` alone: U+2028 and others that end lines elsewhere may be in one.

    >>> lines = LineDecoder()
    >>> list(lines.feed(b'{"id":"\xe2\x80\xa8"}\n[')), list(lines.feed(b"]")), list(lines.end())
    ([{'id': '\u2028'}], [], [[]])
    """

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, piece: bytes) -> Iterator[Any]:
        self._rest += piece
        if b"\n" in piece:
            *lines, self._rest = self._rest.split(b"\n")
            yield from map(parse, lines)

    def end(self) -> Iterator[Any]:
        if self._rest:
            yield parse(self._rest)


@dataclass(frozen=True, slots=True)
class Form:
    """A way to send several articles, and to read what comes back."""

    media_type: str
    body: Callable[[Sequence[Outgoing]], bytes]
    decoder: Callable[[], Decoder]


ARRAY: Final = Form(
    "application/json",
    lambda articles: b'{"articles":[' + b",".join(article.content for article in articles) + b"]}",
    ArrayDecoder,
)
LINES: Final = Form(
    "application/x-ndjson",
    lambda articles: b"".join(article.content + b"\n" for article in articles),
    LineDecoder,
)


def parse(content: bytes | bytearray) -> Any:
    """Return the JSON value of *content*; raises :class:`UnexpectedAnswerError`."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswerError(NOT_RAQAM.format("it is not JSON")) from error


def read_result(content: Any, article: Outgoing) -> Result:
    """Return what came back for *article*: a record, or why there is none."""
    error = content.get("error") if isinstance(content, dict) else None
    return read_record(content) if error is None else Refused(article.id, Problem.read(error, 500))


def read_record(content: Any) -> Record:
    """Return the record in the JSON value *content*; members that this version does not know are passed over."""
    with _expected():
        spans = tuple(
            Span(each["start"], each["end"], each["label"], each["text"], each["score"], each["value"])
            for each in content["spans"]
        )
        facts = tuple(Fact(each["indicator"], each["figure"]) for each in content["facts"])
        return Record(content["id"], content["model"], spans, facts)


def read_model(content: Any) -> Model:
    """Return the model in the JSON value *content*."""
    with _expected():
        labels = tuple(Label(each["code"], each["name"], each["meaning"], each["figure"]) for each in content["labels"])
        name, version, sha256, created = (content[member] for member in ("name", "version", "sha256", "created"))
        return Model(name, version, sha256, created, labels, content["scores"])


@contextmanager
def _expected() -> Iterator[None]:
    try:
        yield
    except (TypeError, KeyError) as error:
        raise UnexpectedAnswerError(NOT_RAQAM.format("its members are not those of a record or a model")) from error
