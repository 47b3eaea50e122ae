"""The value objects of spans: which kind each label takes, and what is wrong with one that somebody wrote."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Context, Decimal
from typing import Any, Final

from raqam.figures.calendars import Calendar, Days
from raqam.figures.calendars import parts as parts_of
from raqam.figures.date_readings import Point, Reading, extent, real

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "MON": ("money",),
    "PCT": ("percent", "ratio"),
    "QTY": ("quantity",),
    "CNT": ("count",),
    "RNK": ("rank",),
    "DAT": ("date",),
    "LOC": ("place",),
}
OPTIONAL: Final = frozenset({"LOC"})
"""Labels whose value may be null: a place that no code covers."""

BOUNDS: Final = ("exact", "about", "at_least", "more_than", "at_most", "less_than")
CALENDARS: Final = ("jalali", "gregorian", "islamic")
RIALS: Final[Mapping[str, int]] = {"IRR": 1, "IRT": 10}
"""Rials in one unit of each Iranian currency."""

_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "money": ("currency", "irr"),
    "percent": (),
    "ratio": (),
    "quantity": ("unit",),
    "count": ("of",),
    "rank": (),
}
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_INTEGER: Final = re.compile(r"[0-9]+")
_UNIT: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:/[A-Za-z0-9]+)*")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_DAY: Final = r"(?:[0-9]{4}|-(?=-))(?:-[0-9]{2}){0,2}"
_DATE: Final = re.compile(rf"{_DAY}(?:\.\.{_DAY})?")
CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
"""Control characters but white space, which no noun has."""

#: How far a day of the moon may be from the table, as each country sees the moon for itself.
_MOON: Final = dt.timedelta(1)


def value_problems(label: str, value: object) -> Iterator[str]:
    """Yield a sentence for everything wrong with *value* as the value of a *label* span; nothing when it is right."""
    kinds = KINDS.get(label)
    if kinds is None or (value is None and label in OPTIONAL):
        if value is not None:
            yield f"a {label} span takes no value; write null"
        return
    if not isinstance(value, dict) or value.get("kind") not in kinds:
        yield f"the value must be an object with kind {' or '.join(kinds)}, not {_shown(value)}"
    elif value["kind"] == "date":
        yield from _date_problems(value)
    elif value["kind"] == "place":
        yield from _place_problems(value)
    else:
        yield from _figure_problems(value)


def _figure_problems(value: Mapping[str, Any]) -> Iterator[str]:
    kind = value["kind"]
    parts = [key for key in ("number", "low", "high") if key in value]
    yield from _key_problems(value, required={"kind", "bound", *_FIELDS[kind]}, optional=set(parts))
    if parts not in ([], ["number"], ["low", "high"]):
        yield f"a figure has number, or low and high, or none of them (vague); this has {' and '.join(parts)}"
    pattern = _INTEGER if kind == "rank" else _NUMBER
    wrong = [key for key in parts if not _fits(pattern, value[key])]
    example = "'6'" if kind == "rank" else "'9.7'"
    for key in wrong:
        yield f"{key} must be an exact decimal string such as {example}, not {_shown(value[key])}"
    if value.get("bound") not in BOUNDS:
        yield f"bound must be one of {', '.join(BOUNDS)}, not {_shown(value.get('bound'))}"
    if not wrong and parts == ["low", "high"] and Decimal(value["low"]) > Decimal(value["high"]):
        yield f"low {value['low']} is above high {value['high']}"
    if kind == "money" and not wrong:
        yield from _money_problems(value, parts)
    if kind == "quantity" and not _fits(_UNIT, value.get("unit")):
        yield f"unit must be a unit code such as MW or bbl/day, not {_shown(value.get('unit'))}"
    if kind == "count" and "of" in value and not _is_noun(value["of"]):
        yield f"of must be the noun that is counted, or null where the span has none, not {_shown(value['of'])}"


def _is_noun(value: object) -> bool:
    """Whether *value* can be what is counted: words, or null."""
    return value is None or (isinstance(value, str) and bool(value.strip()) and not CONTROL.search(value))


def _money_problems(value: Mapping[str, Any], parts: list[str]) -> Iterator[str]:
    if not _fits(_CURRENCY, value.get("currency")):
        yield f"currency must be a code such as IRT, IRR or USD, not {_shown(value.get('currency'))}"
        return
    expected = rials(value["currency"], {key: value[key] for key in parts})
    if value.get("irr") != expected:
        yield f"irr must be {_shown(expected)}, the amount in rials, not {_shown(value.get('irr'))}"


def rials(currency: str, parts: Mapping[str, str]) -> str | dict[str, str] | None:
    """The ``irr`` of an amount: a string, for a range an object of low and high, None for foreign or vague money.

    >>> rials("IRT", {"number": "1500.5"}), rials("USD", {"number": "3"})
    ('15005', None)
    """
    if currency not in RIALS or not parts:
        return None
    amounts = {key: _plain(_times(Decimal(part), RIALS[currency])) for key, part in parts.items()}
    return amounts.get("number") or amounts


def _times(number: Decimal, factor: int) -> Decimal:
    """The product, exact however many digits *number* has."""
    return Context(prec=len(number.as_tuple().digits) + len(str(factor))).multiply(number, Decimal(factor))


def _plain(number: Decimal) -> str:
    """*number* without exponent and without zeros at its end."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _date_problems(value: Mapping[str, Any]) -> Iterator[str]:
    yield from _key_problems(value, required={"kind", "calendar"}, optional={"date", "relative", "start", "end"})
    if value.get("calendar") not in CALENDARS:
        yield f"calendar must be one of {', '.join(CALENDARS)}, not {_shown(value.get('calendar'))}"
    if ("date" in value) == ("relative" in value) or value.get("relative", True) is not True:
        yield "a date has either date, or relative true"
    reading = None
    if "date" in value and not _fits(_DATE, value["date"]):
        yield f"date must look like 1404-06-16, 1404-06, 1404, --06-16 or 1403..1404, not {_shown(value['date'])}"
    elif "date" in value and value.get("calendar") in CALENDARS:
        reading = _reading(value["calendar"], value["date"])
        if reading is None:
            yield f"date must be of days that there are, the first one first, not {_shown(value['date'])}"
    if ("start" in value) != ("end" in value):
        yield "start and end of a date come together"
    elif "start" in value:
        yield from _days_problems(value, reading)


