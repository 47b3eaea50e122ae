"""Which days a relative phrase covers: «امروز», «هفته گذشته», «سه سال اخیر», «پنجشنبه», counted from publication.

Only words that fix both ends have days. A window of the past ends on the day of publication and begins the day after
the same day a count of months or weeks before; a window to come begins the day after publication. Weeks run from
Saturday to Friday, months and seasons are solar unless the phrase says میلادی. A bare weekday is the last one up to
publication, for news tells what has happened; with «خواهد» after it, or «هر» before it, it has no days.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Final

from raqam.figures.calendars import Days, days, month_after, parts, same_day
from raqam.figures.date_lexer import Token
from raqam.figures.date_readings import Context

_DAY: Final = dt.timedelta(1)
_DIRECTION: Final = {"<": -1, "=": 0, ">": 1, "~": -1}
#: Months in a unit that is counted in them.
_MONTHS: Final = {"T": 1, "Y": 12, "X": 120}
#: Longer windows than this many units are nobody's calendar.
_MOST: Final = 200

Rule = Callable[[Sequence[Token], Context, dt.date], Days | None]


def window(tokens: Sequence[Token], context: Context) -> Days | None:
    """The days that a relative phrase fixes; None where the day of publication is unknown or it fixes none."""
    if context.published is None:
        return None
    codes = "".join(token.code for token in tokens)
    codes = codes[len(codes) - len(_EDGES.sub("", codes)) :]
    tokens = tokens[len(tokens) - len(codes) :]
    for pattern, rule in _RULES:
        if pattern.fullmatch(codes):
            try:
                return rule(tokens, context, context.published)
            except OverflowError:  # before the first day that there is
                return None
    return None


def weekday(day: dt.date) -> int:
    """The weekday counted from Saturday, which is 0.

    >>> weekday(dt.date(2025, 9, 6))
    0
    """
    return (day.weekday() + 2) % 7


def _today(tokens: Sequence[Token], _: Context, today: dt.date) -> Days | None:
    """«دیروز», «امروز دوشنبه», «امروز و فردا»; no day where the weekday is another one."""
    shifts = [token.value for token in tokens if token.code == "N"]
    first, last = today + min(shifts) * _DAY, today + max(shifts) * _DAY
    named = [token.value for token in tokens if token.code == "W"]
    return None if named and named != [weekday(first)] else (first, last)


def _weekday(tokens: Sequence[Token], _: Context, today: dt.date) -> Days | None:
    """«روز شنبه», «شنبه گذشته», «شنبه آینده»."""
    named = next(token.value for token in tokens if token.code == "W")
    if tokens[-1].code == ">":
        day = today + ((named - weekday(today) - 1) % 7 + 1) * _DAY
    elif tokens[-1].code == "<":
        day = today - ((weekday(today) - named - 1) % 7 + 1) * _DAY
    else:
        day = today - (weekday(today) - named) % 7 * _DAY
    return day, day


def _week(tokens: Sequence[Token], context: Context, today: dt.date) -> Days | None:
    """«هفته گذشته», and the days that are named of it («پنجشنبه و جمعه هفته جاری»)."""
    if _vague(tokens):
        return None
    saturday = today - weekday(today) * _DAY + 7 * _direction(tokens) * _DAY
    named = [token.value for token in tokens if token.code == "W"] or [0, 6]
    return saturday + min(named) * _DAY, saturday + max(named) * _DAY


def _day(tokens: Sequence[Token], _: Context, today: dt.date) -> Days | None:
    """«روز گذشته», «روز جاری»."""
    if tokens[-1].value == "point":  # «روز قبل»: before which?
        return None
    day = today + _direction(tokens) * _DAY
    return day, day


def _month(tokens: Sequence[Token], context: Context, today: dt.date) -> Days | None:
    """«ماه گذشته», «پنجم ماه جاری»; with میلادی the Gregorian month."""
    if _vague(tokens):
        return None
    now = parts(context.era or "jalali", today)
    if now is None:
        return None
    day = tokens[0].value if tokens[0].code in "do" else None
    return days(context.era or "jalali", *month_after(now[0], now[1], _direction(tokens)), None if day == -1 else day)


def _season(tokens: Sequence[Token], _: Context, today: dt.date) -> Days | None:
    """«فصل گذشته»."""
    now = parts("jalali", today)
    if now is None or _vague(tokens):
        return None
    year, month = month_after(now[0], (now[1] - 1) // 3 * 3 + 1, 3 * _direction(tokens))
    first, last = days("jalali", year, month), days("jalali", year, month + 2)
    return (first[0], last[1]) if first and last else None


def _vague(tokens: Sequence[Token]) -> bool:
    """Whether the phrase counts from another day than that of publication: «هفته بعد»."""
    return tokens[-1].code == ">" and tokens[-1].value != "window"


def _direction(tokens: Sequence[Token]) -> int:
    return next(_DIRECTION[token.code] for token in tokens if token.code in _DIRECTION)


def _count(tokens: Sequence[Token], _: Context, today: dt.date) -> Days | None:
    """«یک سال گذشته», «دو هفته آینده», «سه ماه اخیر»; «10 روز پیش» is one day, «دو ماه پیش» none."""
    number, unit, turn = tokens[0].value, tokens[1].code, tokens[-1]
    if not 0 < number <= _MOST or (turn.value == "point" and unit != "D"):
        return None
    sign = _DIRECTION[turn.code]
    if unit in "DK":
        far: dt.date | None = today + sign * number * (7 if unit == "K" else 1) * _DAY
    else:
        far = same_day(today, sign * number * _MONTHS[unit])
    if far is None:
        return None
    if turn.value == "point":
        return far, far
    return (far + _DAY, today) if sign < 0 else (today + _DAY, far)


_EDGES: Final = re.compile(r"^E+|^D(?=o)")
_RULES: Final[tuple[tuple[re.Pattern[str], Rule], ...]] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (r"=?D?W?NW?|N(?:[&R-]N)+", _today),
        (r"D?W[<>=]?", _weekday),
        (r"[De]?(?:W(?:[&R-]W)*)?(?:K[<=>]|=K)", _week),
        (r"D[<=>]|=D", _day),
        (r"(?:o?T[<=>]|[do]?=T|dT=)", _month),
        (r"F[<=>]|=F", _season),
        (r"d[DKTYX][<>~]", _count),
    )
)
