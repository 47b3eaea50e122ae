"""Percentages, fractions of a whole, and multiples."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from raqam.figures.phrases import Amount, Phrase, Term, amount

_PERCENT: Final = re.compile(r"(?:واحد(?:ی)?\s?)?(?:درصد|صد ?در ?صد)(?:ی|ها|های|هایی)?|%")
_TIMES: Final = re.compile(r"(?:برابر|چندان|مرتبه|بار)(?:ی|ه)?(?!\w)")
_QUOTIENT: Final = re.compile(r"([1-9][0-9]?)/([1-9][0-9]?)")
_OF: Final = re.compile(r"در(?:\s?هر)?|(?:\w+\s+)?از\s?هر")
_CENT: Final = Decimal("0.01")


def is_share(phrase: Phrase) -> bool:
    """Whether *phrase* says by itself that it is a percentage, a fraction or a multiple."""
    words = _words(phrase)
    fraction = any(term.numeral.fraction for term in phrase.terms)
    return fraction or bool(_PERCENT.match(words) or _TIMES.match(words) or "%" in phrase.lead)


def read_share(phrase: Phrase, lent: Phrase | None = None) -> dict[str, Any] | None:
    """The value of *phrase* as ``percent`` or ``ratio``; fractions in per cent, to two decimals.

    *lent* is the phrase whose unit a bare number shares: «دو» in «از دو به سه برابر».
    """
    words = _words(lent or phrase)
    if not phrase.terms:
        return None
    if _TIMES.match(words):
        found = amount(*phrase.terms) if len(phrase.terms) <= 2 else None
        return None if found is None else {"kind": "ratio", **found.to_dict()}
    percent = _PERCENT.match(words) or "%" in phrase.lead
    found = _of_a_number(phrase) or (_percent(phrase.terms) if percent else _fraction(phrase))
    return None if found is None else {"kind": "percent", **found.to_dict()}


def _words(phrase: Phrase) -> str:
    return phrase.terms[-1].words if phrase.terms else phrase.lead


def _percent(terms: tuple[Term, ...]) -> Amount | None:
    if len(terms) > 2 or (len(terms) == 2 and terms[0].words and not _PERCENT.match(terms[0].words)):
        return None
    return amount(*terms)


def _fraction(phrase: Phrase) -> Amount | None:
    """«یکسوم», «نیمی», «1/4»; without any sign of a whole, the number itself, in per cent."""
    terms = phrase.terms
    if len(terms) == 1 and terms[0].numeral.fraction and terms[0].numeral.value is not None:
        return Amount.exactly(_rounded(terms[0].numeral.value * 100))
    if (match := _QUOTIENT.fullmatch(phrase.text)) and int(match[1]) < int(match[2]):
        return Amount.exactly(_rounded(Decimal(match[1]) / Decimal(match[2]) * 100))
    return _percent(terms) if not terms[-1].words else None


def _of_a_number(phrase: Phrase) -> Amount | None:
    """«هشت در ده هزار» is 0.08 per cent."""
    if len(phrase.terms) != 2 or not _OF.fullmatch(phrase.terms[0].words):
        return None
    part, whole = (term.numeral.value for term in phrase.terms)
    exact = "هر" in phrase.terms[0].words or (whole is not None and whole % 10 == 0)
    if not exact or part is None or whole is None or not 0 <= part <= whole or whole == 0:
        return None
    found = _rounded(part / whole * 100)
    return Amount.exactly(found) if found or not part else None


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)
