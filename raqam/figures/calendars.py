"""Three calendars, and the Gregorian days that their years, months and days cover.

Solar dates are converted by persiantools, which keeps the leap years of the Iranian calendar. Lunar dates are
converted by hijridate, the Umm al-Qura calendar of Saudi Arabia: **Iran sees the new moon for itself, so its lunar
months begin up to a day earlier or later.**
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final, Literal

from persiantools.jdatetime import JalaliDate

Calendar = Literal["jalali", "gregorian", "islamic"]
Days = tuple[dt.date, dt.date]

#: Years that are converted. Before the first the leap years of the solar calendar are disputed; lunar months outside
#: the second are in no table.
_YEARS: Final[dict[Calendar, range]] = {
    "jalali": range(1206, 1499),
    "gregorian": range(1, 9999),
    "islamic": range(1344, 1500),
}

#: The most days that each month may have, whatever the year.
_LONGEST: Final[dict[Calendar, tuple[int, ...]]] = {
    "jalali": (31,) * 6 + (30,) * 6,
    "gregorian": (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
    "islamic": (30,) * 12,
}


def exists(calendar: Calendar, year: int | None, month: int | None, day: int | None) -> bool:
    """Whether a date is one: of a year that is converted exactly, of another or of none by the longest months.

    >>> exists("jalali", 1403, 12, 30), exists("jalali", 1404, 12, 30), exists("jalali", None, 7, 31)
    (True, False, False)
    """
    if month is None:
        return day is None
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= _LONGEST[calendar][month - 1]):
        return False
    return (
        year is None or day is None or year not in _YEARS[calendar] or _convert(calendar, year, month, day) is not None
    )


def days(calendar: Calendar, year: int, month: int | None = None, day: int | None = None) -> Days | None:
    """The first and the last Gregorian day of a year, a month or a day; None where no table converts it.

    >>> [str(day) for day in days("jalali", 1404, 6)]
    ['2025-08-23', '2025-09-22']
    """
    first = _convert(calendar, year, month or 1, day or 1)
    if first is None or day is not None:
        return None if first is None else (first, first)
    after = _convert(calendar, year + 1, 1, 1) if month in (None, 12) else _convert(calendar, year, month + 1, 1)
    return None if after is None else (first, after - dt.timedelta(1))


def parts(calendar: Calendar, day: dt.date) -> tuple[int, int, int] | None:
    """The year, month and day of a Gregorian day; None where no table converts it.

    >>> parts("jalali", dt.date(2025, 9, 7))
    (1404, 6, 16)
    """
    if calendar == "gregorian":
        return day.year, day.month, day.day
    if calendar == "jalali":
        if not 1827 <= day.year <= 2120:  # the first and the last solar year that is converted, and a little more
            return None
        solar = JalaliDate(day)  # type: ignore[no-untyped-call]
        return (solar.year, solar.month, solar.day) if solar.year in _YEARS[calendar] else None
    from hijridate import Gregorian

    try:
        return Gregorian(day.year, day.month, day.day).to_hijri().datetuple()
    except (OverflowError, ValueError):
        return None


def month_after(year: int, month: int, count: int) -> tuple[int, int]:
    """The month that comes *count* months after one, or before it.

    >>> month_after(1405, 2, -11)
    (1404, 3)
    """
    at = year * 12 + month - 1 + count
    return at // 12, at % 12 + 1


def same_day(day: dt.date, months: int) -> dt.date | None:
    """The same day of the solar month that comes *months* later, or the last one of a shorter month.

    >>> str(same_day(dt.date(2025, 9, 25), -12))
    '2024-09-24'
    """
    solar = parts("jalali", day)
    if solar is None:
        return None
    year, month = month_after(solar[0], solar[1], months)
    whole = days("jalali", year, month)
    return None if whole is None else min(whole[0] + dt.timedelta(solar[2] - 1), whole[1])


@lru_cache(maxsize=1024)
def _convert(calendar: Calendar, year: int, month: int, day: int) -> dt.date | None:
    """The Gregorian day of a date; None where it does not exist or no table converts it."""
    # The day after the last year of a range ends that year, so one more is let through.
    if not (_YEARS[calendar].start <= year <= _YEARS[calendar].stop):
        return None
    try:
        if calendar == "gregorian":
            return dt.date(year, month, day)
        if calendar == "jalali":
            return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
        from hijridate import Hijri

        gregorian = Hijri(year, month, day).to_gregorian()
        return dt.date(gregorian.year, gregorian.month, gregorian.day)
    except (OverflowError, ValueError):
        return None
