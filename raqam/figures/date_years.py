"""Finds the years of a phrase, stated and relative, and makes each one ``J`` token."""

from __future__ import annotations

import re
from typing import Final

from raqam.figures.calendars import Calendar, days, parts
from raqam.figures.date_lexer import Token
from raqam.figures.date_readings import Context, Year

_OFFSETS: Final = {"<": -1, "=": 0, ">": 1}

#: Where a year begins, of the codes of a phrase. A number before a unit counts it, and before a month is its day.
_YEAR: Final = re.compile(
    r"(?P<now>V|=Y|(?<![dv~])Y(?P<turn>[<=>]))"
    r"|(?P<stated>[Yy]o?E?(?P<number>d)(?![YTKDXAhF]|T?M))"
    r"|(?P<some>(?<![dv~=])Y(?![<=>~d]))"
    r"|(?P<month>(?<=M)T?(?P<turn2>[<=>])|(?<=S)(?P<turn3>[<>=]))"
    r"|(?P<bare>(?<![Xx])d(?![YTKDXAhF]|(?:&[do])?D?T?M|&?[Xx]))"
)


_DECADES: Final = re.compile(r"[Xx](?:d&?[Xx]?)+$")


def collapse(tokens: list[Token]) -> list[Token]:
    """The tokens with each year made one ``J`` token.

    >>> from raqam.figures.date_lexer import lex
    >>> [token.code for token in collapse(lex("16 شهریور 1404"))]
    ['d', 'M', 'J']
    """
    codes = "".join(token.code for token in tokens)
    same = codes.find("qY")
    if same > 0 and tokens[same].value == "same" and "M" in codes[:same]:  # «خرداد همان سال» leaves its year out
        tokens = tokens[:same] + tokens[same + 2 :]
        codes = codes[:same] + codes[same + 2 :]
    out: list[Token] = []
    at = 0
    for match in _YEAR.finditer(codes):
        year = _year(match, tokens, codes)
        if year is not None:
            out += tokens[at : match.start()]
            if at == match.start() and year.stated and out and out[-1].code == "J" and not out[-1].value.stated:
                out.pop()  # «سال جاری (1399)» is a stated year
            out.append(Token("J", year))
            at = match.end()
    return out + tokens[at:]


def _year(match: re.Match[str], tokens: list[Token], codes: str) -> Year | None:
    """The year that was found, or None where it is a number of something else."""
    if match["now"]:
        first, last = tokens[match.start()], tokens[match.end() - 1]
        if first.code == "V":
            return Year(offset=first.value)
        if last.code == ">" and last.value != "window":  # «سال بعد», «سال جدید»: after what?
            return Year()
        return Year(offset=_OFFSETS[match["turn"] or "="])
    if match["some"]:
        return Year()
    if match["month"]:
        turn = match["turn2"] or match["turn3"]
        return Year(offset=0) if turn == "=" else Year(turn=_OFFSETS[turn])
    number = tokens[match.end() - 1]
    text = number.digits or str(number.value)
    if match["bare"] and not _year_like(text, codes[: match.start()], bool(number.digits)):
        return None
    return Year(stated=text)


def _year_like(text: str, before: str, digits: bool) -> bool:
    """Whether a number without «سال» is a year: it has four digits, or no day of a month, or stands where years do."""
    if _DECADES.search(before):
        return False
    if not digits:  # «سیزدهم اردیبهشت نود و پنج»
        return int(text) >= 1000 or (len(text) == 2 and before[-1:] in ("M", "T") and "M" in before)
    if len(text) >= 4:
        return True
    return len(text) == 2 and (before[-1:] in tuple("MTAEHSoL") or (before[-1:] not in tuple("NWD") and int(text) > 31))


def resolve(year: Year, calendar: Calendar, month: int | None, context: Context) -> int | None:
    """The relative *year* as a number, for a phrase of *month*."""
    now = parts(calendar, context.published) if context.published else None
    if now is None:
        return None
    if year.turn and month:
        passed = month < now[1] if year.turn < 0 else month <= now[1]
        return now[0] + (passed and year.turn > 0) - (not passed and year.turn < 0)
    if year.offset is None:
        return None
    if calendar == "islamic" and month and context.era != "islamic":
        return _lunar_year(now[0] + year.offset, month, year.offset, context)
    return now[0] + year.offset


def _lunar_year(near: int, month: int, offset: int, context: Context) -> int | None:
    """The lunar year whose *month* begins in a solar year («رمضان امسال»): none where that has two or none of them."""
    now = parts("jalali", context.published) if context.published else None
    solar = days("jalali", now[0] + offset) if now else None
    if solar is None:
        return None
    begins = {year: days("islamic", year, month) for year in range(near - 1, near + 2)}
    found = [year for year, covered in begins.items() if covered and solar[0] <= covered[0] <= solar[1]]
    return found[0] if len(found) == 1 else None
