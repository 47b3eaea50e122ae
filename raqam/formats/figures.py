"""Figures as rows of a table: each with the place, the indicator and the sentence it belongs to."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from raqam.formats.kinds import Annotated
from raqam.formats.sentences import sentences
from raqam.labels import FIGURES
from raqam.records import Span


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. Numbers are exact decimal strings; what an article does not say is None.

    ``unit`` is the currency of money, the unit of a quantity, ``%`` of a percentage, and what a count counts.
    """

    article: str | None
    date: dt.date | None
    place: str | None
    place_code: str | None
    indicator: str | None
    label: str
    kind: str | None
    value: str | None
    unit: str | None
    low: str | None
    high: str | None
    bound: str | None
    irr: str | None
    irr_low: str | None
    irr_high: str | None
    text: str
    sentence: str
    start: int
    end: int
    score: float


COLUMNS: Final = tuple(field.name for field in fields(Figure))

#: The columns of exact numbers.
NUMBERS: Final = frozenset({"value", "low", "high", "irr", "irr_low", "irr_high"})


def figures(item: Annotated) -> Iterator[Figure]:
    """The figures of *item*, in the order of the article."""
    record, article = item.record, item.article
    found = [index for index, span in enumerate(record.spans) if span.label in FIGURES]
    if not found:
        return
    cut = sentences(article.text, record.spans)
    places = [span for span in record.spans if span.label == "LOC"]
    for index in found:
        span = record.spans[index]
        start, end = cut[bisect_right(cut, span.start, key=lambda sentence: sentence[0]) - 1]
        place = _place(span, [each for each in places if start <= each.start < end], places)
        indicators = [record.spans[fact.indicator].text for fact in record.facts if fact.figure == index]
        yield Figure(
            article=record.id,
            date=article.published,
            place=place.text if place else None,
            place_code=_code(place),
            indicator="، ".join(indicators) or None,
            label=span.label,
            text=span.text,
            sentence=article.text[start:end].strip(),
            start=span.start,
            end=span.end,
            score=round(span.score, 3),
            **_value(span.value or {}),
        )


def _place(figure: Span, near: Sequence[Span], places: Sequence[Span]) -> Span | None:
    """The place that *figure* is most likely told of.

    The nearest one of its sentence (of two as near, the one before it); where the sentence names none, the first one of
    the article, which news of a province name in their first line.
    """
    if near:
        return min(near, key=lambda place: max(place.start - figure.end, figure.start - place.end))
    return places[0] if places else None


def _code(place: Span | None) -> str | None:
    """The ISO 3166-2 code of *place*, else the ISO 3166-1 code of its country."""
    value = place.value if place else None
    return None if value is None else value.get("province") or value.get("country")


def _value(value: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a value of any kind."""
    irr = value.get("irr")
    rials = irr if isinstance(irr, Mapping) else {}
    percent = "%" if value.get("kind") == "percent" else None
    return {
        "kind": value.get("kind"),
        "value": value.get("number"),
        "unit": value.get("currency") or value.get("unit") or value.get("of") or percent,
        "low": value.get("low"),
        "high": value.get("high"),
        "bound": value.get("bound"),
        "irr": None if rials else irr,
        "irr_low": rials.get("low"),
        "irr_high": rials.get("high"),
    }
