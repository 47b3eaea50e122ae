"""Amounts of money: the number, its currency, and what it is in rials."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from raqam.figures import currencies
from raqam.figures.currencies import Currency
from raqam.figures.phrases import Amount, Phrase, Term, amount

TOMAN: Final = Currency("IRT")

#: Rials in one unit of each Iranian currency.
RIALS: Final[dict[str, int]] = {"IRR": 1, "IRT": 10}


def currency_of(phrase: Phrase, country: str | None = None) -> Currency | None:
    """The currency that *phrase* names, as the name is meant in *country*; None when it names none."""
    if any(term.numeral.hemat for term in phrase.terms):
        return TOMAN
    if not phrase.terms:
        return None
    words = phrase.terms[-1].words
    for each in (words,) if words else (phrase.lead,):  # not «$50 million»
        if each and (found := (country and currencies.in_country(each, country)) or currencies.read_currency(each)):
            return found
    return None


def read_money(phrase: Phrase, currency: Currency, fallback: Amount | None = None) -> dict[str, Any] | None:
    """The value of *phrase* in *currency*, or None when its numbers cannot be read.

    *fallback* is the amount where the phrase alone does not tell it.
    """
    found = fallback or _amount(phrase, currency)
    if found is None:
        return None
    if currency.minor > 1 and fallback is None and len(phrase.terms) < 2:
        found = found.times(1 / Decimal(currency.minor))
    return {"kind": "money", **found.to_dict(), "currency": currency.code, "irr": _rials(found, currency.code)}


def _amount(phrase: Phrase, currency: Currency) -> Amount | None:
    terms = [_spoken(term, currency) for term in phrase.terms]
    if len(terms) == 1:
        return amount(terms[0])
    if len(terms) != 2:
        return None
    first, second = terms
    if second.joint == "and" and first.words and second.words:
        return _sum(first, second)
    if first.words and currencies.read_currency(first.words) != currencies.read_currency(second.words):
        return None
    found = amount(first, second)
    minor = currencies.read_currency(second.words)
    return found.times(1 / Decimal(minor.minor)) if found and minor and minor.minor > 1 else found


def _sum(first: Term, second: Term) -> Amount | None:
    """«58 دلار و 17 سنت»; «2 میلیارد تومان و 500 میلیون تومان»."""
    one, other = currencies.read_currency(first.words), currencies.read_currency(second.words)
    low, high = first.numeral.value, second.numeral.value
    if one is None or other is None or low is None or high is None:
        return None
    if other.minor > 1 and high < other.minor:
        return Amount.exactly(low + high / other.minor)
    smallest = min(first.numeral.multipliers, default=1)
    return Amount.exactly(low + high) if one == other and high < smallest else None


def _spoken(term: Term, currency: Currency) -> Term:
    """«5 میلیون و 900 تومان» is 5,900,000: nobody prices anything at 5,000,900 tomans."""
    numeral = term.numeral
    if currency.code != "IRT" or not numeral.loose or numeral.value is None or numeral.loose % 10:
        return term
    value = numeral.value + numeral.loose * (numeral.loose_scale - 1)
    return replace(term, numeral=replace(numeral, value=value))


def _rials(found: Amount, code: str) -> str | dict[str, str] | None:
    """The amount in rials, as ``irr`` of the record; None for foreign or vague money."""
    if code not in RIALS or found.low is None:
        return None
    parts = found.times(RIALS[code]).to_dict()
    return parts.get("number") or parts
