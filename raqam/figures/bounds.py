"""Bounds: what the words beside a figure say of it, «بیش از», «حدود», «به بالا»."""

from __future__ import annotations

import re
from typing import Final, Literal

Bound = Literal["exact", "about", "at_least", "more_than", "at_most", "less_than"]

#: Words before a figure. «بالغ بر» says that the figure was reached.
_BEFORE: Final[dict[Bound, str]] = {
    "at_least": "نه کمتر از|حداقل|دست ?کم|بالغ بر|لااقل|کمینه",
    "more_than": "(?:بیش|بیشتر|بالاتر|فراتر|زیادتر|فزونتر) ?از|بالای|افزون بر|متجاوز از|مازاد بر",
    "at_most": "نه بیشتر از|حد ?اکثر|سقف|نهایتا|بیشینه",
    "less_than": "(?:کمتر|پایینتر|پائینتر|کوچکتر|ارزانتر) ?از|زیر|پایین|کم تر از",
    "about": "حدودا?|نزدیک(?: ?به)?|قریب(?: ?به)?|تقریبا|حوالی|حول و حوش|کم و بیش|کمابیش|در آستانه",
}

#: Words after a figure.
_AFTER: Final[dict[Bound, str]] = {
    "at_least": "(?:به|و|یا) (?:بالا|بیشتر|بالاتر)",
    "at_most": "(?:به|و|یا) (?:پایین|پائین|کمتر|پایینتر|پائینتر)",
    "about": "(?:تقریبا|حدودا)",
}

#: What may stand between the bound and the figure.
_BETWEEN: Final = (
    "(?:(?:تا|به|با|یک|از|در|هر|معادل|مبلغ|رقم|عدد|میزان|مقدار|تعداد|مجموع|حجم|ارزش|ظرفیت"
    "|روزانه|ماهانه|سالانه|سالیانه|کیلویی|متری|نفری|لیتری|تنی)\\s+)"
)

_LEFT: Final = re.compile(
    "(?<!\\w)(?:"
    + "|".join(f"(?P<{bound}>{words})" for bound, words in _BEFORE.items()).replace(" ?", "\\s*").replace(" ", "\\s+")
    + f")[\\s«\"'(]*{_BETWEEN}{{0,2}}[«\"'(]*$"
)
_RIGHT: Final = re.compile(
    "\\s*[»\"')]*\\s*(?:"
    + "|".join(f"(?P<{bound}>{words})" for bound, words in _AFTER.items()).replace(" ", "\\s+")
    + ")(?!\\w)"
)

#: The longest stretch of text that is looked at on either side.
REACH: Final = 40


def read_bound(before: str, after: str = "") -> Bound:
    """The bound that the words around a figure give it.

    >>> read_bound("اعتبارات به بیش از "), read_bound("حدود مبلغ "), read_bound("", " به بالا"), read_bound("در ")
    ('more_than', 'about', 'at_least', 'exact')
    """
    found = _LEFT.search(before[-REACH:]) or _RIGHT.match(after[:REACH])
    return found.lastgroup if found and found.lastgroup else "exact"  # type: ignore[return-value]
