"""Quantities, counts and ranks: numbers with a unit, with the noun of what is counted, and in an order."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from raqam.figures.phrases import Amount, Phrase, Term, amount, is_exact
from raqam.figures.units import ratio, read_unit

#: «63/20 کیلوولت» are the two voltages of a substation, and no decimal.
_VOLTAGES: Final = frozenset({"V", "kV"})
_RATING: Final = re.compile("[0-9]{2}/[0-9]{2}")

_PLURAL: Final = re.compile(r"\w+\s?(?:های?|ان)$")


def unit_of(phrase: Phrase) -> str | None:
    """The unit code that *phrase* names after its last number, or before its first; None when it names none."""
    terms = phrase.terms
    if not terms:
        return None
    if len(terms) == 2 and not terms[1].joint and terms[0].words:  # «8.7 لیتر برای هر 100 کیلومتر»
        return read_unit(f"{terms[0].words} {_digits(terms[1])} {terms[1].words}")
    if len(terms) == 2 and terms[1].numeral.fraction and terms[1].joint == "and":  # «یک سال و نیم»
        return read_unit(terms[0].words) or read_unit(terms[1].words)
    if len(terms) == 2 and terms[1].joint == "and" and terms[0].words:
        return read_unit(terms[0].words)
    return read_unit(terms[-1].words) or (read_unit(phrase.lead) if not terms[-1].words else None)


def read_quantity(phrase: Phrase, unit: str, fallback: Amount | None = None) -> dict[str, Any] | None:
    """The value of *phrase* in *unit*, or None when its numbers cannot be read.

    *fallback* is the amount where the phrase alone does not tell it.
    """
    if unit in _VOLTAGES and _RATING.search(phrase.text):
        return None
    if fallback is None and _is_sum(phrase):
        found, unit = _sum(phrase.terms[0], phrase.terms[1], unit)
    else:
        found = fallback or _quantity(phrase, unit)
    return None if found is None else {"kind": "quantity", **found.to_dict(), "unit": unit}


def _is_sum(phrase: Phrase) -> bool:
    return len(phrase.terms) == 2 and phrase.terms[1].joint == "and"


def _quantity(phrase: Phrase, unit: str) -> Amount | None:
    if len(phrase.terms) == 1:
        return amount(phrase.terms[0])
    if len(phrase.terms) != 2:
        return None
    first, second = phrase.terms
    if not second.joint and first.words and unit.rpartition("/")[2][:1].isdigit():
        return amount(first)
    other = read_unit(first.words) if first.words else unit
    if other == unit or second.joint != "to":
        return amount(first, second) if other == unit else None
    return _mixed_range(amount(first), amount(second), ratio(other, unit) if other else None)


def _mixed_range(low: Amount | None, high: Amount | None, parts: int | None) -> Amount | None:
    """«یک سال تا هجده ماه»: in the unit of the second end, of which *parts* make one of the first."""
    if low is None or high is None or parts is None or low.high is None or high.low is None:
        return None
    return Amount(low.high * parts, high.low) if low.high * parts <= high.low else None


def _sum(first: Term, second: Term, unit: str) -> tuple[Amount | None, str]:
    """«7 کیلو و 181 گرم», «یک سال و نیم»: in the larger unit.

    In the smaller unit where only that is exact: «5 دقیقه و 7 ثانیه» is 307 seconds.
    """
    low, high = first.numeral.value, second.numeral.value
    if low is None or high is None or not first.words:
        return None, unit
    if second.numeral.fraction and not second.words:
        return Amount.exactly(low + high), unit
    smaller = read_unit(second.words)
    parts = ratio(unit, smaller) if smaller else None
    if smaller is None or not parts or parts == 1 or high >= parts:
        return None, unit
    total = low + high / Decimal(parts)
    if (total * parts).compare(low * parts + high) == 0 and is_exact(total):
        return Amount.exactly(total), unit
    return Amount.exactly(low * parts + high), smaller


def read_count(phrase: Phrase, noun: str | None, fallback: Amount | None = None) -> dict[str, Any] | None:
    """The value of *phrase* as a count of *noun*, or None when its numbers cannot be read."""
    terms = phrase.terms
    found = fallback or (amount(*terms) if 0 < len(terms) <= 2 and _same_noun(terms) else None)
    return None if found is None else {"kind": "count", **found.to_dict(), "of": noun}


def _same_noun(terms: tuple[Term, ...]) -> bool:
    return len(terms) == 1 or not terms[0].words or terms[0].words.split()[0] == (terms[1].words.split() or [""])[0]


def read_rank(phrase: Phrase) -> dict[str, Any] | None:
    """The value of *phrase* as a rank; «جایگاههای نخست», of many places, is vague."""
    if len(phrase.terms) == 2:
        return _rank_range(*phrase.terms)
    if len(phrase.terms) != 1:
        return None
    numeral = phrase.terms[0].numeral
    if numeral.value is None or (numeral.ordinal and numeral.value == 1 and _PLURAL.search(phrase.lead)):
        return {"kind": "rank"}
    if numeral.value != int(numeral.value) or numeral.value < 1:
        return None
    return {"kind": "rank", "number": str(int(numeral.value))}


def _rank_range(first: Term, second: Term) -> dict[str, Any] | None:
    """«ششم تا دهم»."""
    found = amount(first, second) if second.joint == "to" and not first.words else None
    if found is None or found.low is None or found.high is None:
        return None
    whole = all(end == int(end) and end >= 1 for end in (found.low, found.high))
    return {"kind": "rank", **found.to_dict()} if whole else None


def _digits(term: Term) -> str:
    return str(term.numeral.value)
