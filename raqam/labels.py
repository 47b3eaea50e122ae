"""The fifteen labels, as one table, and the BIO tags a token classifier predicts for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Label:
    """One label: its code, its English name, what it marks, and whether its spans carry a figure."""

    code: str
    name: str
    meaning: str
    figure: bool = False


LABELS: Final[tuple[Label, ...]] = (
    Label("PER", "person", "a named person"),
    Label("TTL", "title", "the role or office by which a particular person is called"),
    Label("ORG", "organization", "a named organization"),
    Label("LOC", "location", "a named place"),
    Label("FAC", "facility", "a named or unique physical facility"),
    Label("EVT", "event", "a named event"),
    Label("PLN", "plan", "a named law, plan, programme, project or slogan"),
    Label("DAT", "date", "a calendar date or a period fixed on the calendar"),
    Label("TIM", "time", "a clock time or a part of a day"),
    Label("MON", "money", "an amount of money", figure=True),
    Label("PCT", "percent", "a percentage, a fraction of a whole or a multiple", figure=True),
    Label("QTY", "quantity", "a number with a unit of measure", figure=True),
    Label("CNT", "count", "a count of people or things", figure=True),
    Label("RNK", "rank", "an explicit rank", figure=True),
    Label("IND", "indicator", "the quantity that a figure in the same sentence measures"),
)

CODES: Final[tuple[str, ...]] = tuple(label.code for label in LABELS)
FIGURES: Final[frozenset[str]] = frozenset(label.code for label in LABELS if label.figure)

OUTSIDE: Final = "O"


def tags_of(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The BIO (IOB2) tags of *codes*: ``O`` first, then ``B-`` and ``I-`` of each code in order.

    >>> tags_of(("PER", "LOC"))
    ('O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC')
    """
    return (OUTSIDE, *(f"{part}-{code}" for code in codes for part in "BI"))


TAGS: Final[tuple[str, ...]] = tags_of(CODES)
