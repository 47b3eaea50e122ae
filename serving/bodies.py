"""From the bytes of a request to articles, and to a refusal at the place of each article that is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NoReturn

from raqam import Article, InputError
from raqam.records import check_text
from serving.problems import Problem, ProblemError, problem_of, shown
from serving.schemas import ArticleIn, ArticlesIn
from serving.settings import Settings

JSON_TYPE: Final = "application/json"
NDJSON_TYPE: Final = "application/x-ndjson"
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([^\s;"']+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An article that is not annotated: the id it came with, where that is usable, and why."""

    id: str | None
    problem: Problem

    def to_dict(self) -> dict[str, Any]:
        """The refusal as the JSON object that stands in the place of a record."""
        return {"id": self.id, "error": self.problem.to_dict()}


Item = Article | Refusal


def media_type(header: str) -> str:
    """Return the type of body that a Content-Type *header* announces, or raise a problem if it is not supported.

    >>> media_type("application/json; charset=UTF-8")
    'application/json'
    """
    found = header.partition(";")[0].strip().lower()
    if found not in (JSON_TYPE, NDJSON_TYPE):
        received = shown(header) if header else "none"
        _refuse("unsupported-media-type", f"The Content-Type must be {JSON_TYPE} or {NDJSON_TYPE}, not {received}.")
    charset = _CHARSET.search(header)
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        _refuse("unsupported-media-type", f"The charset of the body must be utf-8, not {shown(charset[1])}.")
    return found


def announced_bytes(headers: Mapping[str, str]) -> int:
    """The bytes of a body, where *headers* announce them, else 0; chunks, which win, have no length."""
    length = headers.get("content-length", "")
    known = "transfer-encoding" not in headers and length.isascii() and length.isdigit() and len(length) < 20
    return int(length) if known else 0


def read_json(body: bytes, settings: Settings) -> Article | list[Item]:
    """Return the one article of a JSON *body*, or the list of a body with ``articles``.

    Raises for a body that is wrong as a whole; an article of the list that is wrong is a :class:`Refusal`.
    """
    content = parse(body)
    if not isinstance(content, dict):
        _refuse("wrong-type", 'The body must be an object: {"text": …} or {"articles": […]}.')
    if "articles" not in content:
        return read_article(content, settings)
    _check_names(content, ArticlesIn)
    articles = content["articles"]
    if not isinstance(articles, list):
        _refuse("wrong-type", "'articles' must be an array.", "articles")
    _check_number(len(articles), settings)
    return [_located(_item(value, settings), f"articles[{at}]") for at, value in enumerate(articles)]


def read_lines(lines: Sequence[bytes | None], settings: Settings, first: int = 1) -> list[Item]:
    """Return what is on each of *lines*, the first of which has the number *first*; None is a line that was too long.

    A blank line too is a line, and a refusal.
    """
    return [_numbered(_line(line, settings), at) for at, line in enumerate(lines, start=first)]


def parse(body: bytes) -> Any:
    """Return the value of the JSON text *body*, or raise a problem that says where it is not UTF-8 or not JSON."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        _refuse("invalid-utf8", f"Byte {error.start} (0x{body[error.start]:02x}) is not valid UTF-8.")
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in error.doc else ""
        _refuse("invalid-json", f"Not valid JSON at {line}column {error.colno}: {error.msg}.")
    except RecursionError as error:
        raise ProblemError(problem_of(error)) from None
    except ValueError:  # Python refuses to convert integers of thousands of digits
        _refuse("invalid-json", "A number in the body has too many digits.")


def _refuse_constant(name: str) -> NoReturn:
    _refuse("invalid-json", f"{name} is not a JSON number.")


def _line(line: bytes | None, settings: Settings) -> Item:
    try:
        if line is None:
            raise ProblemError(too_large(settings.max_body_bytes, "line"))
        if not line.strip():
            _refuse("invalid-json", "The line is blank; an article must be on every line.")
        return _item(parse(line), settings)
    except ProblemError as error:
        return Refusal(None, error.problem)


def _item(value: object, settings: Settings) -> Item:
    """An article of several: what is wrong with it stays with it."""
    try:
        return read_article(value, settings)
    except ProblemError as error:
        return Refusal(_usable_id(value), error.problem)


def read_article(value: object, settings: Settings) -> Article:
    """Return the article that *value*, of a body in JSON, is, or raise a problem that says what is wrong with it."""
    if not isinstance(value, dict):
        _refuse("wrong-type", 'An article must be an object such as {"text": "…"}.')
    if "text" not in value:
        _refuse("missing-field", "'text' is missing.", "text")
    _check_names(value, ArticleIn)
    published = value.get("published")
    if published is not None and not isinstance(published, str):
        _refuse("wrong-type", "'published' must be a string such as 2025-09-25.", "published")
    try:
        check_text(value["text"], settings.max_characters)
        return Article.checked(**value)
    except InputError as error:
        raise ProblemError(problem_of(error, limit=settings.max_characters)) from None


def _check_names(value: Mapping[str, object], model: type[ArticleIn] | type[ArticlesIn]) -> None:
    known = list(model.model_fields)
    for name in value:
        if name not in known:
            quoted = shown(name)
            _refuse("unknown-field", f"{quoted} is not a field here; there is {', '.join(known)}.", quoted[1:-1])


def _check_number(number: int, settings: Settings) -> None:
    limit = settings.max_articles
    if number > limit:
        problem = Problem("too-many-articles", f"{number:,} articles; the limit is {limit:,}.", "articles", limit)
        raise ProblemError(problem)


def _usable_id(value: object) -> str | None:
    """The id of an article that is otherwise wrong, if it can be sent back."""
    found = value.get("id") if isinstance(value, dict) else None
    try:
        return Article.checked("-", id=found).id
    except InputError:
        return None


def _located(item: Item, place: str) -> Item:
    if isinstance(item, Article):
        return item
    field = item.problem.field
    return replace(item, problem=replace(item.problem, field=place if field is None else f"{place}.{field}"))


def _numbered(item: Item, line: int) -> Item:
    return item if isinstance(item, Article) else replace(item, problem=replace(item.problem, line=line))


def _refuse(kind: str, detail: str, field: str | None = None) -> NoReturn:
    raise ProblemError(Problem(kind, detail, field))


def too_large(limit: int, what: str = "body") -> Problem:
    """The problem of a body, or a line of one, of more than *limit* bytes."""
    advice = "send several requests" if what == "body" else "an article has a line of its own"
    detail = f"The {what} has more than {limit:,} bytes, which is the limit; {advice}."
    return Problem("body-too-large", detail, limit=limit)


def encode(content: Mapping[str, Any]) -> bytes:
    """Return *content* as JSON without needless spaces, in UTF-8 that is not escaped."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def chunks(items: Sequence[Item], articles: int = 32, characters: int = 50_000) -> list[list[Item]]:
    """Cut *items* into consecutive chunks that each hold a bounded amount of text, unless one article is longer.

    >>> [len(chunk) for chunk in chunks([Article("." * 30_000)] * 3 + [Article("!")])]
    [1, 1, 2]
    """
    result: list[list[Item]] = []
    room = 0
    for item in items:
        size = len(item.text) if isinstance(item, Article) else 0
        if not result or size > room or len(result[-1]) >= articles:
            result.append([])
            room = characters
        result[-1].append(item)
        room -= size
    return result
