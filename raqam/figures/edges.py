"""The edges of a figure: whether its span begins or ends inside a number, so that what it holds is not all of it."""

from __future__ import annotations

import re
from typing import Final

from raqam.figures.phrases import Phrase
from raqam.figures.words import CARDINALS, ORDINALS, SCALES, VAGUE

_NUMBER: Final = rf"(?:[0-9]+|(?<!\w)(?:{'|'.join(sorted({*CARDINALS, *SCALES, *VAGUE}, key=len, reverse=True))}))"
_SCALE: Final = r"(?:هزار|میلیون|میلیارد|تریلیون|همت)"
_ORDINAL: Final = "|".join(sorted(ORDINALS, key=len, reverse=True))

_DIGITS_BEFORE: Final = re.compile(r"[0-9][.,/]?\Z")
_NUMBER_BEFORE: Final = re.compile(rf"{_NUMBER}\s+\Z")
_SUM_BEFORE: Final = re.compile(rf"{_NUMBER}\s*(?<!\w)و\s*\Z")
_NEGATIVE_BEFORE: Final = re.compile(r"(?<!\w)(?<!و )منفی\s+\Z")  # «مثبت و منفی 2 درصد» is either
_AFTER: Final = re.compile(rf"(?<=[0-9])[.,،/]?[0-9]|\s+{_SCALE}(?!\w)")
_SUM_AFTER: Final = re.compile(rf"\s+و\s+(?:[0-9]|(?:{_NUMBER}|{_ORDINAL})(?!\w))")
_SCALE_FIRST: Final = re.compile(rf"{_SCALE}(?!ان|\s?ها)")
_CONTEXT: Final = 24


def is_cut(text: str, start: int, end: int, phrase: Phrase, free: tuple[int, int]) -> bool:
    """Whether the number of *phrase*, which stands at *start* to *end* of *text*, goes on outside of its span.

    *free* is where no other span stands: from the end of the one before to the start of the one after.

    >>> from raqam.figures.digits import Style
    >>> from raqam.figures.phrases import parse
    >>> text = "بیست و پنج نفر"
    >>> is_cut(text, 7, 14, parse(text[7:14], Style()), (0, 14)), is_cut(text, 0, 14, parse(text, Style()), (0, 14))
    (True, False)
    """
    before = text[max(free[0], start - _CONTEXT, 0) : start]
    after = text[end : min(free[1], end + _CONTEXT)]
    if _DIGITS_BEFORE.search(text[max(0, start - 2) : start]) or _SUM_BEFORE.search(before):
        return True
    if _NUMBER_BEFORE.search(before) and _SCALE_FIRST.match(phrase.text):
        return True
    if phrase.terms and not phrase.terms[-1].words and _SUM_AFTER.match(after):
        return True
    return _AFTER.match(text, end) is not None and not phrase.terms[-1].words


def is_negative(text: str, start: int) -> bool:
    """Whether a «منفی» that belongs to the number stands right before *start*."""
    return _NEGATIVE_BEFORE.search(text[max(0, start - _CONTEXT) : start]) is not None
