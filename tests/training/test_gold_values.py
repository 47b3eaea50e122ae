from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest

from training.gold_values import rials, value_problems, value_string

ANNOTATIONS: Final = Path(__file__).resolve().parents[2] / "annotations"
SCHEMA: Final = jsonschema_rs.validator_for(json.loads((ANNOTATIONS / "record.schema.json").read_text("utf-8")))

EXACT = {"bound": "exact"}
RIGHT: list[tuple[str, Any, str | None]] = [
    ("MON", {"kind": "money", "number": "1500.5", "currency": "IRT", "irr": "15005", **EXACT}, "1500.5 IRT"),
    ("MON", {"kind": "money", "number": "3", "currency": "EUR", "irr": None, **EXACT}, "3 EUR"),
    (
        "MON",
        {"kind": "money", "low": "2", "high": "3", "currency": "IRT", "irr": {"low": "20", "high": "30"}, **EXACT},
        "2..3 IRT",
    ),
    ("MON", {"kind": "money", "currency": "IRT", "irr": None, **EXACT}, "? IRT"),
    ("PCT", {"kind": "percent", "number": "9.7", "bound": "about"}, "9.7"),
    ("PCT", {"kind": "ratio", "low": "2", "high": "3", **EXACT}, "x2..3"),
    ("QTY", {"kind": "quantity", "number": "3000000", "unit": "bbl/day", **EXACT}, "3000000 bbl/day"),
    ("CNT", {"kind": "count", "number": "30", "of": "معدن", "bound": "at_least"}, "30"),
    ("CNT", {"kind": "count", "of": "نفر", **EXACT}, "?"),
    ("CNT", {"kind": "count", "number": "12", "of": None, **EXACT}, "12"),
    ("RNK", {"kind": "rank", "number": "6", **EXACT}, "6"),
    ("DAT", {"kind": "date", "calendar": "jalali", "date": "--06-16"}, "--06-16"),
    ("DAT", {"kind": "date", "calendar": "gregorian", "date": "2014..2017"}, "g2014..g2017"),
    ("DAT", {"kind": "date", "calendar": "jalali", "relative": True}, "rel"),
    ("DAT", {"kind": "date", "calendar": "islamic", "date": "1445-09-21"}, "1445-09-21"),
    ("DAT", {"kind": "date", "calendar": "islamic", "relative": True}, "rel"),
    (
        "DAT",
        {"kind": "date", "calendar": "jalali", "date": "1404", "start": "2025-03-21", "end": "2026-03-20"},
        "1404",
    ),
    ("LOC", {"kind": "place", "country": "TR", "province": None}, None),
    ("LOC", None, None),
    ("PER", None, None),
]


@pytest.mark.parametrize(("label", "value", "string"), RIGHT)
def test_right_values_and_their_string_form(label: str, value: Any, string: str | None) -> None:
    assert list(value_problems(label, value)) == []
    assert value_string(value) == string


WRONG: list[tuple[str, Any, str]] = [
    ("PER", "x", "a PER span takes no value"),
    ("PCT", "47", "kind percent or ratio"),
    ("PCT", {"kind": "percent", "number": 47, **EXACT}, "number must be an exact decimal string"),
    ("PCT", {"kind": "percent", "number": "4e2", **EXACT}, "number must be an exact decimal string"),
    ("PCT", {"kind": "percent", "number": "۴۷", **EXACT}, "number must be an exact decimal string"),
    ("PCT", {"kind": "percent", "number": "47"}, "the value lacks bound"),
    ("PCT", {"kind": "percent", "number": "47", "bound": "over"}, "bound must be one of exact, about"),
    ("PCT", {"kind": "percent", "number": "47", "unit": "%", **EXACT}, "unknown fields: unit"),
    ("PCT", {"kind": "percent", "low": "47", **EXACT}, "number, or low and high, or none"),
    ("PCT", {"kind": "percent", "low": "9", "high": "8", **EXACT}, "low 9 is above high 8"),
    ("MON", {"kind": "money", "number": "1", "currency": "toman", "irr": None, **EXACT}, "currency must be a code"),
    ("MON", {"kind": "money", "number": "1", "currency": "IRT", "irr": "1", **EXACT}, "irr must be '10'"),
    ("MON", {"kind": "money", "number": "1", "currency": "USD", "irr": "1", **EXACT}, "irr must be null"),
    ("QTY", {"kind": "quantity", "number": "1", "unit": "تن", **EXACT}, "unit must be a unit code"),
    ("CNT", {"kind": "count", "number": "1", "of": "", **EXACT}, "of must be the noun that is counted"),
    ("CNT", {"kind": "count", "number": "1", "of": 1, **EXACT}, "or null where the span has none, not 1"),
    ("CNT", {"kind": "count", "number": "1", **EXACT}, "the value lacks of"),
    ("RNK", {"kind": "rank", "number": "6.5", **EXACT}, "such as '6', not '6.5'"),
    (
        "DAT",
        {"kind": "date", "calendar": "solar", "date": "1404"},
        "calendar must be one of jalali, gregorian, islamic",
    ),
    ("DAT", {"kind": "date", "calendar": "jalali"}, "either date, or relative true"),
    ("DAT", {"kind": "date", "calendar": "jalali", "date": "1404", "relative": True}, "either date, or relative true"),
    ("DAT", {"kind": "date", "calendar": "jalali", "date": "1404/6"}, "date must look like 1404-06-16"),
    ("DAT", {"kind": "date", "calendar": "jalali", "date": "1404", "start": "2025-03-21"}, "come together"),
    (
        "DAT",
        {"kind": "date", "calendar": "jalali", "date": "1404", "start": "2025-03-21", "end": "2025-02-30"},
        "must be Gregorian days in order",
    ),
    ("LOC", {"kind": "place", "country": "Iran", "province": None}, "country must be an ISO 3166-1 code"),
    ("LOC", {"kind": "place", "country": "IR", "province": "TR-13"}, "such as IR-13, not 'TR-13'"),
    ("LOC", {"kind": "place", "country": "IR"}, "the value lacks province"),
]


