"""From what a file says of an article to its spans: offsets in code points, quotes verified, labels known, apart."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final, Literal

from raqam.errors import InputError
from raqam.facts import link
from raqam.figures import read_values
from raqam.figures.objects import value_problems
from raqam.formats.kinds import Annotated
from raqam.labels import CODES, FIGURES
from raqam.records import Article, Fact, Record, Span
from raqam.text import normalize

#: Who the spans are of: a person, a model, or nobody, where the file has none.
Author = Literal["person", "model", "nobody"]

#: The model of spans that a file names none for.
UNNAMED: Final = "imported"

#: In the place of a value that the file says nothing of.
ABSENT: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Read(Annotated):
    """An annotated article of a file. What the file does not carry is to be told apart from what it says is not there.

    ``unvalued`` are the indexes of spans whose value the file says nothing of; ``linked`` is false where it says
    nothing of facts. ``who`` is the name that it gives whoever drew the spans.
    """

    place: str
    author: Author = "person"
    who: str | None = None
    unvalued: frozenset[int] = frozenset()
    linked: bool = True


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something of a file that is no annotated article: where it stands there, and why, in a sentence."""

    place: str
    message: str


class RefusedError(Exception):
    """What is wrong with an article of a file, or with the file: a sentence without the article's text."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A span as a file has it. *quote* is the text that the file says stands there, if it does."""

    start: Any
    end: Any
    label: Any
    quote: str | None = None
    score: Any = 1.0
    value: Any = field(default_factory=lambda: ABSENT)


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as a file has it, nothing checked. ``facts`` are pairs (indicator, figure) of indexes into ``spans``.

    Where it is ``lenient``, facts between spans that are no indicator and figure are left out instead of refused.
    """

    text: Any
    spans: Sequence[Drawn]
    id: Any = None
    published: Any = None
    model: Any = None
    facts: Sequence[tuple[Any, Any]] | None = None
    author: Author = "person"
    who: str | None = None
    lenient: bool = False


def assemble(draft: Draft, place: str) -> Read:
    """The article of *draft*, which stands at *place*; raises :class:`RefusedError`.

    Offsets are code points, or UTF-16 units where only these give what the spans quote. White space at the edges of a
    span is left out. A span that is there twice counts once; others that overlap are refused.
    """
    article = _article(draft)
    ranges = _ranges(article.text, draft.spans)
    order = sorted(range(len(ranges)), key=lambda at: ranges[at])
    spans: list[Span] = []
    unvalued: set[int] = set()
    moved: dict[int, int] = {}
    for at in order:
        drawn, (start, end) = draft.spans[at], ranges[at]
        if spans and (start, end, drawn.label) == (spans[-1].start, spans[-1].end, spans[-1].label):
            moved[at] = len(spans) - 1
            continue
        moved[at] = len(spans)
        if drawn.value is ABSENT:
            unvalued.add(len(spans))
        spans.append(_span(article.text, drawn, at, start, end))
    _check_apart(spans)
    facts = None if draft.facts is None else _facts(draft, spans, moved)
    model = draft.model if isinstance(draft.model, str) and draft.model else UNNAMED
    record = Record(article.id, model, tuple(spans), facts or ())
    if clean(content := json.dumps(record.to_dict(), ensure_ascii=False)) != content:
        raise RefusedError("A string of it holds a lone surrogate.")
    return Read(article, record, clean(place), draft.author, draft.who, frozenset(unvalued), facts is not None)


def complete(item: Read) -> Annotated:
    """*item*, with the values and facts that its file says nothing of read from its words."""
    spans: Sequence[Span] = item.record.spans
    if item.unvalued:
        read = read_values(normalize(item.article.text), spans, item.article.published)
        both = enumerate(zip(spans, read, strict=True))
        spans = [found if at in item.unvalued else span for at, (span, found) in both]
    facts = item.record.facts if item.linked else link(item.article.text, spans)
    return Annotated(item.article, replace(item.record, spans=tuple(spans), facts=facts))


def known_value(label: Any, value: Any) -> Any:
    """*value* if it can be that of a span with *label*, else :data:`ABSENT`: a note may say anything."""
    valid = label in CODES and (value is None or next(value_problems(label, value), None) is None)
    return value if valid else ABSENT


def clean(name: str) -> str:
    """*name* without lone surrogates, which no file may have."""
    return name.encode("utf-8", "replace").decode()


def shown(name: Any) -> str:
    """A name of a file, short, for a sentence.

    >>> shown("LOCATION"), shown("x" * 50)
    ("'LOCATION'", "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'")
    """
    name = name if isinstance(name, str) else str(name)
    return repr(name if len(name) <= 40 else f"{name[:40]}…")


def _article(draft: Draft) -> Article:
    try:
        return Article.checked(draft.text, id=draft.id, published=draft.published)
    except InputError as error:
        raise RefusedError(str(error)) from None


def _ranges(text: str, spans: Sequence[Drawn]) -> list[tuple[int, int]]:
    """The edges of *spans* in code points, without white space inside them."""
    for at, drawn in enumerate(spans):
        if type(drawn.start) is not int or type(drawn.end) is not int:
            raise RefusedError(f"Span {at} has no whole numbers as its start and end.")
        if not isinstance(drawn.label, str) or drawn.label not in CODES:
            raise RefusedError(f"Span {at} has the label {shown(drawn.label)}; the labels are {', '.join(CODES)}.")
    found: list[tuple[int, int]] = [(drawn.start, drawn.end) for drawn in spans]
    misfit = _misfit(text, spans, found)
    if misfit is not None:
        converted = _from_utf16(text, found)
        if converted is None or _misfit(text, spans, converted) is not None:
            raise RefusedError(_why(text, spans, misfit))
        found = converted
    return [_trimmed(text, at, start, end) for at, (start, end) in enumerate(found)]


def _misfit(text: str, spans: Sequence[Drawn], ranges: Sequence[tuple[int, int]]) -> int | None:
    """The first of *spans* that *ranges* gives another text than it quotes, or none."""
    for at, (drawn, (start, end)) in enumerate(zip(spans, ranges, strict=True)):
        inside = 0 <= start < end <= len(text)
        if not inside or (drawn.quote is not None and _words(text[start:end]) != _words(drawn.quote)):
            return at
    return None


def _why(text: str, spans: Sequence[Drawn], at: int) -> str:
    """Why the span *at* does not fit."""
    drawn = spans[at]
    where = f"Span {at} ({drawn.label}, {drawn.start} to {drawn.end})"
    if not 0 <= drawn.start < drawn.end:
        return f"{where} must begin before it ends."
    if drawn.quote is None or drawn.end > len(text) + sum(character > "\uffff" for character in text):
        return f"{where} does not lie inside the text, which has {len(text)} characters."
    return (
        f"{where} does not have the text that it quotes, whether offsets count code points or UTF-16 units; is it of "
        "another version of the text?"
    )


def _words(quote: str) -> str:
    """A quote to compare: tools write line ends in several ways, some as a backslash and an n."""
    return " ".join(quote.replace("\\n", "\n").split())


def _from_utf16(text: str, ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]] | None:
    """*ranges* from UTF-16 units to code points; None where that changes nothing, or one is inside a character."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return None
    points: dict[int, int] = {}
    unit = 0
    for at, character in enumerate(text):
        points[unit] = at
        unit += 2 if character > "\uffff" else 1
    points[unit] = len(text)
    found = [(points.get(start), points.get(end)) for start, end in ranges]
    pairs = [(start, end) for start, end in found if start is not None and end is not None]
    return pairs if len(pairs) == len(ranges) else None


