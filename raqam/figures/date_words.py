"""The words of Persian dates, as data, in the form the normalizer gives them: without joiners.

Each word has a one-letter code, the alphabet in which :mod:`raqam.figures.date_phrases` writes its grammar, and a
value. Spellings that typing errors give («فرودین») stand beside the right one.
"""

from __future__ import annotations

from typing import Final

from raqam.figures.calendars import Calendar
from raqam.figures.words import CARDINALS, ORDINALS

#: What each code stands for.
CODES: Final[dict[str, str]] = {
    "d": "a whole number",
    "o": "an ordinal; -1 is the last",
    "Z": "a date in digits",
    "M": "a month: calendar and number",
    "S": "a season",
    "W": "a weekday; 0 is Saturday",
    "N": "today, and its neighbours",
    "V": "this year, and the ones before it",
    "Y": "سال",
    "y": "سال‌های",
    "T": "ماه",
    "t": "ماه‌های",
    "K": "هفته",
    "k": "هفته‌های",
    "D": "روز",
    "e": "روزهای",
    "F": "فصل",
    "f": "فصل‌های",
    "X": "دهه",
    "x": "دهه‌های",
    "C": "a century or a millennium",
    "h": "an hour",
    "A": "months or years as an adjective: سه‌ماهه",
    "H": "half",
    "<": "past",
    "=": "current",
    ">": "coming",
    "~": "recent",
    "v": "a vague number",
    "E": "beginning, middle or end",
    "G": "the name of a calendar",
    "L": "a feast",
    "R": "to, between the ends of a range",
    "-": "a dash or slash between two dates",
    "&": "and",
    "U": "ending in (منتهی به)",
    "B": "before or after something else",
    "z": "what adds nothing to a date: from, of",
    "j": "what has years or days of its own: تحصیلی",
    "q": "what points at another period",
    "J": "a year, put together of others",
    "p": "the plural ending ها, written apart",
    "?": "any other word",
    "!": "digits that are no date",
}

_SOLAR: Final = (
    "فروردین فرودین فروردبن",
    "اردیبهشت اردبیهشت اردیبشهت اردیبهست",
    "خرداد",
    "تیر",
    "مرداد امرداد",
    "شهریور شهریر",
    "مهر",
    "آبان ابان",
    "آذر اذر",
    "دی",
    "بهمن",
    "اسفند",
)
_GREGORIAN: Final = (
    "ژانویه جنوری january jan",
    "فوریه فبروری february feb",
    "مارس مارچ march mar",
    "آوریل اوریل آپریل اپریل april apr",
    "مه می may",
    "ژوئن ژوین ژون جون june jun",
    "ژوئیه ژوییه جولای جولایی july jul",
    "اوت آگوست اگوست آگست august aug",
    "سپتامبر september sep sept",
    "اکتبر october oct",
    "نوامبر november nov",
    "دسامبر december dec",
)
#: The Gregorian months as Syria and Iraq, and as Egypt, call them. «تشرین» and «کانون» are two months each.
_ARABIC: Final = (
    "ینایر کانونالثانی",
    "شباط فبرایر",
    "",
    "نیسان ابریل",
    "ایار مایو",
    "حزیران یونیو",
    "تموز یولیو",
    "اغسطس",
    "ایلول سبتمبر",
    "تشرینالاول اکتوبر",
    "تشرینالثانی نوفمبر",
    "کانونالاول دیسمبر",
)
_LUNAR: Final = (
    "محرم محرمالحرام",
    "صفر صفرالمظفر",
    "ربیعالاول ربیعاول",
    "ربیعالثانی ربیعالآخر ربیعثانی",
    "جمادیالاول جمادیالاولی",
    "جمادیالثانی جمادیالثانیه جمادیالآخر",
    "رجب رجبالمرجب",
    "شعبان شعبانالمعظم",
    "رمضان رمضانالمبارک",
    "شوال شوالالمکرم",
    "ذیقعده ذیالقعده ذوالقعده",
    "ذیحجه ذیالحجه ذوالحجه",
)
_MONTHS: Final[tuple[tuple[Calendar, tuple[str, ...]], ...]] = (
    ("jalali", _SOLAR),
    ("gregorian", _GREGORIAN),
    ("gregorian", _ARABIC),
    ("islamic", _LUNAR),
)
MONTHS: Final[dict[str, tuple[Calendar, int]]] = {
    word: (calendar, number)
    for calendar, names in _MONTHS
    for number, words in enumerate(names, start=1)
    for word in words.split()
}

