from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raqam.figures import dates
from raqam.figures.date_words import CODES, DATE_WORDS, PAIRS, PIECES, WORDS
from raqam.figures.dates import read_date
from raqam.text import normalize

CASES: Final = Path(__file__).parents[2] / "cases"
_DAY: Final = r"(?:[0-9]{4}|-)(?:-[0-9]{2}){0,2}"
DATE: Final = re.compile(rf"{_DAY}(?:\.\.{_DAY})?")
MONTHS: Final = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]
ONES: Final = ["یکم", "دوم", "سوم", "چهارم", "پنجم", "ششم", "هفتم", "هشتم", "نهم"]
TEENS: Final = ["دهم", "یازدهم", "دوازدهم", "سیزدهم", "چهاردهم", "پانزدهم", "شانزدهم", "هفدهم", "هجدهم", "نوزدهم"]
ORDINALS: Final = [*ONES, *TEENS, "بیستم", *(f"بیست و {one}" for one in ONES), "سی‌ام", "سی و یکم"]
WEEKDAYS: Final = ["دوشنبه", "سه شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یک‌شنبه"]


def _cases(name: str) -> Iterator[Any]:
    for case in json.loads((CASES / name).read_text(encoding="utf-8")):
        for surface in case["surfaces"]:
            marks = [pytest.mark.xfail(reason=case["xfail"])] if "xfail" in case else []
            yield pytest.param(case, surface, id=surface[:40], marks=marks)


def _read(surface: str, case: dict[str, str] | None = None) -> dict[str, Any] | None:
    """Read a surface as it is written, through the normalizer."""
    case = case or {}
    published = dt.date.fromisoformat(case["published"]) if "published" in case else None
    texts = [normalize(text).text for text in (surface, case.get("before", ""), case.get("after", ""))]
    return read_date(texts[0], texts[1], texts[2], published)


@pytest.mark.parametrize(("case", "surface"), [*_cases("dates.json"), *_cases("dates_relative.json")])
def test_cases(case: dict[str, Any], surface: str) -> None:
    assert _read(surface, case) == case["value"]


@pytest.mark.parametrize(("case", "surface"), list(_cases("dates_relative.json")))
def test_without_the_day_of_publication_nothing_is_resolved(case: dict[str, Any], surface: str) -> None:
    unpublished = {key: value for key, value in case.items() if key != "published"}
    assert _read(surface, unpublished) == {k: v for k, v in case["value"].items() if k not in ("start", "end")}


def _calendar() -> Iterator[tuple[int, int, int, dt.date]]:
    """Every day of 1300 to 1449, counted from the Nowruz of 1300 by the rule of 33 years."""
    day = dt.date(1921, 3, 21)
    for year in range(1300, 1450):
        last = 30 if year % 33 in {1, 5, 9, 13, 17, 22, 26, 30} else 29
        for month, length in enumerate([31] * 6 + [30] * 5 + [last], start=1):
            for number in range(1, length + 1):
                yield year, month, number, day
                day += dt.timedelta(1)


def _writings(year: int, month: int, day: int, gregorian: dt.date) -> list[str]:
    name, weekday = MONTHS[month - 1], WEEKDAYS[gregorian.weekday()]
    return [
        f"{day} {name} {year}",
        f"{ORDINALS[day - 1]} {name}‌ماه سال {year}",
        f"{weekday} {day} {name} ماه {year}",
        f"روز {weekday}، {ORDINALS[day - 1]} {name}‌ماه {year}",
        f"{year}/{month}/{day}",
        f"{year}-{month:02}-{day:02}",
        f"{day:02}/{month:02}/{year}",
        f"{year}{month:02}{day:02}",
    ]


def test_every_day_is_read_back() -> None:
    """Each day in two of the eight writings, so that each writing meets each day of the month many times."""
    for count, (year, month, day, gregorian) in enumerate(_calendar()):
        writings = _writings(year, month, day, gregorian)
        for surface in (writings[count % 8], writings[count // 8 % 8]):
            value = _read(surface)
            assert value is not None, surface
            assert value["date"] == f"{year}-{month:02}-{day:02}", surface
            assert value["start"] == value["end"] == gregorian.isoformat(), surface


def test_every_gregorian_and_lunar_day_of_a_few_years_is_read_back() -> None:
    for year, month, length in ((2024, 2, 29), (2023, 12, 31), (2025, 6, 30)):
        for day in range(1, length + 1):
            for surface in (f"{year}-{month:02}-{day:02}", f"{day}/{month}/{year}", f"{year}/{month}/{day}"):
                value = _read(surface)
                assert value is not None
                assert value["date"] == value["start"] == value["end"] == f"{year}-{month:02}-{day:02}"


def test_two_digits_of_a_year_get_their_century() -> None:
    for year in range(1320, 1420):
        value = _read(f"سال {year % 100:02}")
        assert value is not None
        assert value["date"] == str(year)


# What holds for any text ------------------------------------------------------------------------------------------

_WORDS: Final = [*WORDS, *PAIRS, "ها", "سالگذشته", "1404", "98", "04", "2019", "15", "3", "1404/6/16", "-", "،", "؟؟"]
recombined = st.lists(st.sampled_from(_WORDS), max_size=9).flatmap(
    lambda words: st.sampled_from(["", " ", " ", "\n"]).map(lambda joint: joint.join(words))
)
texts = st.one_of(recombined, st.text(max_size=130), st.text("0123456789/-.سالماهو ", max_size=60))
published_days = st.one_of(st.none(), st.dates())


@settings(max_examples=1500, deadline=None)
@given(surface=texts, before=texts, after=texts, published=published_days)
def test_any_text_gives_a_sound_value_or_none(surface: str, before: str, after: str, published: dt.date | None) -> None:
    value = read_date(surface, before, after, published)
    if value is None:
        return
    assert list(value)[:2] == ["kind", "calendar"]
    assert value["kind"] == "date"
    assert value["calendar"] in ("jalali", "gregorian", "islamic")
    assert ("date" in value) != (value.get("relative") is True)
    assert DATE.fullmatch(value.get("date", "1404")), value
    assert ("start" in value) == ("end" in value)
    if "start" in value:
        assert dt.date.fromisoformat(value["start"]) <= dt.date.fromisoformat(value["end"])
        assert published or "date" in value
    assert set(value) <= {"kind", "calendar", "date", "relative", "start", "end"}


def test_a_value_may_be_changed_without_harm() -> None:
    first = read_date("سال 98")
    assert first is not None
    first["date"] = "spoilt"
    again = read_date("سال 98")
    assert again is not None
    assert again["date"] == "1398"


@pytest.mark.parametrize("surface", ["سال " * 300_000, "9" * 1_000_000, "سال" * 300_000, "1/" * 500_000, "\u202b" * 9])
def test_what_is_no_phrase_is_none(surface: str) -> None:
    assert read_date(surface, surface, surface) is None


# The tables -------------------------------------------------------------------------------------------------------


def test_words_are_in_the_form_of_the_normalizer() -> None:
    for word in [*WORDS, *PIECES, *PAIRS, *PAIRS.values()]:
        assert normalize(word).text == word


def test_every_code_is_explained() -> None:
    assert {code for code, _ in WORDS.values()} <= set(CODES)
    assert set(WORDS) >= DATE_WORDS


def test_pairs_stand_for_words_that_are_known() -> None:
    assert all(part in WORDS for words in PAIRS.values() for part in words.split())


def test_the_cache_is_bounded() -> None:
    assert dates._read.cache_parameters()["maxsize"] == 1024
