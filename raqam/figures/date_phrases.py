"""Reads a date phrase: what leads to a date is left out, «منتهی به» and «تا» are taken apart, the rest is a rule.

>>> from raqam.figures.date_lexer import lex
>>> from raqam.figures.date_years import collapse
>>> read_phrase(collapse(lex("6 تا 9 آذر 1404")), Context(None, None)).last
Point(year=1404, month=9, day=9)
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final

from raqam.figures.calendars import month_after, parts
from raqam.figures.date_lexer import Token
from raqam.figures.date_readings import LONGEST_RANGE, Context, Point, Reading, extent, in_order, joined
from raqam.figures.date_rules import RULES, Groups

#: What may stand before a date without narrowing it: the beginning of a year is the year. The loose ones narrow a
#: relative date, which then has no days.
_LEADS: Final = re.compile(
    r"E|[DTYyetkK](?![oE])(?=.)|=(?=.)|[WND&]"
    r"|(?P<loose>o(?=[YJTKFXDHyktfxe])|d[KDT][oE]|[DKTYyetk]+[oE](?=.)|H(?=T?M)|[Lq])"
)
_MAX_LEADS: Final = 6
_FALL: Final = re.compile(r"(?P<d>d)[TAY]U(?P<end>.+)|[^R]*?U(?P<rest>.+)")


def read_side(tokens: list[Token], context: Context) -> Reading | None:
    """Read one date, month, year, part of a year or decade: the whole of *tokens*, what leads to it left out."""
    codes = "".join(token.code for token in tokens)
    loose = False
    at = 0
    for _ in range(_MAX_LEADS):
        for pattern, rule in RULES:
            if match := pattern.fullmatch(codes, at):
                reading = rule(_groups(match, tokens), context)
                return replace(reading, loose=loose) if reading and loose else reading
        lead = _LEADS.match(codes, at)
        if lead is None or lead.end() >= len(codes):
            break
        loose = loose or lead["loose"] is not None
        at = lead.end()
    return _until(tokens, codes, context)


def _groups(match: re.Match[str], tokens: list[Token]) -> Groups:
    found = {name: tokens[match.start(name) : match.end(name)] for name, text in match.groupdict().items() if text}
    if "o2" in found:  # the same parts the other way round
        found["o"], found["y"] = found.pop("o2"), found.pop("y2")
    return found


def _until(tokens: list[Token], codes: str, context: Context) -> Reading | None:
    """«12 ماه منتهی به اردیبهشت 1404»: the months that end there; anything else that ends on a day is that day."""
    match = _FALL.search(codes)
    if match is None:
        return None
    end = read_side(tokens[match.start("end" if match["end"] else "rest") :], context)
    if end is None or not match["end"] or end.last.day is not None or end.last.year is None:
        return end
    count, unit = tokens[match.start("d")].value, tokens[match.start("d") + 1]
    count *= 12 if unit.code == "Y" else unit.value or 1
    if not 0 < count <= LONGEST_RANGE * 12:
        return None
    year, month = month_after(end.last.year, end.last.month or 12, 1 - count)
    return replace(end, first=Point(year, month), last=Point(end.last.year, end.last.month or 12))


def read_phrase(tokens: list[Token], context: Context) -> Reading | None:
    """Read a phrase: one side, or two with «تا» or a dash between them, each lending the other what it left out."""
    codes = "".join(token.code for token in tokens)
    if codes.startswith("R"):  # «تا پایان سال»: the span began a word too early
        tokens, codes = tokens[1:], codes[1:]
    whole = read_side(tokens, context) if "R" not in codes else None
    if whole is not None:
        return whole
    if not any(code in codes for code in "R-"):
        return _in_a_row(tokens, codes, context)
    at = codes.find("R") if "R" in codes else codes.find("-")
    left, right = tokens[:at], tokens[at + 1 :]
    if codes[at + 1 :] == "N" and tokens[-1].value == 0:
        return _until_now(read_side(left, context), context)
    last = read_side(right, context)
    if last is None:
        return None
    if "".join(token.code for token in left) == "S":  # a season that a range begins with is one of the stated year
        left = [Token("F"), *left]
    first = _bare(left, last) or read_side(left, _like(last, context))
    if first is None:
        return None
    return joined(*in_order(first, last)) if "R" not in codes else joined(first, last)


def _in_a_row(tokens: list[Token], codes: str, context: Context) -> Reading | None:
    """«اسفند 99 و فروردین 1400»: two dates around «و» are one period only where they touch."""
    at = codes.find("&")
    first = read_side(tokens[:at], context) if at > 0 else None
    last = read_side(tokens[at + 1 :], context) if first else None
    if first is None or last is None or first.calendar != last.calendar:
        return None
    before, after = extent(first), extent(last)
    if before is None or after is None or after[0] - before[1] != dt.timedelta(1):
        return None
    return joined(first, last)


def _until_now(first: Reading | None, context: Context) -> Reading | None:
    """«ابتدای سال جاری تا امروز», «سال 1392 تاکنون»: the end hangs on the day of writing."""
    if first is None:
        return None
    now = parts(first.calendar, context.published) if context.published else None
    start = first.first if now and first.first.year else Point()
    return replace(first, first=start, last=Point(*now) if now else Point(), relative=True)


def _like(last: Reading, context: Context) -> Context:
    """The context of a first side: a Gregorian or lunar last side lends its calendar to a bare year."""
    return replace(
        context, era=context.era or (last.calendar if last.calendar != "jalali" and last.last.month is None else None)
    )


def _bare(tokens: list[Token], last: Reading) -> Reading | None:
    """A day whose month the last side names («6 تا 9 آذر»)."""
    codes = "".join(token.code for token in tokens).lstrip("WNDe")
    if codes not in ("d", "o", "J") or last.first.day is None:
        return None
    number = tokens[-1].value
    if codes == "J" and len(number.stated) != 2:
        return None
    day = int(number.stated) if codes == "J" else number
    return replace(last, first=last.first._replace(day=day), last=last.first._replace(day=day))
