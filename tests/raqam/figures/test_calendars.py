from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.figures.calendars import Calendar, days, exists, month_after, parts, same_day

#: The leap years of the Iranian calendar from 1244 to 1472, by the rule of 33 years that holds over them.
LEAP_REMAINDERS = {1, 5, 9, 13, 17, 22, 26, 30}


@pytest.mark.parametrize(
    ("calendar", "date", "expected"),
    [
        ("jalali", (1206, 1, 1), "1827-03-22"),
        ("jalali", (1285, 5, 14), "1906-08-06"),  # the constitution
        ("jalali", (1357, 11, 22), "1979-02-11"),
        ("jalali", (1399, 12, 30), "2021-03-20"),
        ("jalali", (1404, 6, 16), "2025-09-07"),  # both stand in a seed article
        ("jalali", (1498, 12, 29), "2120-03-19"),
        ("gregorian", (2024, 2, 29), "2024-02-29"),
        ("islamic", (1445, 9, 1), "2024-03-11"),
        ("islamic", (1446, 1, 1), "2024-07-07"),
    ],
)
def test_days_that_are_known(calendar: Calendar, date: tuple[int, int, int], expected: str) -> None:
    day = dt.date.fromisoformat(expected)
    assert days(calendar, *date) == (day, day)
    assert parts(calendar, day) == date


def test_leap_years_follow_the_rule() -> None:
    for year in range(1244, 1473):
        assert exists("jalali", year, 12, 30) == (year % 33 in LEAP_REMAINDERS), year
        assert exists("jalali", year, 12, 29)


def test_years_follow_each_other_without_a_gap() -> None:
    spans: dict[Calendar, range] = {"jalali": range(1206, 1498), "islamic": range(1344, 1498)}
    for calendar, years in spans.items():
        before = days(calendar, years[0])
        for year in years[1:]:
            covered = days(calendar, year)
            assert before is not None
            assert covered is not None
            assert covered[0] - before[1] == dt.timedelta(1)
            before = covered


@pytest.mark.parametrize(
    ("calendar", "date", "real"),
    [
        ("jalali", (None, 6, 31), True),
        ("jalali", (None, 7, 31), False),
        ("jalali", (None, 12, 30), True),
        ("jalali", (1404, 12, 30), False),
        ("jalali", (1404, 13, None), False),
        ("jalali", (1404, None, 3), False),
        ("jalali", (1100, 12, 30), True),  # of no table: by the longest month
        ("gregorian", (None, 2, 29), True),
        ("gregorian", (2023, 2, 29), False),
        ("islamic", (1445, 9, 30), True),
        ("islamic", (1446, 9, 30), False),
    ],
)
def test_which_dates_exist(calendar: Calendar, date: tuple[int | None, int | None, int | None], real: bool) -> None:
    assert exists(calendar, *date) is real


@pytest.mark.parametrize(
    ("calendar", "year"),
    [("jalali", 1205), ("jalali", 1499), ("islamic", 1300), ("islamic", 1500), ("gregorian", 9999)],
)
def test_years_of_no_table_have_no_days(calendar: Calendar, year: int) -> None:
    assert days(calendar, year) is None


def test_days_of_no_table_have_no_parts() -> None:
    assert parts("jalali", dt.date(1500, 1, 1)) is None
    assert parts("islamic", dt.date(1500, 1, 1)) is None
    assert same_day(dt.date(1500, 1, 1), 12) is None
    assert parts("jalali", dt.date.min) is parts("jalali", dt.date.max) is None
    assert parts("islamic", dt.date.min) is parts("islamic", dt.date.max) is None


def test_the_same_day_of_a_shorter_month_is_its_last() -> None:
    first_of_31 = dt.date(2025, 7, 22)  # 31 Tir 1404
    assert same_day(first_of_31, 3) == dt.date(2025, 10, 22)  # 30 Mehr
    assert same_day(dt.date(2025, 3, 20), 12) == dt.date(2026, 3, 20)  # 30 Esfand 1403 to 29 Esfand 1404


@given(st.integers(1, 3000), st.integers(1, 12), st.integers(-500, 500))
def test_months_are_counted_back_and_forth(year: int, month: int, count: int) -> None:
    assert month_after(*month_after(year, month, count), -count) == (year, month)


@given(st.dates(dt.date(1828, 1, 1), dt.date(2118, 12, 31)))
def test_solar_days_are_converted_both_ways(day: dt.date) -> None:
    date = parts("jalali", day)
    assert date is not None
    assert days("jalali", *date) == (day, day)
