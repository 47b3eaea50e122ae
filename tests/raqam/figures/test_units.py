from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raqam.figures import units
from raqam.figures.units import WORDS, in_context, ratio, read_unit
from raqam.text import normalize
from tests.texts import TEXTS

CASES_FILE: Final = Path(__file__).resolve().parents[2] / "cases/units.json"
CASES: Final[list[dict[str, Any]]] = json.loads(CASES_FILE.read_text(encoding="utf-8"))
PHRASES: Final = st.lists(st.sampled_from([*sorted(WORDS)[::7], "در", "بر", "هر", "/", " ", "100", "نفت"]), max_size=8)


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
def test_cases(surface: str, value: str | None) -> None:
    assert read_unit(normalize(surface).text) == value


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["value"] and "xfail" not in case], ids=lambda c: c["value"]
)
def test_lost_spaces_and_joiners_change_nothing(case: dict[str, Any]) -> None:
    for surface in case["surfaces"]:
        assert read_unit(normalize(surface).text.replace(" ", "")) == case["value"]


def test_every_name_of_the_table_is_normalized_and_read() -> None:
    for code, names in units._NAMES.items():
        for name in names.split("|"):
            assert normalize(name).text == name
            assert read_unit(name) == code


def test_no_form_belongs_to_two_units() -> None:
    codes: dict[str, set[str]] = {}
    for form, code in units._keys(units._NAMES):
        codes.setdefault(form, set()).add(code)
    assert {form for form, found in codes.items() if len(found) > 1} == set()


def test_words_are_single_and_normalized() -> None:
    assert all(re.fullmatch(r"\S+", word) and normalize(word).text == word for word in WORDS)
    assert {"تن", "تنی", "ساله", "ماهه", "متر", "مترمربع", "بشکهای", "شبانه"} <= WORDS


@pytest.mark.parametrize(
    ("unit", "before", "after", "settled"),
    [
        ("degree", "دمای هوا به ", " رسید", "degC"),
        ("degree", "هوا ", " سردتر شد", "degC"),
        ("degree", "چرخش ", " دوربین", "degree"),
        ("m", "زمینی به مساحت ", " در مرکز شهر", "m2"),
        ("m", "زمینی به مساحت حدود ", "", "m2"),
        ("m", "مساحت این زمین با عرض ", "", "m"),
        ("km", "به مساحت ", "", "km"),
    ],
)
def test_context_settles_a_unit(unit: str, before: str, after: str, settled: str) -> None:
    assert in_context(unit, before, after) == settled


def test_ratios_multiply() -> None:
    for (larger, middle), first in units._RATIOS.items():
        for (other, smaller), second in units._RATIOS.items():
            if other == middle and (whole := ratio(larger, smaller)):
                assert whole == first * second
    assert ratio("year", "year") == 1
    assert ratio("month", "year") is None


@given(TEXTS)
@settings(max_examples=300)
def test_nothing_is_raised(text: str) -> None:
    assert read_unit(text) is None or isinstance(read_unit(text), str)


@given(PHRASES)
@settings(max_examples=500)
def test_a_rate_is_made_of_units(words: list[str]) -> None:
    found = read_unit("".join(words))
    assert found is None or re.fullmatch(r"[A-Za-z]+[23]?(/(10{2,3})?[A-Za-z]+[23]?)?", found)


@pytest.mark.parametrize("text", ["در" * 500_000, "تن" * 500_000, " " * 1_000_000, "تن" + "\n" * 1_000_000 + "در"])
def test_a_long_phrase_is_no_unit(text: str) -> None:
    assert read_unit(text) is None
