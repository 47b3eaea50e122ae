from __future__ import annotations

from typing import Any

import pytest

from raqam.figures.currencies import Currency
from raqam.figures.digits import Style
from raqam.figures.money import currency_of, read_money
from raqam.figures.phrases import Amount, parse
from tests.raqam.figures.cases import parameters, read_one, whole


@pytest.mark.parametrize(("surface", "case"), parameters("money"))
def test_cases(surface: str, case: dict[str, Any]) -> None:
    read = read_one(surface, "MON", case)
    assert read == whole(case["value"], "MON", read)


@pytest.mark.parametrize("text", ["", "تومان", "از تومان"])
def test_a_currency_needs_a_number(text: str) -> None:
    assert currency_of(parse(text, Style())) is None


def test_the_same_name_in_a_country() -> None:
    phrase = parse("5 میلیون ریال", Style())
    assert currency_of(phrase) == Currency("IRR")
    assert currency_of(phrase, "SA") == Currency("SAR")


def test_an_amount_that_is_lent_is_taken_as_it_is() -> None:
    read = read_money(parse("5", Style()), Currency("IRT"), Amount.exactly(None))
    assert read == {"kind": "money", "currency": "IRT", "irr": None}
