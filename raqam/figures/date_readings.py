"""What a date phrase says before it becomes days: points of a calendar, and readings from one to another."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from raqam.figures.calendars import Calendar, Days, days, exists

#: Years in the longest range; what seems longer is a misprint («193 تا 1978»).
LONGEST_RANGE: Final = 500


class Point(NamedTuple):
    """A year, a month of it, a day of it: each may be missing."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phrase says: from ``first`` to ``last``.

    ``relative`` when the year hangs on the day of writing (it is then resolved, or None); ``loose`` when the phrase
    lies somewhere in between without filling it, so that no days follow from it.
    """

    calendar: Calendar
    first: Point
    last: Point
    relative: bool = False
    loose: bool = False


class Year(NamedTuple):
    """The value of a ``J`` token: the digits of a stated year, or a relative one.

    That is ``offset`` years from now, or with ``turn`` the year of the last (-1) or next (1) such month; with neither
    it is a year that the phrase does not fix.
    """

    stated: str = ""
    offset: int | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """What a phrase is read with: the calendar that it names, and the day of publication."""

    era: Calendar | None
    published: dt.date | None


def in_order(first: Reading, last: Reading) -> tuple[Reading, Reading]:
    """Two readings of whole years, the earlier one first: a dash turns them round in a line from right to left."""
    ends = first.first, last.last
    years = [end.year for end in ends if end.year is not None and end.month is None]
    return (last, first) if len(years) == 2 and years[0] > years[1] else (first, last)


def joined(first: Reading, last: Reading) -> Reading | None:
    """From the beginning of one reading to the end of another; a year that one of them states is lent to the other."""
    if first.calendar != last.calendar:
        return None
    start, end = first.first, last.last
    if start.year is None and end.year is not None and start.month:
        start = start._replace(year=end.year - (start.month > (end.month or 12)))
    elif end.year is None and start.year is not None:
        end = end._replace(year=start.year + ((start.month or 1) > (end.month or 12)))
    if end.month is not None and start.month is None:
        start = start._replace(month=1)
    if start.year and end.year and not 0 <= end.year - start.year <= LONGEST_RANGE:
        return None
    relative = first.relative or last.relative
    return replace(last, first=start, last=end, relative=relative, loose=first.loose or last.loose)


def whole(reading: Reading) -> Reading:
    """The reading with twelve months of one year, or more, said as years."""
    first, last = reading.first, reading.last
    if first[1:] == (1, None) and last[1:] == (12, None):
        return replace(reading, first=Point(first.year), last=Point(last.year)) if first.year else reading
    return reading


def real(reading: Reading) -> bool:
    """Whether both ends of a reading exist, in this order."""
    ends = (reading.first, reading.last)
    if not all(exists(reading.calendar, *end) for end in ends):
        return False
    begin = tuple(part or 0 for part in reading.first)
    end = tuple(99 if part is None else part for part in reading.last)
    if reading.first.year is None:  # «25 اسفند تا 15 فروردین» runs over the new year
        return reading.first.month != reading.last.month or begin[2] <= end[2]
    return reading.last.year is not None and begin <= end


def extent(reading: Reading) -> Days | None:
    """The days from the first of a reading to its last."""
    if reading.first.year is None or reading.last.year is None:
        return None
    first = days(reading.calendar, reading.first.year, *reading.first[1:])
    last = days(reading.calendar, reading.last.year, *reading.last[1:])
    return (first[0], last[1]) if first and last and first[0] <= last[1] else None
