"""The grammar of one date, as data: what the years, months and days of a phrase without «تا» are.

Every rule is a regular expression over the codes of :data:`raqam.figures.date_words.CODES` (one letter a token) and
a function of its groups; the first that fits the whole phrase counts. ``J`` stands for a year that was put together
before, stated («سال 98») or relative («سال جاری»).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from raqam.figures.calendars import Calendar
from raqam.figures.date_lexer import Token, full_year
from raqam.figures.date_readings import LONGEST_RANGE, Context, Point, Reading, Year, in_order, joined
from raqam.figures.date_years import resolve

Groups = Mapping[str, Sequence[Token]]
Rule = Callable[[Groups, Context], Reading | None]


def _reading(
    groups: Groups, context: Context, first: Point, last: Point, calendar: Calendar | None = None
) -> Reading | None:
    """The reading of a range of months or days of the year in the group ``y``; of a range of years without one."""
    years = groups.get("y") or ()
    if not years:
        if calendar is None:
            calendar = context.era or "jalali"
        return Reading(calendar, first, last)
    year: Year = years[0].value
    if year.stated:
        known = full_year(year.stated, calendar or context.era)
        if known is None or calendar not in (None, known[1]):
            return None
        number, calendar = known
        relative = False
    else:
        calendar = calendar or context.era or "jalali"
        found = resolve(year, calendar, first.month, context)
        relative = True
        if found is None:
            return Reading(calendar, first, last, relative=True)
        number = found
    wraps = (first.month or 1) > (last.month or 12)  # «اسفند و فروردین 1400», «زمستان و بهار 1400»
    return Reading(calendar, first._replace(year=number - wraps), last._replace(year=number), relative)


def _day(groups: Groups, context: Context) -> Reading | None:
    """«16 شهریور 1404», «15 و 16 اسفندماه», «روز 10 ژوئن»."""
    calendar, month = groups["m"][0].value
    first = groups["d1" if "d1" in groups else "nth"][0].value
    last = groups["d2"][0].value if groups.get("d2") else first
    if first == last == -1 and "nth" in groups and calendar == "jalali" and month < 12:  # «آخرین روز مهر»
        first = last = _length(month)
    elif first < 0 or last < 0:  # the end of the month, or a last day that hangs on the year
        return _reading(groups, context, Point(None, month), Point(None, month), calendar)
    return _reading(groups, context, Point(None, month, first), Point(None, month, last), calendar)


def _length(month: int) -> int:
    """The days of a solar month other than the last."""
    return 31 if month <= 6 else 30


def _first_days(groups: Groups, context: Context) -> Reading | None:
    """«17 روز ابتدای آذرماه 98», «22 روز اردیبهشت ماه», «سه روز پایانی مهر»."""
    calendar, month = groups["m"][0].value
    count = groups["d"][0].value
    part = groups["part"][0].value if groups.get("part") else 1
    if part in (1, "begin"):
        return _reading(groups, context, Point(None, month, 1), Point(None, month, count), calendar)
    if part not in (-1, "end") or calendar != "jalali" or month == 12:  # whose last day hangs on the year
        return _reading(groups, context, Point(None, month), Point(None, month), calendar)
    length = _length(month)
    return _reading(groups, context, Point(None, month, length + 1 - count), Point(None, month, length), calendar)


def _half_month(groups: Groups, context: Context) -> Reading | None:
    """«نیمه نخست مهر 1404»: days 1 to 15; the second half ends with the month, in whatever year."""
    calendar, month = groups["m"][0].value
    if groups["o"][0].value != 1:
        return _reading(groups, context, Point(None, month), Point(None, month), calendar)
    return _reading(groups, context, Point(None, month, 1), Point(None, month, 15), calendar)


def _months(groups: Groups, context: Context) -> Reading | None:
    """«آبان ماه 98», «آذر و دی 98»."""
    (calendar, first), (_, last) = groups["m"][0].value, groups["m2" if groups.get("m2") else "m"][0].value
    return _reading(groups, context, Point(None, first), Point(None, last), calendar)


def _years(groups: Groups, context: Context) -> Reading | None:
    """«سال 98», «سال‌های 96 و 97», «9899», «سال جاری»."""
    first = _one_year(groups, context)
    if first is None or not groups.get("y2"):
        return first
    era = context.era or (None if len(groups["y2"][0].value.stated) == 4 else first.calendar)
    last = _reading({"y": groups["y2"]}, replace(context, era=era), Point(), Point())
    return None if last is None else joined(*in_order(first, last))


def _one_year(groups: Groups, context: Context) -> Reading | None:
    text = groups["y"][0].value.stated
    if len(text) in (6, 8) or (len(text) == 4 and full_year(text, context.era) is None):
        return _run_together(text, context)
    return _reading(groups, context, Point(), Point())


def _run_together(text: str, context: Context) -> Reading | None:
    """Two years whose dash was lost: «13951387», «20192020», «9899», «202019»."""
    half = 4 if len(text) > 4 else 2
    first = full_year(text[:half], context.era)
    if first is None:
        return None
    tail = text[half:] if len(text) == 8 else str(first[0])[:2] + text[half:]
    last = full_year(tail, context.era)
    if last is None or first[1] != last[1] or (len(text) != 8 and abs(last[0] - first[0]) != 1):
        return None
    ends = sorted((first[0], last[0]))
    return Reading(first[1], Point(ends[0]), Point(ends[1])) if ends[1] - ends[0] <= LONGEST_RANGE else None


def _decades(groups: Groups, context: Context) -> Reading | None:
    """«دهه 90», «دهه شصت و هفتاد», «دهه 1970 میلادی»."""
    first = _decade(groups["d"][0], context)
    last = _decade(groups["d2"][0], context) if groups.get("d2") else first
    if first is None or last is None or first[1] != last[1]:
        return None
    return Reading(first[1], Point(first[0]), Point(last[0] + 9))


def _decade(token: Token, context: Context) -> tuple[int, Calendar] | None:
    """The first year of a decade. Gregorian decades below the thirties may be of two centuries, so they are none."""
    if token.value % 10 or (token.value < 100 and context.era == "gregorian" and token.value < 30):
        return None
    if token.value < 100 and context.era in (None, "jalali"):
        return (1300 if token.value else 1400) + token.value, "jalali"
    return full_year(token.digits or str(token.value), context.era)


def _part(groups: Groups, context: Context) -> Reading | None:
    """«10 ماهه سال 94», «سه ماهه دوم 1404», «نیمه دوم سال 1396», «فصل سوم 98»."""
    unit = (groups.get("unit") or (Token("A", 1),))[0]
    length = {"H": 6, "F": 3}.get(unit.code) or (groups["d"][0].value if groups.get("d") else 1) * (unit.value or 1)
    which = _which(groups.get("o"))
    first = 13 - length if which == -1 else (which - 1) * length + 1
    last = first + length - 1
    if which == 0 or not 1 <= first <= last <= 12:
        return None
    return _reading(groups, context, Point(None, first), Point(None, last))


def _which(order: Sequence[Token] | None) -> int:
    """The ordinal of a part: without one it is the first, «پایانی» is -1; 0 for none."""
    if not order:
        return 1
    value = order[0].value
    return {"begin": 1, "end": -1}.get(value, 0) if order[0].code == "E" else int(value)


def _season(groups: Groups, context: Context) -> Reading | None:
    """«بهار 1405»; a season of a Gregorian year is that year, for it lies across the solar ones."""
    season = groups["s"][0].value
    if not groups.get("y"):  # alone it has to say that it is one: «تابستان» is the one that is near
        return _reading(groups, context, Point(None, season * 3 - 2), Point(None, season * 3))
    whole = _reading(groups, context, Point(), Point())
    if whole is None or whole.calendar != "jalali":
        return whole
    last = groups["s2"][0].value if groups.get("s2") else season
    return _reading(groups, context, Point(None, season * 3 - 2), Point(None, last * 3), "jalali")


def _month_of_season(groups: Groups, context: Context) -> Reading | None:
    """«نخستین ماه پاییز»."""
    which = groups["o"][0].value % 4 if groups["o"][0].value > 0 else 3
    month = groups["s"][0].value * 3 - 3 + which
    if groups["o"][0].value > 3:
        return None
    return _reading(groups, context, Point(None, month), Point(None, month))


def _date(groups: Groups, _: Context) -> Reading | None:
    """«1404/6/16»."""
    calendar, *numbers = groups["z"][0].value
    return Reading(calendar, Point(*numbers), Point(*numbers))


def _before_year(groups: Groups, context: Context) -> Reading | None:
    """«سه سال قبل از 92»."""
    at = _reading(groups, context, Point(), Point())
    if at is None or at.first.year is None:
        return None
    count, direction = groups["d"][0].value, groups["b"][0].value
    near = at.first.year + direction
    far = at.first.year + direction * count
    return replace(at, first=Point(min(near, far)), last=Point(max(near, far)))


RULES: Final[tuple[tuple[re.Pattern[str], Rule], ...]] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (r"[WNDe&]*(?P<z>Z)[WN]*", _date),
        (r"[WNDe&]*(?:(?P<d1>[do])|(?P<nth>o)D)T?(?P<m>M)T?(?P<y>J)?[WN]*", _day),
        (r"[WNDe&]*(?P<d1>[do])D?&(?P<d2>[do])D?T?(?P<m>M)T?(?P<y>J)?", _day),
        (r"(?P<d>d)D(?P<part>[oE])?T?(?P<m>M)T?(?P<y>J)?", _first_days),
        (r"H(?P<o>o)T?(?P<m>M)T?(?P<y>J)?", _half_month),
        (r"[tT]?(?P<m>M)T?(?:(?:[&-]?T?M)*[&-]?T?(?P<m2>M)T?)?(?P<y>J)?", _months),
        (r"[yYF]?(?P<y>J)(?:(?:&?J)*&?(?P<y2>J))?", _years),
        (r"[yY]?[Xx](?P<d>d)(?:(?:&?[Xx]?d)*&?[Xx]?(?P<d2>d))?", _decades),
        (r"(?P<d>d)(?:(?P<unit>A)|T)(?P<o>[oE])?(?P<y>J)", _part),
        (r"(?P<o>o)(?P<d>d)(?:(?P<unit>A)|T)(?P<y>J)", _part),
        (r"(?P<unit>[HF])(?P<o>o)(?P<y>J)", _part),
        (r"(?P<o>o)(?P<unit>[HF])(?P<y>J)", _part),
        (r"(?P<o>o)T(?P<y>J)|T(?P<o2>o)(?P<y2>J)", _part),
        (r"[Ff]?(?P<s>S)(?:&F?(?P<s2>S))?(?P<y>J)", _season),
        (r"^(?:dT)?[Fe](?P<s>S)", _season),
        (r"(?P<o>o)TF?(?P<s>S)(?P<y>J)?", _month_of_season),
        (r"(?P<d>d)Y(?P<b>B)(?P<y>J)", _before_year),
    )
)