#: What a schema cannot say: that two fields agree.
BEYOND_A_SCHEMA: Final = ("low 9 is above", "irr must be", "must be Gregorian days", "such as IR-13")


@pytest.mark.parametrize(("label", "value"), [row[:2] for row in RIGHT])
def test_the_schema_takes_right_values(label: str, value: Any) -> None:
    SCHEMA.validate(article(label, value))


@pytest.mark.parametrize(("label", "value"), [row[:2] for row in WRONG if not row[2].startswith(BEYOND_A_SCHEMA)])
def test_the_schema_refuses_wrong_values(label: str, value: Any) -> None:
    assert not SCHEMA.is_valid(article(label, value))


@pytest.mark.parametrize("path", sorted((ANNOTATIONS / "gold").glob("*.json")), ids=lambda path: path.stem)
def test_the_schema_takes_the_gold_articles(path: Path) -> None:
    SCHEMA.validate(json.loads(path.read_text("utf-8")))


def article(label: str, value: Any) -> dict[str, Any]:
    """A gold article of one span."""
    span = {"start": 0, "end": 2, "label": label, "text": "قم", "value": value}
    return {"id": "a", "text": "قم", "spans": [span], "facts": []}


@pytest.mark.parametrize(("label", "value", "message"), WRONG)
def test_what_is_wrong_with_a_value_is_said(label: str, value: Any, message: str) -> None:
    found = list(value_problems(label, value))
    assert any(message in sentence for sentence in found), found


def test_rials_are_exact() -> None:
    assert rials("IRT", {"number": "0.1"}) == "1"
    assert rials("IRR", {"number": "2200000000000"}) == "2200000000000"


def dated(date: str, calendar: str = "jalali", **more: Any) -> dict[str, Any]:
    return {"kind": "date", "calendar": calendar, "date": date, **more}


def days(start: str, end: str) -> dict[str, str]:
    return {"start": start, "end": end}


@pytest.mark.parametrize(
    "value",
    [
        dated("-"), dated("-..-"), dated("-.."), dated("1404-13-45"), dated("1404-12-30"), dated("1404-07-31"),
        dated("2025-02-29", "gregorian"), dated("1405..1403"), dated("1404-06-16..1404-06-10"), dated("--06..1404-07"),
        dated("1404", relative=True), dated("1404", relative=False),
        {"kind": "date", "calendar": "jalali", "relative": "x"},
        dated("1404-06-16", **days("1990-01-01", "1990-01-02")), dated("1404", **days("2025-03-21", "2025-03-21")),
        dated("--06-16", **days("2025-09-08", "2025-09-08")),
        dated("1446-09-01", "islamic", **days("2025-03-04", "2025-03-04")),
    ],
)  # fmt: skip
def test_dates_that_are_none(value: dict[str, Any]) -> None:
    assert list(value_problems("DAT", value))


@pytest.mark.parametrize(
    "value",
    [
        dated("1403-12-30"), dated("--12-25..--01-15"), dated("--06"), dated("1403-11..1404-02"), dated("1404..1404"),
        dated("1404-06-16", **days("2025-09-07", "2025-09-07")), dated("--06-16", **days("2025-09-07", "2025-09-07")),
        dated("1446-09-01", "islamic", **days("2025-03-02", "2025-03-02")), dated("0950"),
    ],
)  # fmt: skip
def test_dates_that_are(value: dict[str, Any]) -> None:
    assert not list(value_problems("DAT", value))


@pytest.mark.parametrize("unit", ["%", "/", "/day", "km/", "km//h", "-", ""])
def test_units_that_are_none(unit: str) -> None:
    assert list(value_problems("QTY", {"kind": "quantity", "number": "1", "unit": unit, **EXACT}))


@pytest.mark.parametrize("noun", ["\0", "نفر\x07", "\x1b[2J", " "])
def test_nouns_that_are_none(noun: str) -> None:
    assert list(value_problems("CNT", {"kind": "count", "number": "1", "of": noun, **EXACT}))


def test_rials_are_exact_however_long() -> None:
    assert rials("IRT", {"number": "1" * 40 + ".25"}) == "1" * 40 + "2.5"
    assert rials("IRR", {"number": "9" * 100}) == "9" * 100