#: What is written as several words, or stands for others.
PAIRS: Final[dict[str, str]] = {
    "ربیع الاول": "ربیعالاول",
    "ربیع الثانی": "ربیعالثانی",
    "جمادی الاول": "جمادیالاول",
    "جمادی الاولی": "جمادیالاولی",
    "جمادی الثانی": "جمادیالثانی",
    "ذی القعده": "ذیالقعده",
    "ذی قعده": "ذیقعده",
    "ذی الحجه": "ذیالحجه",
    "ذی حجه": "ذیحجه",
    "تشرین الاول": "تشرینالاول",
    "تشرین الثانی": "تشرینالثانی",
    "کانون الاول": "کانونالاول",
    "کانون الثانی": "کانونالثانی",
    "تا کنون": "تا امروز",
    "تاکنون": "تا امروز",
    "تا الان": "تا امروز",
    "تا الآن": "تا امروز",
    "تا به امروز": "تا امروز",
    "تا به حال": "تا امروز",
    "تا حالا": "تا امروز",
    "پیش رو": "پیشرو",
    "پیش روی": "پیشرو",
    "پس فردا": "پسفردا",
    "پیرار سال": "پیرارسال",
    "نیم سال": "نیمسال",
    "یکی دو": "چند",
    "دو سه": "چند",
    "سه چهار": "چند",
}

_SEASONS: Final = ("بهار", "تابستان", "پاییز پائیز خزان", "زمستان")
_WEEKDAYS: Final = ("شنبه", "یکشنبه", "دوشنبه", "سهشنبه", "چهارشنبه چارشنبه", "پنجشنبه پنچشنبه", "جمعه آدینه")
#: How a day is counted from Saturday: «پنج شنبه», «5 شنبه».
DAY_NUMBERS: Final[dict[str, int]] = {"یک": 1, "دو": 2, "سه": 3, "چهار": 4, "پنج": 5}

