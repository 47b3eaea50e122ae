"""Cuts a date phrase into coded tokens: digits, words in digits' place, glued words parted.

The codes are those of :data:`raqam.figures.date_words.CODES`; one letter a token, so that the codes of a phrase are
a string and the grammar of dates is regular expressions over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from raqam.figures.calendars import Calendar, exists
from raqam.figures.date_words import DATE_WORDS, DAY_NUMBERS, PAIRS, PIECES, WORDS


class Token(NamedTuple):
    """A piece of a phrase: its code, its value, and the digits it was written in, if any."""

    code: str
    value: Any = None
    digits: str = ""


#: A longer word is no date word glued of others.
_LONGEST_WORD: Final = 40
_MAX_YEAR_DIGITS: Final = 8
_GLUED: Final = {**PIECES, "ها": ("p", None), "های": ("p", None)}
_FIRST_GREGORIAN: Final = 1500
#: The first and the last year that a phrase may mean.
_PLAUSIBLE: Final[dict[Calendar, tuple[int, int]]] = {
    "jalali": (1000, 1499),
    "gregorian": (100, 2199),
    "islamic": (1, 1499),
}
#: Of two ways to read a date of short numbers, the one with a year from this on is meant.
_RECENT: Final = 1350
#: A word that begins or ends with so long a date word, and is none, may say anything about the date.
_SHORTEST_END: Final = 4
_LONGEST_PIECE: Final = max(map(len, _GLUED))

_PAIR: Final = re.compile(
    rf"(?<!\w)(?:{'|'.join(re.escape(pair).replace(chr(92) + ' ', ' +') for pair in PAIRS)})(?!\w)"
)
_LEXEME: Final = re.compile(
    r"(?P<date>(?<![\d/.])(\d{1,4})\s{0,2}([/.-])\s{0,2}(\d{1,2})\s{0,2}\3\s{0,2}(\d{1,4})(?![\d/]))"
    r"|(?P<two>(\d{1,8})\s{0,2}([/.])\s{0,2}(\d{1,8})(?!\d))"
    r"|(?P<dashed>(?<!\d)(\d{4})\s?-\s?(\d{2})(?![\d-]))"
    r"|(?P<weekday>(?<!\w)(?:یک|دو|سه|چهار|پنج|[1-5])\s{0,2}شنبه(?:\s?(?P<days>ها|های))?(?!\w))"
    r"|(?P<nth>(?<!\d)(\d{1,3})\s?(?:امین|مین|ام|م)(?!\w))"
    r"|(?P<digits>\d+)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<mark>[-/~])"
)


def lex(phrase: str) -> list[Token]:
    """The tokens of a phrase in normalized text; punctuation other than a dash is left out.

    >>> "".join(token.code for token in lex("سه شنبه 16 شهریورماه 1404"))
    'WdMTd'
    """
    phrase = _PAIR.sub(lambda match: PAIRS[" ".join(match[0].split())], phrase.lower())
    return _numbered([token for match in _LEXEME.finditer(phrase) for token in _tokens(match)])


def _tokens(match: re.Match[str]) -> Iterator[Token]:
    kind = match.lastgroup
    text = match[0]
    if match["date"]:
        yield _date(match[2], match[4], match[5])
    elif match["two"]:
        yield from _two(*re.split(r"\s*[/.]\s*", text), point="." in text)
    elif match["dashed"]:
        yield from _two(*re.split(r"\s?-\s?", text), point=False)
    elif match["weekday"]:
        yield Token("W", _weekday(text))
        if match["days"]:
            yield Token("p")
    elif match["nth"]:
        yield Token("o", int(re.sub(r"\D", "", text)))
    elif kind == "digits":
        yield _digits(text)
    elif kind == "word":
        yield from _word(text)
    else:
        yield Token("-")


def _weekday(text: str) -> int:
    """The number that a weekday such as «5 شنبه» begins with, in digits or words."""
    count = text.partition("شنبه")[0].strip()
    return int(count) if count.isdigit() else DAY_NUMBERS[count]


def _date(first: str, second: str, third: str) -> Token:
    """A date of three numbers: the longer end is the year, of two short ones the first that makes it a date."""
    ends = ((first, third), (third, first))
    found = []
    for digits, day in ends if len(first) >= len(third) else ends[::-1]:
        year = full_year(digits) if len(digits) in (2, 4) and len(day) <= 2 else None
        if year and exists(year[1], year[0], int(second), int(day)):
            found.append((year[1], year[0], int(second), int(day)))
    if not found and int(second) > 12 and len(third) == 4:  # «11/19/2016», as America writes
        year = full_year(third)
        if year and year[1] == "gregorian" and len(first) <= 2 and exists(year[1], year[0], int(first), int(second)):
            found.append((year[1], year[0], int(first), int(second)))
    found.sort(key=lambda date: date[1] < _RECENT)  # «25/5/04» is of 1404, not of 1325
    return Token("Z", found[0]) if found else Token("!")


def _digits(text: str) -> Token:
    """A whole number, or a date without separators («14040616»)."""
    if len(text) > _MAX_YEAR_DIGITS:
        return Token("!")
    if len(text) == _MAX_YEAR_DIGITS:
        date = _date(text[:4], text[4:6], text[6:])
        if date.code == "Z":
            return date
    return Token("d", int(text), text)


def _two(first: str, second: str, *, point: bool) -> Iterator[Token]:
    """Two numbers around a slash or a point: a year and its month, two years in a row, or a decimal."""
    known = full_year(first) if len(first) in (2, 4) and (not point or len(second) == 4) else None
    if known is None:
        yield Token("v")
        return
    year, calendar = known
    if len(first) == 4 and len(second) <= 2 and 1 <= int(second) <= 12:
        # «2011/12» is December or a year that runs from 2011 to 2012: nobody can tell.
        if calendar == "gregorian" and int(second) == (year + 1) % 100:
            yield Token("!")
        else:
            yield from (Token("M", (calendar, int(second))), Token("d", year, first))
    elif len(second) == 4 or (len(second) == 2 and abs(int(second) - year % 100) in (1, 99)):
        second = second if len(second) == 4 else str(year + (int(second) - year) % 100)
        yield from (Token("d", year, str(year)), Token("-"), Token("d", int(second), second))
    else:
        yield Token("v")


def full_year(digits: str, calendar: Calendar | None = None) -> tuple[int, Calendar] | None:
    """The year that digits stand for, and its calendar: Gregorian from 1500 on, unless *calendar* is known.

    Two digits get their century: solar 20 to 99 are of the fourteenth, 00 to 19 of the fifteenth; Gregorian years
    from 50 on are of the twentieth. Three digits have lost the first («سال 403»). None for what is no year.

    >>> full_year("90"), full_year("04"), full_year("403"), full_year("70", "gregorian"), full_year("9999")
    ((1390, 'jalali'), (1404, 'jalali'), (1403, 'jalali'), (1970, 'gregorian'), None)
    """
    year = int(digits)
    if len(digits) == 2 and calendar == "gregorian":
        return (1900 if year >= 50 else 2000) + year, calendar
    if len(digits) == 2 and calendar != "islamic":
        return (1300 if year >= 20 else 1400) + year, "jalali"
    if len(digits) == 3 and calendar in (None, "jalali"):
        return (1000 + year, "jalali") if 300 <= year < 500 else None
    if len(digits) not in (3, 4) and calendar != "islamic":
        return None
    calendar = calendar or ("gregorian" if year >= _FIRST_GREGORIAN else "jalali")
    earliest, latest = _PLAUSIBLE[calendar]
    return (year, calendar) if earliest <= year <= latest else None


def _word(text: str) -> Iterator[Token]:
    for piece in _pieces(text):
        yield Token(*(_GLUED.get(piece) or WORDS.get(piece) or _unknown(piece)))


def _unknown(word: str) -> tuple[str, None]:
    """The code of an unknown word: "!" where it is too long, or has a date word at one of its ends."""
    ends = (end in DATE_WORDS for size in range(_SHORTEST_END, len(word)) for end in (word[:size], word[-size:]))
    return ("!" if len(word) > _LONGEST_WORD or any(ends) else "?", None)


@lru_cache(maxsize=1024)
def _pieces(text: str) -> tuple[str, ...]:
    """The date words that a word is glued of, as few as can be; the word itself where it is not."""
    if text in WORDS or text in _GLUED or len(text) > _LONGEST_WORD:
        return (text,)
    best: list[tuple[str, ...] | None] = [(), *[None] * len(text)]
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - _LONGEST_PIECE), end):
            before = best[start]
            if before is not None and text[start:end] in _GLUED:
                known = best[end]
                if known is None or len(before) + 1 < len(known):
                    best[end] = (*before, text[start:end])
    return best[-1] or (text,)


def _numbered(tokens: list[Token]) -> list[Token]:
    """The tokens with numbers of several words made one, plurals written apart joined, and «قبل از» made one."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.code in "do" and (token.code == "d" and (not token.digits or _thousand(tokens, at))):
            token, at = _number(tokens, at - 1)
        elif token.code == "p":
            token = _plural(out)
        elif token.code in "<>" and token.value in ("point", "after"):
            token, at = _relation(tokens, at - 1)
        out.append(token)
    return out


