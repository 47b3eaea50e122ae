"""Gold articles: read them from ``annotations/gold`` or from rows of JSON lines, refuse what is wrong, underlined.

A gold file is a record of :mod:`raqam.records` with its text and without model and scores. Offsets are half-open,
in code points of the text; spans are flat, in order, and a fact names its two spans by index.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

from raqam.errors import InputError
from raqam.labels import CODES, FIGURES
from raqam.records import Fact, check_published, check_text
from training.gold_values import value_problems, value_string
from training.problems import GoldError, Problem, underline

__all__ = [
    "GoldArticle",
    "GoldError",
    "GoldSpan",
    "Problem",
    "load_json",
    "problems_of",
    "read_folder",
    "read_gold",
    "read_jsonl",
    "underline",
    "value_string",
    "write_scoring_jsonl",
]

_ARTICLE_KEYS: Final = frozenset({"id", "text", "spans", "facts"})
_SPAN_KEYS: Final = frozenset({"start", "end", "label", "text", "value"})
_ROW_SPAN_KEYS: Final = frozenset({"start", "end", "label"})


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A gold span; ``value`` is a value object, or the string form of one where the source has only that."""

    start: int
    end: int
    label: str
    value: Mapping[str, Any] | str | None = None


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An article with the spans it should get, in order of ``start``, and the facts among them."""

    id: str
    text: str
    spans: tuple[GoldSpan, ...]
    facts: tuple[Fact, ...] = ()
    published: dt.date | None = None


def read_folder(folder: Path) -> list[GoldArticle]:
    """The articles of ``*.json`` in *folder*, by file name. Raises :class:`GoldError` where one is wrong."""
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise GoldError([Problem(str(folder), "there are no gold articles (*.json) here")])
    return [read_gold(path) for path in paths]


def read_gold(path: Path, *, complete: bool = True) -> GoldArticle:
    """The gold article of one JSON file. Raises :class:`GoldError` with every problem of the file.

    Unless it must be *complete*, a figure may be without a value, and an indicator without a fact.
    """
    row = load_json(path)
    _refuse(problems_of(row, str(path), complete=complete))
    spans = tuple(GoldSpan(span["start"], span["end"], span["label"], span["value"]) for span in row["spans"])
    facts = tuple(Fact(fact["indicator"], fact["figure"]) for fact in row["facts"])
    return GoldArticle(row["id"], row["text"], spans, facts, check_published(row.get("published")))


def read_jsonl(path: Path) -> list[GoldArticle]:
    """The articles of a JSON lines file of ``{"id", "text", "spans": [{"start", "end", "label", "value"?, "link"?}]}``.

    Values stay the strings they are there; an indicator and the figures with its ``link`` become facts. Raises
    :class:`GoldError` with every problem of the first row that has any.
    """
    articles = []
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if line.strip():
            articles.append(_row_article(_parse(line, f"{path}:{number}"), f"{path}:{number}"))
    return articles


def write_scoring_jsonl(articles: Sequence[GoldArticle], path: Path) -> None:
    """Write one object an article: id, text, spans with values in their string form, facts; for scoring scripts."""
    with path.open("w", encoding="utf-8", newline="\n") as lines:
        for article in articles:
            spans = [_scoring_span(span) for span in article.spans]
            facts = [fact.to_dict() for fact in article.facts]
            row = {"id": article.id, "text": article.text, "spans": spans, "facts": facts}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def _scoring_span(span: GoldSpan) -> dict[str, Any]:
    plain = {"start": span.start, "end": span.end, "label": span.label}
    value = value_string(span.value)
    return plain if value is None else {**plain, "value": value}


def load_json(path: Path) -> Any:
    """What the JSON file says. Raises :class:`GoldError` when it cannot be read as UTF-8 JSON."""
    return _parse(_read(path), str(path))


def problems_of(row: object, source: str, *, complete: bool = True) -> list[Problem]:
    """Everything wrong with *row* as a gold article, or as one that need not be *complete*.

    *source* is the name the problems give.
    """
    return list(_article_problems(row, source, complete))


def _article_problems(row: object, source: str, complete: bool) -> Iterator[Problem]:
    shape = list(_shape_problems(row, _ARTICLE_KEYS, {"published"}))
    if shape or not isinstance(row, dict):
        yield from (Problem(source, f"the article {message}") for message in shape)
        return
    head = list(_head_problems(row, source))
    yield from head
    if head:
        return
    spans = list(_span_problems(row, source, _SPAN_KEYS, frozenset(), _check_gold if complete else _check_given))
    yield from spans
    if not any(problem.excerpt == "" for problem in spans):
        yield from _fact_problems(row, source, complete)


def _head_problems(row: Mapping[str, Any], source: str) -> Iterator[Problem]:
    """Problems of id, text and published, and of spans and facts that are not lists."""
    if not isinstance(row["id"], str) or not row["id"]:
        yield Problem(source, f"id must be a string, not {row['id']!r}")
    for check, value in ((check_text, row["text"]), (check_published, row.get("published"))):
        try:
            check(value)
        except InputError as error:
            yield Problem(source, str(error))
    for name in ("spans", "facts"):
        if not isinstance(row.get(name, []), list):
            yield Problem(source, f"{name} must be an array")


def _shape_problems(thing: object, required: frozenset[str], optional: set[str] | frozenset[str]) -> Iterator[str]:
    if not isinstance(thing, dict):
        yield f"must be an object, not {type(thing).__name__}"
        return
    if missing := sorted(required - thing.keys()):
        yield f"lacks {', '.join(missing)}"
    if extra := sorted(thing.keys() - required - optional):
        yield f"has unknown fields: {', '.join(extra)}"


def _span_problems(
    row: Mapping[str, Any],
    source: str,
    required: frozenset[str],
    optional: frozenset[str],
    check: Callable[[str, Mapping[str, Any]], Iterator[str]],
) -> Iterator[Problem]:
    """Problems of every span; one without an excerpt says that the span has no usable place."""
    text, reached = row["text"], 0
    for index, span in enumerate(row["spans"]):
        shape = list(_shape_problems(span, required, optional)) or list(_place_problems(text, span))
        yield from (Problem(source, f"span {index} {message}") for message in shape)
        if shape:
            continue
        start, end, label = span["start"], span["end"], span["label"]
        name = f"span {index} ({label}, {start} to {end})"
        messages = [*_label_problems(text, span, reached), *check(text, span)]
        yield from (Problem(source, f"{name}: {message}", underline(text, start, end)) for message in messages)
        reached = max(reached, end)


def _place_problems(text: str, span: Mapping[str, Any]) -> Iterator[str]:
    """What keeps the span from being shown at all: a label or offsets of the wrong type, or outside the text."""
    start, end = span["start"], span["end"]
    if not isinstance(span["label"], str):
        yield f"has label {span['label']!r}: it must be a string"
    elif type(start) is not int or type(end) is not int:
        yield f"has start {start!r} and end {end!r}: both must be integers"
    elif not 0 <= start < end <= len(text):
        yield f"goes from {start} to {end}: outside the text, which has {len(text)} characters, or empty"


def _label_problems(text: str, span: Mapping[str, Any], reached: int) -> Iterator[str]:
    surface = text[span["start"] : span["end"]]
    if span["label"] not in CODES:
        yield f"label {span['label']!r} is not one of {', '.join(CODES)}"
    if surface != surface.strip():
        yield "there is white space at an edge"
    if span["start"] < reached:
        yield f"it starts before {reached}, where the spans above it end; spans are flat and in order"


def _check_gold(text: str, span: Mapping[str, Any]) -> Iterator[str]:
    yield from _check_surface(text, span)
    yield from value_problems(span["label"], span["value"])


def _check_given(text: str, span: Mapping[str, Any]) -> Iterator[str]:
    yield from _check_surface(text, span)
    if span["value"] is not None:
        yield from value_problems(span["label"], span["value"])


def _check_surface(text: str, span: Mapping[str, Any]) -> Iterator[str]:
    if span["text"] != text[span["start"] : span["end"]]:
        yield f"text «{span['text']}» does not match the article"


def _check_row(text: str, span: Mapping[str, Any]) -> Iterator[str]:
    del text
    if not isinstance(span.get("value", ""), str):
        yield f"value must be a string, not {span['value']!r}"
    if type(span.get("link", 0)) is not int:
        yield f"link must be an integer, not {span['link']!r}"


def _fact_problems(row: Mapping[str, Any], source: str, complete: bool) -> Iterator[Problem]:
    seen: set[tuple[int, int]] = set()
    for number, fact in enumerate(row["facts"]):
        message = next(_shape_problems(fact, frozenset({"indicator", "figure"}), frozenset()), None)
        message = message or _pair_problem(row["spans"], fact["indicator"], fact["figure"], seen)
        if message:
            yield Problem(source, f"fact {number} {message}")
    for index, span in enumerate(row["spans"] if complete else ()):
        if span["label"] == "IND" and all(index != indicator for indicator, _ in seen):
            excerpt = underline(row["text"], span["start"], span["end"])
            yield Problem(source, f"span {index} (IND): no fact says which figure measures it", excerpt)


def _pair_problem(
    spans: Sequence[Mapping[str, Any]], indicator: object, figure: object, seen: set[tuple[int, int]]
) -> str | None:
    """What is wrong with one fact, or None; a good one is added to *seen*."""
    for name, index, allowed in (("indicator", indicator, {"IND"}), ("figure", figure, FIGURES)):
        if type(index) is not int or not 0 <= index < len(spans):
            return f"has {name} {index!r}: it must be the index of a span, 0 to {len(spans) - 1}"
        if spans[index]["label"] not in allowed:
            return f"has {name} {index}, a {spans[index]['label']} span; it must be {', '.join(sorted(allowed))}"
    assert isinstance(indicator, int)
    assert isinstance(figure, int)
    if (indicator, figure) in seen:
        return f"repeats indicator {indicator} and figure {figure}"
    seen.add((indicator, figure))
    return None


def _row_article(row: Any, source: str) -> GoldArticle:
    """The article of one row of JSON lines, or :class:`GoldError`."""
    shape = list(_shape_problems(row, frozenset({"id", "text", "spans"}), {"published"}))
    _refuse([Problem(source, f"the article {message}") for message in shape])
    _refuse(list(_head_problems(row, source)))
    _refuse(list(_span_problems(row, source, _ROW_SPAN_KEYS, frozenset({"value", "link"}), _check_row)))
    spans = tuple(GoldSpan(span["start"], span["end"], span["label"], span.get("value")) for span in row["spans"])
    return GoldArticle(row["id"], row["text"], spans, _linked(row["spans"]), check_published(row.get("published")))


def _linked(spans: Sequence[Mapping[str, Any]]) -> tuple[Fact, ...]:
    """The facts that equal links state, in order of the indicator."""
    indicators = [(i, span["link"]) for i, span in enumerate(spans) if span["label"] == "IND" and "link" in span]
    figures = [(i, span["link"]) for i, span in enumerate(spans) if span["label"] in FIGURES and "link" in span]
    return tuple(Fact(i, k) for (i, link), (k, other) in product(indicators, figures) if link == other)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise GoldError(problems)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise GoldError([Problem(str(path), f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise GoldError([Problem(str(path), f"is not UTF-8 at byte {error.start}")]) from None


def _parse(text: str, source: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise GoldError([Problem(source, message, underline(text, error.pos, error.pos + 1) if text else "")]) from None