_RELATIVE: Final[dict[tuple[str, object], str]] = {
    ("N", 0): "امروز امروزه امشب",
    ("N", -1): "دیروز دیشب",
    ("N", -2): "پریروز پریشب",
    ("N", 1): "فردا فرداشب",
    ("N", 2): "پسفردا",
    ("V", 0): "امسال",
    ("V", -1): "پارسال",
    ("V", -2): "پیرارسال",
    ("<", "window"): "گذشته سپریشده",
    ("<", "point"): "قبل قبلی پیش پیشین ماقبل",
    ("<", "after"): "پس",
    ("=", None): "جاری این همین کنونی فعلی حاضر",
    (">", "window"): "آینده اینده آتی اتی پیشرو پیشروی",
    (">", "point"): "بعد بعدی دیگر",
    (">", "new"): "جدید نو نوی",
    ("~", None): "اخیر",
    ("z", "from"): "از",
    ("q", "same"): "همان آن",
    ("q", None): "مشابه سابق هر یا",
    ("v", None): "چند چندین چندی اندی دهها صدها هزاران یکیدو سنوات",
    ("L", None): "نوروز نوروزی عید عیدانه کریسمس اربعین تاسوعا عاشورا فطر قربان غدیر یلدا تعطیلات",
}
_UNITS: Final[dict[str, str]] = {
    "Y": "سال سالی",
    "y": "سالها سالهای سالیان سنوات",
    "T": "ماه",
    "t": "ماهها ماههای",
    "K": "هفته",
    "k": "هفتهها هفتههای",
    "D": "روز یوم",
    "e": "روزها روزهای ایام",
    "F": "فصل ربع",
    "f": "فصلها فصلهای فصول",
    "X": "دهه",
    "x": "دههها دهههای",
    "C": "قرن سده هزاره قرنها سدهها سدههای",
    "h": "ساعت ساعتها ساعتهای ساعات دقیقه دقایق لحظاتی",
}
#: Months in one of the unit that an adjective counts.
_ADJECTIVES: Final[dict[int, str]] = {1: "ماهه", 12: "ساله"}
_EDGES: Final[dict[str, str]] = {
    "begin": "ابتدا ابتدای اوایل اوائل آغاز آغازین شروع ابتدایی طلیعه",
    "middle": "اواسط میانه نیمههای میانههای وسط",
    "end": "پایان انتها انتهای اواخر واپسین باقیمانده مانده",
}
_ERAS: Final[dict[str, str]] = {
    "gregorian": "میلادی مسیحی م",
    "jalali": "شمسی خورشیدی جلالی هجریشمسی هجریخورشیدی ش",
    "islamic": "قمری هجریقمری ق",
}
_REST: Final[dict[str, str]] = {
    "H": "نیمه نیمسال نیم",
    "R": "تا الی لغایت لغایه",
    "&": "و",
    "U": "منتهی مختوم",
    "z": "در به طی مورخ مورخه تاریخ ماده هجری دوره مدت زمان زمانی مالی مبارک سعید میلاد ی با بین چین چینی چینیها",
    "j": "تحصیلی آموزشی زراعی آبی کاری معاملاتی",
}

#: Ordinals of dates that :mod:`raqam.figures.words` has not.
_ORDINALS: Final[dict[int, str]] = {-1: "آخر آخرین پایانی", 1: "غره"}
_AMBIGUOUS: Final = frozenset({"ثلث"})
_SHORTEST: Final = 2


def _table() -> dict[str, tuple[str, object]]:
    """All words in one table; of a word in two, what is added last counts."""
    table: dict[str, tuple[str, object]] = {word: ("d", number) for word, number in CARDINALS.items()}
    table["هزار"] = ("d", 1000)
    table |= {word: ("o", number) for word, number in ORDINALS.items() if word not in _AMBIGUOUS and number <= 1000}
    table |= {word: ("o", number) for number, words in _ORDINALS.items() for word in words.split()}
    table |= {word: (code, None) for code, words in [*_UNITS.items(), *_REST.items()] for word in words.split()}
    table |= {word: pair for pair, words in _RELATIVE.items() for word in words.split()}
    table |= {word: ("A", months) for months, words in _ADJECTIVES.items() for word in words.split()}
    table |= {word: ("E", edge) for edge, words in _EDGES.items() for word in words.split()}
    table |= {word: ("G", era) for era, words in _ERAS.items() for word in words.split()}
    table |= {word: ("S", k) for k, words in enumerate(_SEASONS, start=1) for word in words.split()}
    table |= {word: ("W", k) for k, words in enumerate(_WEEKDAYS) for word in words.split()}
    table |= {word: ("M", month) for word, month in MONTHS.items()}
    # «هفته‌ی» is «هفته» with its ezafe written out.
    return table | {
        word + "ی": entry for word, entry in table.items() if word.endswith("ه") and word + "ی" not in table
    }


WORDS: Final = _table()

#: Words of which a glued one may be made («سالگذشته», «سوماسفند»): none so short that it is found anywhere.
PIECES: Final[dict[str, tuple[str, object]]] = {
    word: entry for word, entry in WORDS.items() if len(word) >= _SHORTEST and word.isalpha()
}
PIECES["و"] = WORDS["و"]

#: Words that say when: an unknown word that has one at an end is not passed over.
DATE_WORDS: Final = frozenset(word for word, (code, _) in WORDS.items() if code in "MSWNVYyTtKkDeFfXxCAHG<=>~")