def _days_problems(value: Mapping[str, Any], reading: Reading | None) -> Iterator[str]:
    """What is wrong with ``start`` and ``end``, also as those of *reading*."""
    start, end = _day(value["start"]), _day(value["end"])
    if start is None or end is None or start > end:
        yield f"start and end must be Gregorian days in order, not {_shown(value['start'])} and {_shown(value['end'])}"
        return
    covered = None if reading is None else _covered(reading, start)
    slack = _MOON if value.get("calendar") == "islamic" else dt.timedelta(0)
    if covered and (abs(covered[0] - start) > slack or abs(covered[1] - end) > slack):
        yield f"start and end of {value['date']} must be {covered[0]} and {covered[1]}, not {start} and {end}"


def _reading(calendar: Calendar, date: str) -> Reading | None:
    """*date* as a reading; None where its days do not exist, or stand the wrong way round."""
    ends = [
        Point(*(None if part == "" else int(part) for part in end.removeprefix("-").split("-")))
        for end in date.split("..")
    ]
    if len({end.year is None for end in ends}) == 2:
        return None
    reading = Reading(calendar, ends[0], ends[-1])
    return reading if real(reading) else None


def _covered(reading: Reading, start: dt.date) -> Days | None:
    """The days of *reading*; where it states no year, those of the year that *start* is in."""
    if reading.first.year is None:
        found = parts_of(reading.calendar, start)
        year = found[0] if found else None
        reading = replace(reading, first=reading.first._replace(year=year), last=reading.last._replace(year=year))
    return extent(reading)


def _place_problems(value: Mapping[str, Any]) -> Iterator[str]:
    yield from _key_problems(value, required={"kind", "country", "province"})
    country, province = value.get("country"), value.get("province")
    if not _fits(re.compile("[A-Z]{2}"), country):
        yield f"country must be an ISO 3166-1 code such as IR, not {_shown(country)}"
    elif province is not None and not _fits(re.compile(f"{country}-[A-Z0-9]{{1,3}}"), province):
        yield f"province must be null or an ISO 3166-2 code such as {country}-13, not {_shown(province)}"


def _key_problems(value: Mapping[str, Any], required: set[str], optional: set[str] | None = None) -> Iterator[str]:
    if missing := sorted(required - value.keys()):
        yield f"the value lacks {', '.join(missing)}"
    if extra := sorted(value.keys() - required - (optional or set())):
        yield f"the value has unknown fields: {', '.join(extra)}"


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _day(value: object) -> dt.date | None:
    """*value* as a day, or None where it is not ``YYYY-MM-DD``."""
    try:
        return dt.date.fromisoformat(value) if _fits(re.compile(r"\d{4}-\d\d-\d\d"), value) else None  # type: ignore[arg-type]
    except ValueError:
        return None


def _shown(value: object) -> str:
    """*value* in a message: short, and as JSON spells it where that differs from Python."""
    return "null" if value is None else repr(value)[:60]
