from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings

from raqam.figures import currencies
from raqam.figures.currencies import WORDS, Currency, in_context, in_country, read_currency
from raqam.text import normalize
from tests.texts import TEXTS

CASES_FILE: Final = Path(__file__).resolve().parents[2] / "cases/currencies.json"
CASES: Final[list[dict[str, Any]]] = json.loads(CASES_FILE.read_text(encoding="utf-8"))
TABLES: Final = ((currencies._NAMES, 1), (currencies._HUNDREDTHS, 100))


def parameters() -> list[Any]:
    return [
        pytest.param(
            surface,
            case["value"],
            marks=[pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else [],
        )
        for case in CASES
        for surface in case["surfaces"]
    ]


@pytest.mark.parametrize(("surface", "value"), parameters())
def test_cases(surface: str, value: list[Any] | None) -> None:
    assert read_currency(normalize(surface).text) == (value and Currency(*value))


def test_every_name_is_normalized_and_read() -> None:
    for table, minor in TABLES:
        for names, (usual, _) in table.items():
            for name in names.split("|"):
                assert normalize(name).text == name
                assert read_currency(name) == (Currency(usual, minor) if usual else None)


def test_every_country_is_normalized() -> None:
    assert all(normalize(names).text == names for names in currencies._COUNTRIES.values())


def test_a_name_with_its_country_is_the_name_in_that_country() -> None:
    for table, _ in TABLES:
        for names, (_, codes) in table.items():
            countries = {country for many in codes.values() for country in many.split()} & currencies._COUNTRIES.keys()
            for name, country in product(names.split("|"), countries):
                for called in currencies._COUNTRIES[country].split("|"):
                    assert read_currency(f"{name} {called}") == in_country(name, country)


def test_no_name_means_two_currencies_in_one_country() -> None:
    for table, minor in TABLES:
        found: dict[tuple[str, str], Currency] = {}
        for called, currency in currencies._local(table, minor):
            assert found.setdefault(called, currency) == currency


def test_in_country() -> None:
    assert in_country("ریال", "SA") == Currency("SAR")
    assert in_country("ریالی", "OM") == Currency("OMR")
    assert in_country("دینار", "KW") == Currency("KWD")
    assert in_country("کرون", "DK") == Currency("DKK")
    assert in_country("سنت", "DE") == Currency("EUR", 100)
    assert in_country("ریال", "IQ") is None
    assert in_country("", "") is None


@pytest.mark.parametrize(
    ("words", "before", "after", "code"),
    [
        ("ریال", "درآمد نفتی عربستان به ", " رسید", "SAR"),
        ("ریالی", "کسری بودجه ", " دولت سعودی", "SAR"),
        ("کرون", "بانک مرکزی نروژ ", "", "NOK"),
        ("کرون", "شاخص سهام سوئد و نروژ به ", "", None),
        ("پوند", "صادرات مصر به ", "", "EGP"),
        ("روپیه", "بودجه پاکستان ", "", "PKR"),
        ("ریال", "", " برای زائران در عربستان", "IRR"),
        ("ریال", "لوله‌ای به قطر یک متر با ", "", "IRR"),
        ("ریال", "سواحل دریای عمان با ", "", "IRR"),
        ("ریال", "خبری از عربستان\nبودجه استان ", "", "IRR"),
        ("دلار", "کسری بودجه کانادا ", "", "USD"),
        ("تومان", "عربستان ", "", "IRT"),
        ("ریال عمان", "عربستان ", "", "OMR"),
        ("نفر", "عربستان ", "", None),
    ],
)
def test_in_context(words: str, before: str, after: str, code: str | None) -> None:
    assert in_context(words, before, after) == (code and Currency(code))


def test_codes_have_the_shape_of_iso_4217() -> None:
    for table, _ in TABLES:
        for usual, codes in table.values():
            assert all(re.fullmatch("[A-Z]{3}", code) for code in codes)
            assert not codes or usual is None or usual in codes
            assert all(re.fullmatch("[A-Z]{2}( [A-Z]{2})*", countries) for countries in codes.values())


def test_words_are_single_and_normalized() -> None:
    assert all(re.fullmatch(r"\S+", word) and normalize(word).text == word for word in WORDS)
    assert {"تومان", "تومانی", "دلاری", "یورویی", "ت", "همت", "همتی"} <= WORDS


@given(TEXTS)
@settings(max_examples=300)
def test_nothing_is_raised(text: str) -> None:
    assert read_currency(text) is None or isinstance(read_currency(text), Currency)
    assert in_context("ریال", text, text)


@pytest.mark.parametrize("text", ["دلار" * 300_000, " " * 1_000_000, "دلار" + "\n" * 1_000_000 + "آمریکا"])
def test_a_long_phrase_is_no_currency(text: str) -> None:
    assert read_currency(text) is None