def _thousand(tokens: list[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].code == "d" and tokens[at].value == 1000 and not tokens[at].digits


def _number(tokens: list[Token], at: int) -> tuple[Token, int]:
    """The number in words that begins at *at*: its token and the index after it."""
    total, code, at = tokens[at].value, "d", at + 1
    if _thousand(tokens, at) and total < 1000:
        total, at = total * 1000, at + 1
    while code == "d" and at + 1 < len(tokens) and tokens[at].code == "&":
        term = tokens[at + 1]
        if term.code not in "do" or term.digits or not 0 < term.value < _room(total):
            break
        total, code, at = total + term.value, term.code, at + 2
    return Token(code, total), at


def _room(total: int) -> int:
    """What may follow a number in words must be below this: «هزار و» 1000, «بیست و» 10."""
    if total % 100 == 0 and total > 0:
        return 1000 if total % 1000 == 0 else 100
    return 10 if total % 10 == 0 and total % 100 >= 20 else 0


def _plural(out: list[Token]) -> Token:
    """What the token of «ها» is, once the unit before it has been made plural: nothing more."""
    if out and out[-1].code in "YTKDFX":
        out[-1] = out[-1]._replace(code=out[-1].code.lower().replace("d", "e"))
        return Token("z")
    return Token("q" if out and out[-1].code == "W" else "?")


def _relation(tokens: list[Token], at: int) -> tuple[Token, int]:
    """«قبل از», «پس از», «بعد از»: one token of the direction; «پس» alone is no date word."""
    token = tokens[at]
    if at + 1 < len(tokens) and tokens[at + 1].value == "from":
        return Token("B", -1 if token.code == "<" and token.value == "point" else 1), at + 2
    return (Token("?") if token.value == "after" else token), at + 1
