"""Reading the values of an article's spans: every figure, date and place, each from its words and what is beside it."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from raqam.characters import LETTERS
from raqam.figures import currencies
from raqam.figures.bounds import read_bound
from raqam.figures.currencies import Currency, in_country
from raqam.figures.dates import read_date
from raqam.figures.digits import Style
from raqam.figures.edges import is_cut, is_negative
from raqam.figures.measures import read_count, read_quantity, read_rank, unit_of
from raqam.figures.money import TOMAN, currency_of, read_money
from raqam.figures.objects import CONTROL
from raqam.figures.phrases import Amount, Phrase, is_exact, parse, scaled_like
from raqam.figures.places import read_place
from raqam.figures.shares import is_share, read_share
from raqam.figures.units import in_context, read_unit
from raqam.figures.words import ENDINGS
from raqam.records import Span
from raqam.text import NormalizedText

#: Labels whose spans have a value unless they cannot be read. A place may have none.
VALUED: Final = ("MON", "PCT", "QTY", "CNT", "RNK", "DAT")

_FIGURES: Final = frozenset({"MON", "PCT", "QTY", "CNT", "RNK"})

#: Figures that may be negative.
_SIGNED: Final = frozenset({"MON", "PCT", "QTY"})

#: Characters of context on either side of a span.
_CONTEXT: Final = 60

#: Characters that two figures may stand apart which share a unit.
_REACH: Final = 60

_SENTENCE_END: Final = re.compile(r"[.!?؟؛](?:\s|$)|\n")
_SLASH: Final = re.compile(r"(?<![0-9/])([0-9]+)(\s?)/(\s?)([0-9]+)(?![0-9/])")
_LATIN: Final = re.compile("[0-9]")
_WHOLE_MONEY: Final = re.compile("تومان|تومن|ریال")
_TO_PERSIAN: Final = str.maketrans(LETTERS)

#: What may stand between two figures of which one leaves its scale to the other.
_CONNECTIVE: Final = re.compile(
    r"[\s،,«»\"'()-]*"
    r"(?:(?:و|به|تا|یا|الی|سپس|حتی|از|بین|بیش از|بالای|کمتر از|زیر|حدود|حداقل|حداکثر|نزدیک به)[\s،,]+){0,4}"
    r"[«\"'(]*"
)

_BEFORE_DATE: Final = re.compile(rf"{_CONNECTIVE.pattern}(?:در\s+)?")

#: Words near an index, whose figures are points.
_INDEX: Final = re.compile("شاخص|شامخ|بورس|نماگر|میانگین صنعتی")
_NUMBERED: Final = re.compile(r"عدد(?:\s(?:بالای|زیر|حدود))?\s\Z")

#: A number that hangs on its noun: «دوبخش».
_GLUED_COUNT: Final = re.compile(
    r"(?!(?:یک|سه|چهار|پنج)شنبه|دوچرخه|دولت|دوره|دوست|دوربین|دوران|دوباره|دوری|دوشنبه|یکسان|یکدیگر|یکپارچ|یکجا|سهمی|سهام"
    r"|چهارراه|چهارمحال|چهارچوب|پنجره|هفته)(یک|دو|سه|چهار|پنج|شش|هفت|هشت)(\w{3,})"
)

#: Names of currencies that mean another one in another country; a dollar is American wherever it is quoted.
_LOCAL: Final = frozenset({"IRR", "IQD", "GBP", "INR", "TRY", "AED"})
_ADJECTIVES: Final = ENDINGS | {""}


@dataclass(slots=True)
class _Figure:
    """A figure on its way to its value; ``start`` and ``end`` are in the normalized text.

    ``unit`` is what its own words count it in (a currency, a unit code, per cent, a noun), None where it names none.
    """

    index: int
    label: str
    start: int
    end: int
    phrase: Phrase
    unit: Any


class _Figures:
    """The figures of one label, in order, of which those that name a unit can be asked for by where they stand."""

    def __init__(self, figures: Iterable[_Figure]) -> None:
        self._named = [figure for figure in figures if figure.unit]
        self._starts = [figure.start for figure in self._named]
        self._ends = [figure.end for figure in self._named]

    def after(self, place: int) -> Iterator[_Figure]:
        """Those that begin at *place* or up to :data:`_REACH` behind it, the first one first."""
        for at in range(bisect_left(self._starts, place), len(self._named)):
            if self._starts[at] - place > _REACH:
                return
            yield self._named[at]

    def before(self, place: int) -> Iterator[_Figure]:
        """Those that end at *place* or up to :data:`_REACH` before it, the last one first."""
        for at in range(bisect_right(self._ends, place) - 1, -1, -1):
            if place - self._ends[at] > _REACH:
                return
            if self._ends[at] <= place:  # always, unless spans overlap
                yield self._named[at]

    def nearest(self, place: int) -> _Figure | None:
        """The one whose beginning is nearest to *place*; of two the first."""
        at = bisect_left(self._starts, place)
        earlier = bisect_left(self._starts, self._starts[at - 1]) if at else at
        return min(
            (self._named[each] for each in (earlier, at) if each < len(self._named)),
            key=lambda other: abs(other.start - place),
            default=None,
        )


def read_values(text: NormalizedText, spans: Sequence[Span], published: dt.date | None = None) -> list[Span]:
    """Return *spans* of *text* with their values: exact, or None where a phrase cannot be read.

    Relative dates are resolved against *published*. Nothing raises, whatever the spans are.

    >>> from raqam.text import normalize
    >>> text = "بیش از ۶۶۰۰ میلیارد تومان"
    >>> [span] = read_values(normalize(text), [Span(7, 25, "MON", text[7:25], 0.9)])
    >>> span.value["number"], span.value["currency"], span.value["bound"]
    ('6600000000000', 'IRT', 'more_than')
    """
    return _Reading(text, spans, published).read()


class _Reading:
    """The values of one article, where figures lend each other what they leave out."""

    def __init__(self, text: NormalizedText, spans: Sequence[Span], published: dt.date | None) -> None:
        self._normalized, self._text, self._published = text, text.text, published
        self._spans = spans
        self._ranges = [text.to_normalized(span.start, span.end) for span in spans]
        self._values: list[dict[str, Any] | None] = [None] * len(spans)

    def read(self) -> list[Span]:
        """The spans with their values."""
        for index, span in enumerate(self._spans):
            if span.label in {"DAT", "LOC"}:
                self._values[index] = self._beside(index, span.label)
        self._reversed = self._writes_reversed()
        self._country = self._subject()
        figures = [self._figure(index) for index, span in enumerate(self._spans) if span.label in _FIGURES]
        ordered = sorted(figures, key=lambda figure: (figure.start, figure.end))
        by_label = {label: _Figures(figure for figure in ordered if figure.label == label) for label in _FIGURES}
        money = [each for each in figures if each.label == "MON" and each.unit]
        self._named = {each.unit.code for each in money if " " in each.phrase.terms[-1].words}
        for figure in figures:
            self._values[figure.index] = self._value(figure, by_label[figure.label])
        return [replace(span, value=value) for span, value in zip(self._spans, self._values, strict=True)]

    def _beside(self, index: int, label: str) -> dict[str, Any] | None:
        """The value of a date or a place."""
        start, end = self._ranges[index]
        surface, before, after = self._text[start:end], self._before(start), self._after(end)
        if label == "DAT":
            return read_date(surface, before, after, self._published)
        return read_place(surface, before, after)

    def _before(self, start: int) -> str:
        return self._text[max(0, start - _CONTEXT) : start]

    def _after(self, end: int) -> str:
        return self._text[end : end + _CONTEXT]

    def _writes_reversed(self) -> bool | None:
        """Whether decimals with a slash stand back to front here, as a bare zero or a space shows; else None."""
        for (start, end), span in zip(self._ranges, self._spans, strict=True):
            match = _SLASH.search(self._text, start, end) if span.label in _FIGURES else None
            if match is None:
                continue
            if len(match[4]) == 3 and not match[4].strip("0"):  # «100/000 تومان» parts thousands
                continue
            if match[2] or match[3] or (not match[4].strip("0") and match[1].strip("0")):
                return True
            if not match[1].strip("0"):
                return False
        return None

    def _subject(self) -> str | None:
        """The country that the article is about, where it is not Iran."""
        found = Counter(value["country"] for value in self._values if value and value["kind"] == "place")
        country = max(found, key=found.__getitem__, default=None)
        return country if country and country != "IR" and found[country] > 1 and not found["IR"] else None

    def _figure(self, index: int) -> _Figure:
        span = self._spans[index]
        start, end = self._ranges[index]
        surface = self._text[start:end]
        style = self._style(span, surface)
        phrase = parse(surface, style)
        if span.label in _SIGNED and is_negative(self._text, start):
            phrase = parse(f"منفی {surface}", style)
        if span.label == "CNT" and not phrase.terms and (match := _GLUED_COUNT.match(surface)):
            phrase = parse(f"{match[1]} {surface[match.start(2) :]}", Style())
            terms = (replace(term, start=term.start - 1, end=term.end - 1) for term in phrase.terms)
            phrase = replace(phrase, terms=tuple(terms))  # offsets into what was written without the space
        figure = _Figure(index, span.label, start, end, phrase, self._unit(span.label, phrase))
        return figure if figure.unit or not phrase.terms else self._extended(figure, span)

    def _style(self, span: Span, surface: str) -> Style:
        """How *surface* writes numbers: in Latin digits decimals stand reversed, unless the article shows otherwise."""
        whole = span.label in {"CNT", "RNK"} or (span.label == "MON" and _WHOLE_MONEY.search(surface) is not None)
        decimals = span.label in {"CNT", "PCT"}
        if "/" not in surface:
            return Style(whole=whole, decimals=decimals)
        latin = _LATIN.search(self._normalized.original, span.start, span.end) is not None
        return Style(latin if self._reversed is None else self._reversed, whole, decimals)

    def _unit(self, label: str, phrase: Phrase) -> Any:
        if label == "MON":
            return currency_of(phrase)
        if label == "PCT":
            return "%" if is_share(phrase) else None
        if label == "QTY":
            return unit_of(phrase)
        return phrase.terms[-1].words if phrase.terms else None

    def _extended(self, figure: _Figure, span: Span) -> _Figure:
        """*figure* with the unit that directly follows it, where the span stopped short of it."""
        if figure.label not in {"MON", "PCT", "QTY"} or not self._text[figure.end : figure.end + 1].isspace():
            return figure
        following = self._ranges[figure.index + 1][0] if figure.index + 1 < len(self._ranges) else len(self._text)
        words = self._text[figure.end : min(following, figure.end + _CONTEXT)].split(maxsplit=4)[:4]
        for count in range(1, len(words) + 1):
            phrase = parse(f"{figure.phrase.text} {' '.join(words[:count])}", self._style(span, figure.phrase.text))
            unit = self._unit(figure.label, phrase)
            if unit and len(phrase.terms) == len(figure.phrase.terms):
                return replace(figure, phrase=phrase, unit=unit)
        return figure

    def _value(self, figure: _Figure, others: _Figures) -> dict[str, Any] | None:
        if not figure.phrase.terms:
            return None
        own = len(figure.phrase.text) <= figure.end - figure.start + 1  # no unit was taken from behind the span
        if own and is_cut(self._text, figure.start, figure.end, figure.phrase, self._free(figure.index)):
            return None
        value = _READERS[figure.label](self, figure, others)
        if value is not None:
            before = self._before(figure.start) + figure.phrase.lead + (" " if figure.phrase.lead else "")
            value["bound"] = read_bound(before, self._after(figure.end))
        return value

    def _free(self, index: int) -> tuple[int, int]:
        """Where no other span stands around the one at *index*."""
        before = self._ranges[index - 1][1] if index else 0
        after = self._ranges[index + 1][0] if index + 1 < len(self._ranges) else len(self._text)
        return before, after

    def _lender(self, figure: _Figure, others: _Figures) -> _Figure | None:
        """The figure of the same sentence, first after and then before, that names the unit *figure* leaves out."""
        for other in others.after(figure.end):
            if not self._is_parted(figure.end, other.start):
                return other
        for other in others.before(figure.start):
            if not self._is_parted(other.end, figure.start):
                return other
        return None

    def _is_parted(self, end: int, start: int) -> bool:
        return _SENTENCE_END.search(self._text, end, start) is not None

    def _is_joined(self, figure: _Figure, lender: _Figure) -> bool:
        """Whether only connectives, dates and their like stand between the two: «هفت، شش و پنج میلیون»."""
        first, last = sorted((figure, lender), key=lambda each: each.start)
        start = first.end
        for index in range(first.index + 1, last.index + 1):
            if self._spans[index].label not in {"DAT", figure.label}:
                return False
            connective = _BEFORE_DATE if self._spans[index].label == "DAT" else _CONNECTIVE
            if not connective.fullmatch(self._text, start, max(start, self._ranges[index][0])):
                return False
            start = self._ranges[index][1]
        return True

    def _shared(self, figure: _Figure, lender: _Figure | None) -> Amount | None:
        """The amount of a bare number with the scale that it leaves to *lender*; None where it leaves none."""
        terms = figure.phrase.terms
        if lender is None or len(terms) != 1 or terms[0].numeral.value is None:
            return None
        if not self._is_joined(figure, lender):
            return None
        numeral = terms[0].numeral
        value = scaled_like(numeral, lender.phrase.terms[-1].numeral)
        return None if value is None or value == numeral.value or not is_exact(value) else Amount.exactly(value)

    def _money(self, figure: _Figure, others: _Figures) -> dict[str, Any] | None:
        currency: Currency | None = figure.unit
        if currency is not None:
            return read_money(figure.phrase, self._localized(figure, currency))
        if figure.phrase.terms[-1].words not in _ADJECTIVES:
            return None
        lender = self._lender(figure, others)
        if lender is None:
            return read_money(figure.phrase, self._usual(figure, others))
        shared = self._shared(figure, lender)
        if shared is None and self._lacks_scale(figure, lender):
            return None
        return read_money(figure.phrase, self._localized(lender, lender.unit), shared)

    def _lacks_scale(self, figure: _Figure, lender: _Figure) -> bool:
        """Whether a bare number below a thousand stands apart from millions, whose scale it may or may not share."""
        own, other = figure.phrase.terms[-1].numeral, lender.phrase.terms[-1].numeral
        if own.scaled or not other.scaled or own.value is None or own.value >= 1000:
            return False
        return abs(lender.index - figure.index) == 1 and not self._is_joined(figure, lender)

    def _localized(self, figure: _Figure, currency: Currency) -> Currency:
        """«ریال» in an article about Saudi Arabia is the Saudi one, unless the article names a country's with it."""
        words = figure.phrase.terms[-1].words
        if currency.code in self._named or currency.code not in _LOCAL:
            return currency
        if self._country and (local := in_country(words, self._country)):
            return local
        return currencies.in_context(words, self._before(figure.start), self._after(figure.end)) or currency

    def _usual(self, figure: _Figure, others: _Figures) -> Currency:
        """The currency of the nearest amount that names one; the toman, in which bare millions are spoken of."""
        nearest = others.nearest(figure.start)
        return nearest.unit if nearest else TOMAN

    def _share(self, figure: _Figure, others: _Figures) -> dict[str, Any] | None:
        lender = None if figure.unit else self._lender(figure, others)
        return read_share(figure.phrase, lender.phrase if lender else None)

    def _quantity(self, figure: _Figure, others: _Figures) -> dict[str, Any] | None:
        lender = None if figure.unit else self._lender(figure, others)
        unit = figure.unit or self._unit_beside(figure, lender)
        if unit is None:
            return None
        if lender and self._lacks_scale(figure, lender):
            return None
        settled = in_context(unit, self._before(figure.start), self._after(figure.end))
        return read_quantity(figure.phrase, settled, self._shared(figure, lender))

    def _unit_beside(self, figure: _Figure, lender: _Figure | None) -> str | None:
        """The unit of a quantity that names none: of the figure it belongs to, or the point of an index."""
        words = figure.phrase.terms[-1].words
        before = self._before(figure.start)
        if words in _ADJECTIVES and (lender is None or _NUMBERED.search(before)):
            return (
                "point"
                if _INDEX.search(before) or _INDEX.search(self._after(figure.end)) or _NUMBERED.search(before)
                else None
            )
        if lender is None or words in _ADJECTIVES:
            return lender.unit if lender else None
        return read_unit(f"{lender.phrase.terms[-1].words} {words}")  # «از 8 میلیون بشکه به 2 میلیون در روز»

    def _count(self, figure: _Figure, others: _Figures) -> dict[str, Any] | None:
        lender = None if figure.unit else self._lender(figure, others)
        if lender and self._lacks_scale(figure, lender):
            return None
        return read_count(figure.phrase, self._noun(lender or figure), self._shared(figure, lender))

    def _noun(self, figure: _Figure) -> str | None:
        """What is counted, as the article writes it but in Persian letters."""
        term = figure.phrase.terms[-1]
        if not term.words:
            return None
        start, end = self._normalized.to_original(figure.start + term.start, figure.start + term.end)
        return CONTROL.sub("", self._normalized.original[start:end]).translate(_TO_PERSIAN).strip() or None

    def _rank(self, figure: _Figure, others: _Figures) -> dict[str, Any] | None:
        return read_rank(figure.phrase)


_READERS: Final = {
    "MON": _Reading._money,
    "PCT": _Reading._share,
    "QTY": _Reading._quantity,
    "CNT": _Reading._count,
    "RNK": _Reading._rank,
}
