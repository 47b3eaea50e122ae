"""Write a training text as other sites would: non-joiners lost or spaced, Arabic letters, other digits, lost spaces.

The normalizer already gives one copy for most of these; what it cannot mend (a non-joiner that became a space, words
run together) the model must see.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Sequence
from typing import Final

from persiantools.jdatetime import JalaliDate

SpanTuple = tuple[int, int, str]

ZWNJ: Final = "\N{ZERO WIDTH NON-JOINER}"
_ARABIC: Final = str.maketrans("یک", "يك")
_DIGITS: Final = ("0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩")

#: Share of the spaces between two letters that are lost where spaces are lost.
_LOST_SPACES: Final = 0.03

_FIRST: Final = dt.date(2006, 3, 21)
_SECTIONS: Final = ("استان‌ها", "استانها", "اقتصاد", "صنعت و معدن", "اخبار", "جامعه", "بازار", "شهرستان‌ها")

#: What sites put above an article: parts in braces are drawn, those between ``[LABEL|`` and ``]`` are spans.
_HEADS: Final = (
    " date [DAT|{iso}] ",
    "date [DAT|{iso}]   1. {section}\n",
    "[DAT|{iso}] [TIM|{clock}]\n",
    "[DAT|{named}]، [TIM|{clock}]\n\n",
    " date [DAT|{iso}]   1. {section}\n[DAT|{named}]، [TIM|{clock}]\n\n",
    "انتشار: [DAT|{solar}] - [TIM|{clock}] ",
    "تاریخ انتشار: [DAT|{weekday} {named}] - [TIM|{clock}] - کد خبر: {code}\n",
    "کد خبر: {code} | [DAT|{named}]\n",
)
_PART: Final = re.compile(r"(?:\[([A-Z]{3})\|)?([^\[\]]+)\]?")


def augment(text: str, spans: Sequence[SpanTuple], rng: random.Random) -> tuple[str, list[SpanTuple]]:
    """Return *text* written in one other way, drawn by *rng*, with its spans moved along.

    >>> augment("می‌شود ۵ تن", [(7, 11, "QTY")], random.Random(2))
    ('میشود ۵ تن', [(6, 10, 'QTY')])
    """
    way = rng.choice((drop_joiners, space_joiners, arabic_letters, other_digits, lose_spaces))
    return apply(way(text, rng), spans)


def drop_joiners(text: str, _: random.Random) -> list[str]:
    """Every non-joiner lost."""
    return ["" if character == ZWNJ else character for character in text]


def space_joiners(text: str, _: random.Random) -> list[str]:
    """Every non-joiner a space."""
    return [" " if character == ZWNJ else character for character in text]


def arabic_letters(text: str, _: random.Random) -> list[str]:
    """Arabic letters for Persian ones, and no non-joiners, as in texts of old sites."""
    return [" " if character == ZWNJ else character.translate(_ARABIC) for character in text]


def other_digits(text: str, rng: random.Random) -> list[str]:
    """Digits of one set, Latin, Persian or Arabic."""
    digits = rng.choice(_DIGITS)
    return [digits[int(character)] if character.isdecimal() else character for character in text]


def lose_spaces(text: str, rng: random.Random) -> list[str]:
    """A few spaces between letters lost, as where lines were joined."""

    def lost(at: int) -> bool:
        inside = 0 < at < len(text) - 1 and text[at - 1].isalpha() and text[at + 1].isalpha()
        return text[at] == " " and inside and rng.random() < _LOST_SPACES

    return ["" if lost(at) else character for at, character in enumerate(text)]


def apply(characters: Sequence[str], spans: Sequence[SpanTuple]) -> tuple[str, list[SpanTuple]]:
    """Join *characters*, one string for each character of the old text, and move *spans* along."""
    offsets = [0]
    for character in characters:
        offsets.append(offsets[-1] + len(character))
    moved = [(offsets[start], offsets[end], label) for start, end, label in spans]
    return "".join(characters), [span for span in moved if span[0] < span[1]]


def head(text: str, spans: Sequence[SpanTuple], rng: random.Random) -> tuple[str, list[SpanTuple]]:
    """Return *text* below a line with its date, as it comes when a page is copied whole, with its spans moved along.

    >>> head("در قم", [(3, 5, "LOC")], random.Random(1))
    ('2018-12-25 19:48\\nدر قم', [(0, 10, 'DAT'), (11, 16, 'TIM'), (20, 22, 'LOC')])
    """
    line, found = "", list[SpanTuple]()
    for label, part in _PART.findall(rng.choice(_HEADS)):
        written = _filled(part, rng)
        if label:
            found.append((len(line), len(line) + len(written), label))
        line += written
    return line + text, found + [(start + len(line), end + len(line), label) for start, end, label in spans]


def _filled(part: str, rng: random.Random) -> str:
    """*part* with a day of the last twenty years drawn for it."""
    day = JalaliDate.to_jalali(_FIRST + dt.timedelta(days=rng.randrange(20 * 365)))  # type: ignore[no-untyped-call]
    wide = rng.choice(("", "02"))
    return part.format(
        iso=day.to_gregorian().isoformat(),
        solar=f"{day.year}/{day.month:{wide}}/{day.day:{wide}}",
        named=f"{day.day} {day.strftime('%B %Y', locale='fa')}",
        weekday=day.strftime("%A", locale="fa"),
        section=rng.choice(_SECTIONS),
        clock=f"{rng.randrange(24):{wide}}:{rng.randrange(60):02}",
        code=rng.randrange(10**5, 10**8),
    )


Way = Callable[[str, random.Random], list[str]]
