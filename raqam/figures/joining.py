"""A quantity in two units, «125 تن و 410 کیلوگرم», is one figure: its parts are one span, whoever found them as two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from raqam.figures.digits import Style
from raqam.figures.measures import read_quantity, unit_of
from raqam.figures.phrases import parse
from raqam.figures.units import read_unit
from raqam.records import Span
from raqam.text import normalize

_AND: Final = re.compile(r"[^\S\n]*و[^\S\n]*")
_IN_TURN: Final = re.compile(r"(?<!\w)(?:به\s?|ب)ترت[یي]ب(?!\w)")
_NEAR: Final = 60  # characters


def join_parts(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """The *spans* of *text*, in order, with the parts of a quantity in one; its score is that of the less sure part.

    >>> text = "۱۲۵ تن و ۴۱۰ کیلوگرم برنج و ۲ تن شکر"
    >>> spans = [Span(0, 6, "QTY", text[0:6], 0.9), Span(9, 20, "QTY", text[9:20], 0.8)]
    >>> spans.append(Span(28, 32, "QTY", text[28:32], 0.9))
    >>> [(span.text, span.score) for span in join_parts(text, spans)]
    [('۱۲۵ تن و ۴۱۰ کیلوگرم', 0.8), ('۲ تن', 0.9)]
    """
    last: Span | None = None
    for span in spans:
        if last is not None and _are_one(text, last, span):
            whole = text[last.start : span.end]
            last = Span(last.start, span.end, span.label, whole, min(last.score, span.score))
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _are_one(text: str, first: Span, second: Span) -> bool:
    """Whether «و» alone stands between two quantities, the second in a smaller unit of the same kind.

    What is told «به ترتیب» is two, and so is what names what there is of each.
    """
    if not first.label == second.label == "QTY" or not _AND.fullmatch(text, first.end, second.start):
        return False
    phrase = parse(normalize(text[first.start : second.end]).text, Style())
    unit = unit_of(phrase)
    if unit is None or len(phrase.terms) != 2 or read_quantity(phrase, unit) is None:
        return False
    more, _, _ = phrase.terms[0].words.rpartition(" ")
    return read_unit(more) != unit and not _IN_TURN.search(text, max(0, first.start - _NEAR), first.start)
