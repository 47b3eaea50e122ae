"""The words of Persian numerals, as data: in the form the normalizer gives them, without joiners.

Spellings that speech and typing errors give («پونصد», «ملیون», «میلیارو») stand beside the right one.
"""

from __future__ import annotations

from typing import Final

#: Cardinals below a thousand that are one word, with the spellings of each.
_CARDINALS: Final[dict[int, str]] = {
    0: "صفر",
    1: "یک یکی یه تک",
    2: "دو",
    3: "سه",
    4: "چهار چار",
    5: "پنج پنچ",
    6: "شش شیش",
    7: "هفت",
    8: "هشت",
    9: "نه",
    10: "ده",
    11: "یازده",
    12: "دوازده",
    13: "سیزده",
    14: "چهارده چارده",
    15: "پانزده پونزده",
    16: "شانزده شونزده",
    17: "هفده هیفده",
    18: "هجده هیجده هژده",
    19: "نوزده",
    20: "بیست",
    30: "سی",
    40: "چهل",
    50: "پنجاه",
    60: "شصت شست",
    70: "هفتاد",
    80: "هشتاد",
    90: "نود",
    100: "صد",
    200: "دویست دوصد",
    300: "سیصد",
    400: "چهارصد چارصد",
    500: "پانصد پونصد",
    600: "ششصد شیشصد",
    700: "هفتصد",
    800: "هشتصد",
    900: "نهصد",
}

#: Powers of a thousand as news writes them: میلیارد is 10^9 and تریلیون 10^12, as in the budget. «بیلیون» is 10^9 to
#: some writers and 10^12 to others, so it is in no table and a phrase with it is not read.
_SCALES: Final[dict[int, str]] = {
    3: "هزار",
    6: "میلیون ملیون میلییون میلیو میلون میلین",
    9: "میلیارد ملیارد میلیاد میلیارو میلارد میلیاردد میلیلرد",
    12: "تریلیون تریلون تیریلیون همت",
    15: "تریلیارد کوادریلیون",
}

#: A thousand milliard tomans; it names its currency too.
HEMAT: Final = "همت"

#: Parts of one, and the half that follows a whole («دو و نیم»).
_PARTS: Final[dict[str, str]] = {"0.5": "نیم نیمی نیمه نصف", "0.25": "ربع"}

#: Ordinals that are not the cardinal with an ending.
_ORDINALS: Final[dict[int, str]] = {
    1: "اول اولین نخست نخستین یکم یکمین",
    2: "دوم دومین دویم",
    3: "سوم سومین ثلث",
}

CARDINALS: Final[dict[str, int]] = {word: value for value, forms in _CARDINALS.items() for word in forms.split()}
SCALES: Final[dict[str, int]] = {word: 10**power for power, forms in _SCALES.items() for word in forms.split()}
PARTS: Final[dict[str, str]] = {word: part for part, forms in _PARTS.items() for word in forms.split()}

#: Words that an ordinal's ending would make of another kind: سهم and سهام are shares, دوام is durability, سیم a wire.
_NO_ORDINALS: Final = frozenset({"سهم", "سهمین", "سهام", "دوام", "دومین", "سیم", "سیمین"})

#: «پنجم», «پنجمین», «چهلام»: the last word of an ordinal.
ORDINALS: Final[dict[str, int]] = {
    word + ending: value
    for word, value in (CARDINALS | SCALES).items()
    for ending in ("م", "مین", "ام", "امین")
    if value and word != HEMAT and word + ending not in _NO_ORDINALS
} | {word: value for value, forms in _ORDINALS.items() for word in forms.split()}

#: Words that make a figure vague: «چند میلیارد», «صدها نفر».
VAGUE: Final = frozenset({"چند", "چندین", "چندی", "اندی", "هزاران"}) | {
    word + ending for word in ("ده", "صد", "هزار", "میلیون", "میلیارد", "تریلیون") for ending in ("ها", "های")
}

SIGNS: Final[dict[str, int]] = {"منفی": -1, "مثبت": 1}

#: What stands between the two ends of a range.
TO: Final = frozenset({"تا", "الی", "یا"})

#: What makes a number vague where it stands apart from it: «ده ها», «100ها».
PLURALS: Final = frozenset({"ها", "های"})

#: What an adjective or a plural adds to the last word of a number: «میلیاردی», «همتیها».
ENDINGS: Final = frozenset({"ی", "یی", "ای", "ها", "های", "هایی", "یها", "یهای"})
