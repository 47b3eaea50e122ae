"""From the bodies of corrections to what is kept; what is wrong with one is a problem that names the place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NoReturn

from pydantic import BaseModel

from raqam import Article, Fact, Span
from raqam.figures import read_values
from raqam.figures.objects import value_problems
from raqam.labels import CODES, FIGURES
from raqam.text import normalize
from serving.bodies import parse, read_article
from serving.corrections.linking import relink
from serving.corrections.rows import Stored
from serving.corrections.schemas import MAX_ID, MAX_SPANS, MAX_WHO, AnnotationIn, CompareIn, FactIn, KeptIn, SpanIn
from serving.corrections.store import MODEL
from serving.offsets import Unit, codepoint_offsets
from serving.problems import TOO_DEEP, Problem, ProblemError, shown
from serving.settings import Settings

#: Who makes a correction that names nobody, on a service without keys.
NOBODY: Final = "anonymous"


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction as it was sent, checked: spans in order, in code points; *who* is None where it does not say."""

    spans: tuple[Span, ...]
    facts: tuple[Fact, ...]
    who: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A text to compare models on, and the kept article it is of, if it is one."""

    article: Article
    key: str | None


def read_kept(body: bytes, settings: Settings) -> Article:
    """The article of the body of ``POST /articles``."""
    content = _object(body, KeptIn)
    article = read_article(content, settings)
    if article.id is not None and len(article.id) > MAX_ID:
        _too_long("id", len(article.id), MAX_ID)
    return article


def read_question(body: bytes, settings: Settings) -> Question:
    """The text of the body of ``POST /compare``."""
    content = _object(body, CompareIn)
    key = content.pop("article", None)
    if key is not None and not isinstance(key, str):
        _refuse("wrong-type", "'article' must be the key of a kept article.", "article")
    return Question(read_article(content, settings), key)


def read_correction(body: bytes, stored: Stored, unit: Unit) -> Correction:
    """The correction of the body of ``PUT /articles/KEY/annotation``, with the values and facts it leaves out."""
    try:
        content = _object(body, AnnotationIn)
        _check_unicode(content)
        rows = _array(content, "spans")
        if len(rows) > MAX_SPANS:
            detail = f"There are {len(rows):,} spans; the limit is {MAX_SPANS:,}."
            raise ProblemError(Problem("wrong-span", detail, "spans", MAX_SPANS))
        drawn = _spans(rows, stored.text, unit)
    except RecursionError:
        raise ProblemError(TOO_DEEP) from None
    article = Article.checked(stored.text, published=stored.published)
    order = sorted(range(len(drawn)), key=lambda at: drawn[at].start)
    _check_apart(drawn, order)
    spans = _valued(article, [drawn[at] for at in order], [rows[at] for at in order], stored)
    if content.get("facts") is None:
        facts = relink(article.text, spans, stored)
    else:
        facts = _facts(_array(content, "facts"), spans, {old: new for new, old in enumerate(order)})
    return Correction(tuple(spans), facts, _who(content.get("who")))


def _object(body: bytes, model: type[BaseModel]) -> dict[str, Any]:
    """The object of *body*, whose names are those of *model*."""
    content = parse(body)
    _check_names(content, model, "")
    return dict(content)


def _check_unicode(content: Mapping[str, Any]) -> None:
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        _refuse("invalid-unicode", "A string in the body holds a lone surrogate; send valid Unicode text.")


def _check_names(value: object, model: type[BaseModel], place: str) -> None:
    """Refuse what is no object, has a field that *model* has not, or lacks one."""
    if not isinstance(value, dict):
        what = f"'{place}'" if place else "The body"
        _refuse("wrong-type", f"{what} must be an object.", place or None)
    within = f"{place}." if place else ""
    for name in value:
        if name not in model.model_fields:
            quoted = shown(name)
            known = ", ".join(model.model_fields)
            _refuse("unknown-field", f"{quoted} is not a field here; there is {known}.", within + quoted[1:-1])
    for name, field in model.model_fields.items():
        if field.is_required() and name not in value:
            _refuse("missing-field", f"'{within}{name}' is missing.", within + name)


def _array(content: Mapping[str, Any], name: str) -> list[Any]:
    found = content[name]
    if not isinstance(found, list):
        _refuse("wrong-type", f"'{name}' must be an array.", name)
    return found


def _spans(rows: Sequence[Any], text: str, unit: Unit) -> list[Span]:
    """The spans of *rows*, in their order, without values."""
    convert = codepoint_offsets(text) if unit == "utf16" else None
    return [_span(row, text, convert, f"spans[{at}]") for at, row in enumerate(rows)]


def _span(row: Any, text: str, convert: Any, place: str) -> Span:
    _check_names(row, SpanIn, place)
    start, end = (_offset(row[name], convert, f"{place}.{name}") for name in ("start", "end"))
    if row["label"] not in CODES:
        _refuse("wrong-span", f"The label must be one of {', '.join(CODES)}.", f"{place}.label")
    if not 0 <= start < end <= len(text):
        _refuse("wrong-span", "The span must begin before it ends, and lie inside the text.", place)
    surface = text[start:end]
    if surface != surface.strip():
        _refuse("wrong-span", "The span has white space at an edge; leave it out.", place)
    if "text" in row and row["text"] != surface:
        _refuse("wrong-span", "The text of the span is not what stands there: are the offsets in the unit that was "
                "asked for?", f"{place}.text")  # fmt: skip
    return Span(start, end, row["label"], surface, 1.0)


def _offset(value: Any, convert: Any, place: str) -> int:
    if type(value) is not int:
        _refuse("wrong-type", f"'{place}' must be a whole number.", place)
    if convert is None:
        return value
    found = convert(value)
    if found is None:
        _refuse("wrong-span", "The offset is outside the text, or inside a character of two UTF-16 units.", place)
    return int(found)


def _check_apart(spans: Sequence[Span], order: Sequence[int]) -> None:
    for before, after in pairwise(order):
        if spans[after].start < spans[before].end:
            _refuse("wrong-span", f"The span overlaps spans[{before}].", f"spans[{after}]")


def _valued(article: Article, spans: list[Span], rows: Sequence[Any], stored: Stored) -> list[Span]:
    """*spans* with the values of *rows*, or where a row has none those read from the words, and with their scores."""
    read = read_values(normalize(article.text), spans, article.published)
    scores = {(span["start"], span["end"], span["label"]): span["score"] for span in stored.revision.annotation.spans}
    found = []
    for at, (span, row) in enumerate(zip(read, rows, strict=True)):
        value = span.value
        if "value" in row:
            value = row["value"]
            _check_value(span, value, f"spans[{at}].value")
        score = scores.get((span.start, span.end, span.label), 1.0)
        found.append(Span(span.start, span.end, span.label, span.text, score, value))
    return found


def _check_value(span: Span, value: Any, place: str) -> None:
    if value is not None and (problem := next(value_problems(span.label, value), None)):
        _refuse("wrong-value", f"{problem[0].upper()}{problem[1:]}.", place)


def _facts(rows: Sequence[Any], spans: Sequence[Span], moved: Mapping[int, int]) -> tuple[Fact, ...]:
    """The facts of *rows*, whose indexes go to where the spans were *moved*."""
    found: dict[Fact, None] = {}
    for at, row in enumerate(rows):
        place = f"facts[{at}]"
        _check_names(row, FactIn, place)
        fact = Fact(
            _index(row["indicator"], moved, f"{place}.indicator"), _index(row["figure"], moved, f"{place}.figure")
        )
        if spans[fact.indicator].label != "IND":
            _refuse("wrong-fact", "The indicator of a fact must be a span with the label IND.", f"{place}.indicator")
        if spans[fact.figure].label not in FIGURES:
            known = ", ".join(code for code in CODES if code in FIGURES)
            _refuse("wrong-fact", f"The figure of a fact must be a span labelled {known}.", f"{place}.figure")
        if fact in found:
            _refuse("wrong-fact", "The fact is there twice.", place)
        found[fact] = None
    return tuple(found)


def _index(value: Any, moved: Mapping[int, int], place: str) -> int:
    if type(value) is not int:
        _refuse("wrong-type", f"'{place}' must be a whole number.", place)
    if value not in moved:
        _refuse("wrong-fact", f"There is no span with this index; there are {len(moved)}.", place)
    return moved[value]


def _who(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        _refuse("wrong-type", "'who' must be a string.", "who")
    if value is not None and len(value) > MAX_WHO:
        _too_long("who", len(value), MAX_WHO)
    name = " ".join((value or "").split())
    if name == MODEL:
        _refuse("wrong-name", "'model' is who makes the first revision; give another name.", "who")
    return name or None


def _too_long(name: str, length: int, limit: int) -> NoReturn:
    detail = f"'{name}' has {length:,} characters; the limit is {limit:,}."
    raise ProblemError(Problem("too-long", detail, name, limit))


def _refuse(kind: str, detail: str, field: str | None = None) -> NoReturn:
    raise ProblemError(Problem(kind, detail, field))