def _trimmed(text: str, at: int, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    if not piece.strip():
        raise RefusedError(f"Span {at} holds nothing but white space.")
    start += len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())


def _span(text: str, drawn: Drawn, at: int, start: int, end: int) -> Span:
    value = None if drawn.value is ABSENT else drawn.value
    problem = None if value is None else next(value_problems(drawn.label, value), None)
    if problem is not None:
        raise RefusedError(f"The value of span {at} ({drawn.label}) is wrong: {problem.partition(', not ')[0]}.")
    return Span(start, end, drawn.label, text[start:end], _score(drawn.score), value)


def _score(score: Any) -> float:
    """The score of a span; 1, as of a person's, where the file has none that can be."""
    usable = isinstance(score, int | float) and not isinstance(score, bool) and math.isfinite(score) and 0 < score <= 1
    return float(score) if usable else 1.0


def _check_apart(spans: Sequence[Span]) -> None:
    for before, after in pairwise(spans):
        if after.start < before.end:
            raise RefusedError(
                f"The spans {before.label} ({before.start} to {before.end}) and {after.label} ({after.start} to "
                f"{after.end}) overlap; a character can be in one span."
            )


def _facts(draft: Draft, spans: Sequence[Span], moved: Mapping[int, int]) -> tuple[Fact, ...]:
    found: dict[Fact, None] = {}
    for number, (indicator, figure) in enumerate(draft.facts or ()):
        both = indicator in moved and figure in moved if are_whole(indicator, figure) else False
        fact = Fact(moved[indicator], moved[figure]) if both else None
        if fact is not None and spans[fact.indicator].label == "IND" and spans[fact.figure].label in FIGURES:
            found[fact] = None
        elif not draft.lenient:
            raise RefusedError(f"Fact {number} is not between an indicator (IND) and a figure.")
    return tuple(found)


def are_whole(*numbers: Any) -> bool:
    """Whether *numbers* are integers, and none a truth value."""
    return all(type(number) is int for number in numbers)
