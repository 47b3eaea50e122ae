"""Dates and periods: the calendar, the date and the days of a DAT span.

>>> read_date("16 شهریور 1404")["start"]
'2025-09-07'
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from raqam.figures.calendars import Calendar, Days, parts
from raqam.figures.date_lexer import Token, lex
from raqam.figures.date_phrases import read_phrase
from raqam.figures.date_readings import Context, Point, Reading, extent, real, whole
from raqam.figures.date_windows import weekday, window
from raqam.figures.date_years import collapse

#: A longer phrase is no date; the limit bounds the work.
LONGEST: Final = 120

#: Codes that make a phrase relative when no date could be read from it.
_RELATIVE: Final = frozenset("NWV<>=~LBMSqEoHCJ") | frozenset("ytkef")
#: Those that hang on the day of writing even beside a solar month.
_NOW: Final = frozenset("NWV<>=~LJv")
#: How far from publication a day without its year may lie.
_NEAR: Final = dt.timedelta(183)
_LATER: Final = re.compile(r"(?<!\w)(?:خواهد|خواهند|خواهیم)(?!\w)")
_EVERY: Final = re.compile(r"(?<!\w)(?:هر|روزهای)\s+(?:روز\s+)?$")
_ERA_AFTER: Final = re.compile(r"\s{0,2}\(?(?:(میلادی)|(?:هجری\s{0,2})?(?:(قمری)|(?:شمسی|خورشیدی)))(?!\w)")


def read_date(
    surface: str, before: str = "", after: str = "", published: dt.date | None = None
) -> dict[str, Any] | None:
    """Read the date that *surface* is: a ``date`` or ``relative``, and its days where both ends are known.

    All three texts are normalized (:func:`raqam.text.normalize`); *before* and *after* are what stands on either side,
    and *published* is the day that relative dates are counted from. None for what cannot be read, and for a date that
    no calendar has («31 مهر»).

    A solar month without its year has no days, unless a weekday beside it, or امروز, fixes the year; a Gregorian or
    lunar one is relative. Two digits are a solar year of 1320 to 1419, or with میلادی one of 1950 to 2049.

    >>> read_date("پایان سال 90")["date"], read_date("10 ماهه سال 94")["date"], read_date("دهم تیرماه")
    ('1390', '1394-01..1394-10', {'kind': 'date', 'calendar': 'jalali', 'date': '--04-10'})
    >>> read_date("یک سال گذشته", published=dt.date(2025, 9, 25))["start"]
    '2024-09-25'
    """
    if len(surface) > LONGEST:
        return None
    told = _EVERY.search(before[-20:]) is None and _LATER.search(after[:60]) is None
    value = _read(surface, _era(_ERA_AFTER.match(after)), told, published)
    return None if value is None else dict(value)


def _era(match: re.Match[str] | None) -> Calendar | None:
    """The calendar that the words after the span name."""
    if match is None:
        return None
    return "gregorian" if match[1] else "islamic" if match[2] else "jalali"


@lru_cache(maxsize=1024)
def _read(
    surface: str, era: Calendar | None, told: bool, published: dt.date | None
) -> tuple[tuple[str, Any], ...] | None:
    """The value as pairs: equal phrases are common («امروز»), and a cached value must not change.

    *told* is False where the text around shows that a weekday is none of the past.
    """
    found = lex(surface)
    codes = {token.code for token in found}
    tokens = [token for token in found if token.code not in "z?j"]
    if not tokens or "!" in codes:
        return None
    plain = not codes & {"?", "j"}  # a word that is not understood may move a relative date
    context = Context(next((token.value for token in tokens if token.code == "G"), era), published)
    tokens = [token for token in tokens if token.code != "G"]
    years = collapse(tokens)
    reading = read_phrase(years, context)
    if reading is None:
        return _relative(tokens, years, context, plain and (told or not _bare_weekday(codes)))
    if not real(reading):
        return None
    return _value(whole(reading if plain else replace(reading, loose=True)), tokens, published)


def _bare_weekday(codes: set[str]) -> bool:
    """Whether a phrase names a weekday and nothing that says which one."""
    return "W" in codes and not codes & set("N<=>")


def _relative(
    tokens: list[Token], years: list[Token], context: Context, settled: bool
) -> tuple[tuple[str, Any], ...] | None:
    """The value of a phrase in which no date was found; None where nothing in it hangs on the day of writing."""
    codes = {token.code for token in years}
    if codes <= {"d", "v", "&"} or not codes & _RELATIVE or _states_date(years):
        return None
    months = [token.value[0] for token in tokens if token.code == "M"]
    calendar: Calendar = months[0] if months else context.era or "jalali"
    return _pairs(calendar, None, window(tokens, context) if settled else None)


def _states_date(years: list[Token]) -> bool:
    """Whether a phrase states a date or a solar month that was not read: then it is not relative, but unread."""
    codes = {token.code for token in years}
    solar = any(token.code == "M" and token.value[0] == "jalali" for token in years)
    if solar and ("B" in codes or not codes & _NOW):
        return True
    return "Z" in codes or any(token.code == "J" and token.value.stated for token in years)


def _value(reading: Reading, tokens: list[Token], published: dt.date | None) -> tuple[tuple[str, Any], ...]:
    """The value of a reading, with its days where both its years are known."""
    calendar = reading.calendar
    if reading.relative or (reading.first.year is None and calendar != "jalali"):
        return _pairs(calendar, None, None if reading.loose else extent(reading))
    if reading.first.year is None:
        return _pairs(calendar, _text(reading), extent(_this_year(reading, tokens, published)))
    return _pairs(calendar, _text(reading), extent(reading))


def _this_year(reading: Reading, tokens: list[Token], published: dt.date | None) -> Reading:
    """The reading of a day without its year, with the year that a weekday or امروز beside it fixes."""
    now = parts("jalali", published) if published else None
    shifts = [token.value for token in tokens if token.code == "N"]
    weekdays = [token.value for token in tokens if token.code == "W"]
    if now is None or published is None or reading.first.day is None or not (shifts or weekdays):
        return reading
    for year in (now[0], now[0] - 1, now[0] + 1):
        dated = _in_year(reading, year)
        covered = extent(dated)
        if covered is None or abs(covered[0] - published) > _NEAR:
            continue
        if shifts and covered[0] - published != dt.timedelta(shifts[0]):
            continue
        if not weekdays or weekdays[0] == weekday(covered[0]):
            return dated
    return reading


def _in_year(reading: Reading, year: int) -> Reading:
    return Reading(reading.calendar, reading.first._replace(year=year), reading.last._replace(year=year))


def _text(reading: Reading) -> str:
    """The ``date`` of a reading, as precise as its words.

    >>> _text(Reading("jalali", Point(1404, 6), Point(1404, 6)))
    '1404-06'
    """
    ends = [_point(reading.first), _point(reading.last)]
    return ends[0] if ends[0] == ends[1] else "..".join(ends)


def _point(point: Point) -> str:
    year = "-" if point.year is None else f"{point.year:04}"
    return "-".join([year, *(f"{part:02}" for part in point[1:] if part is not None)])


def _pairs(calendar: Calendar, date: str | None, covered: Days | None) -> tuple[tuple[str, Any], ...]:
    value: list[tuple[str, Any]] = [("kind", "date"), ("calendar", calendar)]
    value.append(("relative", True) if date is None else ("date", date))
    if covered:
        value += [("start", covered[0].isoformat()), ("end", covered[1].isoformat())]
    return tuple(value)
