"""Units of measure: the words after a number as the code of their unit.

Codes are those of the annotation guidelines (``t``, ``MW``, ``bbl``, ``day`` …); any other unit has its English name.
A rate joins two with a slash: ``bbl/day``. One unit has one code, whatever it is called: «سی‌سی» and «سانتی‌متر مکعب»
are both ``cm3``. In a rate an hour is ``hour``, as everywhere, but a second is ``s``, as in ``m3/s``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from raqam.figures.endings import inflected, key

#: Code → names, separated by «|», without joiners; spaces and endings are seen to below.
_NAMES: Final[dict[str, str]] = {
    # mass
    "t": "تن|متریک تن|تن متریک",
    "kg": "کیلوگرم|کیلو|گیلوگرم",
    "g": "گرم",
    "mg": "میلیگرم",
    "microgram": "میکروگرم",
    "nanogram": "نانوگرم",
    "ounce": "اونس|انس|اونز",
    "pound": "پوند",
    "carat": "قیراط",
    "karat": "عیار",
    "mithqal": "مثقال",
    # power, energy, voltage
    "watt": "وات",
    "kW": "کیلووات|کیلوات",
    "MW": "مگاوات",
    "GW": "گیگاوات",
    "TW": "تراوات",
    "Wh": "وات ساعت",
    "kWh": "کیلووات ساعت|کیلوات ساعت",
    "MWh": "مگاوات ساعت",
    "GWh": "گیگاوات ساعت",
    "TWh": "تراوات ساعت",
    "megawattpeak": "مگاوات پیک",
    "V": "ولت",
    "kV": "کیلوولت|کیلولت",
    "millivolt": "میلی ولت",
    "ampere": "آمپر",
    "milliampere": "میلی آمپر",
    "milliamperehour": "میلی آمپر ساعت",
    "amperehour": "آمپر ساعت",
    "kilovoltampere": "کیلوولت آمپر",
    "megavoltampere": "مگاولت آمپر",
    "megavar": "مگاوار",
    "horsepower": "اسب بخار|اسب|قوه اسب|قوه اسب بخار",
    "joule": "ژول",
    "kilojoule": "کیلوژول",
    "megajoule": "مگاژول",
    "gigajoule": "گیگاژول",
    "calorie": "کالری",
    "kilocalorie": "کیلوکالری",
    "btu": "بیتییو",
    # force, pressure, frequency, sound, radiation
    "newton": "نیوتن|نیوتون",
    "kilonewton": "کیلونیوتن|کیلونیوتون",
    "newtonmeter": "نیوتن متر|نیوتون متر|نیوتن در متر|نیوتن بر متر|نیوتون در متر",
    "poundfoot": "پوند فوت|فوت پوند|پوند بر فوت|پوند در فوت",
    "pascal": "پاسکال",
    "kilopascal": "کیلوپاسکال",
    "megapascal": "مگاپاسکال",
    "millibar": "میلی بار",
    "atmosphere": "اتمسفر",
    "hertz": "هرتز",
    "kilohertz": "کیلوهرتز",
    "megahertz": "مگاهرتز",
    "gigahertz": "گیگاهرتز",
    "decibel": "دسیبل",
    "lumen": "لومن",
    "lux": "لوکس",
    "sievert": "سیورت",
    "richter": "ریشتر|درجه ریشتر|درجه در مقیاس ریشتر|درجه در مقیاس امواج درونی زمین",
    # length
    "nanometer": "نانومتر",
    "micrometer": "میکرومتر|میکرون",
    "mm": "میلیمتر|میلمتر|میلیمتر بارش|میلیمتر بارندگی|میلیمتر باران",
    "cm": "سانتیمتر|سانت|سانتی|سانتمتر",
    "decimeter": "دسیمتر",
    "m": "متر|متر طول|متر ارتفاع",
    "km": "کیلومتر|کیلومتر طول",
    "inch": "اینچ",
    "foot": "فوت",
    "yard": "یارد",
    "mile": "مایل",
    "nauticalmile": "مایل دریایی",
    "farsakh": "فرسخ|فرسنگ",
    "lightyear": "سال نوری",
    # area
    "mm2": "میلیمتر مربع",
    "cm2": "سانتیمتر مربع|سانتمتر مربع",
    "m2": "متر مربع|متر مریع|متر زیربنا|متر زیر بنا|متر بنا|متر زمین|متر مساحت",
    "km2": "کیلومتر مربع",
    "ha": "هکتار|هتکار",
    "ft2": "فوت مربع",
    "acre": "ایکر|آکر",
    "jerib": "جریب",
    # volume
    "milliliter": "میلی لیتر",
    "deciliter": "دسی لیتر",
    "L": "لیتر",
    "cm3": "سیسی|سانتیمتر مکعب|سانتمتر مکعب",
    "m3": "متر مکعب|متر معکب|متر مکب",
    "km3": "کیلومتر مکعب",
    "ft3": "فوت مکعب|پای مکعب",
    "bbl": "بشکه",
    "gallon": "گالن|گالون",
    "bushel": "بوشل",
    # time and age
    "nanosecond": "نانوثانیه",
    "microsecond": "میکروثانیه",
    "millisecond": "میلی ثانیه",
    "second": "ثانیه",
    "minute": "دقیقه",
    "hour": "ساعت|ساعته",
    "day": "روز|روزه|شبانه روز|شبانه روزه|شبانروز|روز کاری|روز کامل",
    "night": "شب|شبه",
    "week": "هفته",
    "month": "ماه|ماهه|ماهگی",
    "season": "فصل|فصله",
    "year": "سال|ساله|سالگی|سالهگی|سال تمام|سال کامل|سال شمسی",
    "decade": "دهه",
    "century": "قرن|سده",
    "millennium": "هزاره",
    # temperature and angle
    "degree": "درجه",
    "degC": "درجه سانتیگراد|درجه سانتگراد|درجه سلسیوس|درجه سیلسیوس|سانتیگراد|سلسیوس|درجه بالای صفر",
    "degF": "درجه فارنهایت|فارنهایت",
    "kelvin": "کلوین|درجه کلوین",
    # data
    "bit": "بیت",
    "kilobit": "کیلوبیت",
    "megabit": "مگابیت",
    "gigabit": "گیگابیت",
    "terabit": "ترابیت",
    "byte": "بایت",
    "kB": "کیلوبایت",
    "MB": "مگابایت|مگ",
    "GB": "گیگابایت|گیگ|گیگا",
    "TB": "ترابایت",
    "petabyte": "پتابایت",
    "exabyte": "اگزابایت",
    "Mbps": "مگابیت بر ثانیه|مگابیت در ثانیه",
    "Gbps": "گیگابیت بر ثانیه|گیگابیت در ثانیه",
    "kbps": "کیلوبیت بر ثانیه|کیلوبیت در ثانیه",
    "pixel": "پیکسل",
    "megapixel": "مگاپیکسل",
    # the rest
    "point": "واحد|پوینت|پله",
    "knot": "گره|گره دریایی|نات",
    "TEU": "تیو|تی یی یو|تی ای یو",
    "dose": "دوز|دز",
    "personhour": "نفر ساعت",
    "personday": "نفر روز",
    "personnight": "نفر شب",
    "personmonth": "نفر ماه",
    "personkilometer": "نفر کیلومتر",
    "tonkilometer": "تن کیلومتر",
    "ppm": "پیپیام",
}

#: Latin spellings whose case matters: «mW», «NM», «MBps» could be something else and are not read.
_EXACT: Final[dict[str, str]] = {
    "t": "t", "g": "g", "mg": "mg", "W": "watt", "w": "watt", "MW": "MW", "Mw": "MW", "mw": "MW", "MWh": "MWh",
    "MWH": "MWh", "mwh": "MWh", "V": "V", "v": "V", "Nm": "newtonmeter", "nm": "nanometer", "mm": "mm", "m": "m",
    "mm2": "mm2", "m2": "m2", "m3": "m3", "l": "L", "L": "L", "s": "second", "h": "hour", "MB": "MB", "mb": "MB",
    "Mbps": "Mbps", "mbps": "Mbps", "Gbps": "Gbps", "gbps": "Gbps", "kbps": "kbps", "Kbps": "kbps",
    "mAh": "milliamperehour",
}  # fmt: skip

#: Latin spellings in any case.
_LATIN: Final[dict[str, str]] = {
    "ton": "t", "kg": "kg", "gr": "g", "kw": "kW", "gw": "GW", "kwh": "kWh", "gwh": "GWh", "twh": "TWh", "kv": "kV",
    "hp": "horsepower", "bhp": "horsepower", "cm": "cm", "km": "km", "inch": "inch", "ft": "foot", "cm2": "cm2",
    "km2": "km2", "ha": "ha", "ml": "milliliter", "lit": "L", "cc": "cm3", "cm3": "cm3", "bbl": "bbl", "sec": "second",
    "min": "minute", "hr": "hour", "hz": "hertz", "khz": "kilohertz", "mhz": "megahertz", "ghz": "gigahertz",
    "db": "decibel", "gb": "GB", "tb": "TB", "teu": "TEU", "ppm": "ppm", "rpm": "revolution/minute", "kmh": "km/hour",
    "°c": "degC", "°": "degree",
}  # fmt: skip

#: Only in a rate, since alone they are counts: «۵۰ نفر در کیلومتر مربع», «۳ هزار دور در دقیقه».
_ONLY_IN_RATES: Final[dict[str, str]] = {"person": "نفر", "revolution": "دور", "cycle": "سیکل"}

#: Goods between a measure and its rate, or after it: «تن گندم در هکتار», «بشکه نفت خام».
_GOODS: Final = (
    "نفت|نفت خام|معادل نفت خام|معادل نفت|میعانات|میعانات گازی|گاز|گاز طبیعی|بنزین|گازوئیل|گازوییل|"
    "نفت گاز|نفت کوره|نفت سفید|سوخت|آب|برق|انرژی|گندم|جو|برنج|کالا|کالای اساسی|محصول|فولاد|سیمان|"
    "شیر|طلا|نقره|خاک|زباله|پسماند|شکر|خوراک|ذرت|پسته|سیبزمینی|گوشت|مرغ|ماهی|میوه|چای|زعفران|"
    "علوفه|مواد معدنی|سنگ آهن|کنسانتره|مس|زمین|باران|بارش"
)

#: «بشکه روزانه», «روزانه» after its unit.
_ADVERBS: Final[dict[str, str]] = {
    "روزانه": "day",
    "هفتگی": "week",
    "ماهانه": "month",
    "ماهیانه": "month",
    "سالانه": "year",
    "سالیانه": "year",
}

#: Rates whose two units together have a code of their own, or a shorter usual one.
_SHORT: Final[dict[str, str]] = {"megabit/s": "Mbps", "gigabit/s": "Gbps", "kilobit/s": "kbps"}

#: What the first word of several may end in: «مترهای مربع», «متری مکعب».
_INNER: Final = ("ها", "های", "ی")

#: How many of the second make one of the first: «پنج دقیقه و هفت ثانیه», «یک سال تا هجده ماه».
_RATIOS: Final[dict[tuple[str, str], int]] = {
    ("t", "kg"): 1000, ("kg", "g"): 1000, ("g", "mg"): 1000, ("km", "m"): 1000, ("m", "cm"): 100, ("m", "mm"): 1000,
    ("cm", "mm"): 10, ("ha", "m2"): 10_000, ("km2", "ha"): 100, ("m3", "L"): 1000, ("L", "cm3"): 1000,
    ("foot", "inch"): 12, ("minute", "second"): 60, ("hour", "minute"): 60, ("hour", "second"): 3600,
    ("day", "hour"): 24, ("day", "minute"): 1440, ("week", "day"): 7, ("year", "month"): 12, ("decade", "year"): 10,
    ("century", "year"): 100, ("century", "decade"): 10, ("GW", "MW"): 1000, ("MW", "kW"): 1000, ("GB", "MB"): 1000,
    ("TB", "GB"): 1000,
}  # fmt: skip


def _keys(table: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every inflected key of the names in *table*, with its code."""
    for code, names in table.items():
        for name in names.split("|"):
            first, _, rest = name.partition(" ")
            starts = (first + ending for ending in ("", *_INNER)) if rest else (first,)
            yield from ((form, code) for start in starts for form in inflected(start + rest))


_UNITS: Final[dict[str, str]] = dict(_keys(_ONLY_IN_RATES)) | dict(_keys(_NAMES))
_LONGEST_FIRST: Final = sorted(map(key, _GOODS.split("|")), key=len, reverse=True)
_MEASURED: Final = re.compile(f"(?:{'|'.join(_LONGEST_FIRST)})ی?$")
_PER: Final = re.compile("(?=(/|(?:به?ازای|برای|در|بر)(?:هر)?))")
_PORTION: Final = re.compile("(صد|هزار|10{2,3}|یک|1)(.+)")
_PORTIONS: Final[dict[str, str]] = {"صد": "100", "هزار": "1000", "یک": "", "1": ""}


@lru_cache(maxsize=1024)
def read_unit(words: str) -> str | None:
    """The code of the unit that *words*, normalized, name as a whole, or None when they are no unit.

    Without context: «درجه» alone is ``degree`` and «متر» is ``m``; see :func:`in_context`.

    >>> read_unit("مگاواتی"), read_unit("متر مربع"), read_unit("بشکه نفت در روز"), read_unit("تومان")
    ('MW', 'm2', 'bbl/day', None)
    """
    squeezed = key(words)
    if not squeezed:
        return None
    found = _single(squeezed) or _rate(squeezed) or _with_adverb(squeezed)
    return None if found in _ONLY_IN_RATES else found


def in_context(unit: str, before: str, after: str) -> str:
    """*unit* as the words on both sides of its figure settle it: a ``degree`` of temperature, the ``m`` of an area.

    >>> in_context("degree", "دمای هوا به", "رسید"), in_context("degree", "دوربین", ""), in_context("m", "به مساحت", "")
    ('degC', 'degree', 'm2')
    """
    if unit == "degree" and (_TEMPERATURE.search(before) or _TEMPERATURE.search(after)):
        return "degC"
    return "m2" if unit == "m" and _AREA.search(before) else unit


def ratio(larger: str, smaller: str) -> int | None:
    """How many units *smaller* make one *larger*; None where they are not parts of each other.

    >>> ratio("minute", "second"), ratio("year", "month"), ratio("month", "day")
    (60, 12, None)
    """
    return 1 if larger == smaller else _RATIOS.get((larger, smaller))


_TEMPERATURE: Final = re.compile("دما|گرما|سرما|برودت|سردتر|گرمتر|خنکتر|سلسیوس|سانتیگراد|زیر صفر|بالای صفر")
_AREA: Final = re.compile("(?:مساحت|متراژ|وسعت)[یش]?(?: (?:حدود|تقریبی|بیش از|کمتر از|بالغ بر|حداقل|حداکثر))? ?$")


def _single(squeezed: str) -> str | None:
    """A unit that is no rate, in Persian or Latin letters, with or without the goods it measures."""
    found = _UNITS.get(squeezed) or _EXACT.get(squeezed) or _LATIN.get(squeezed.lower())
    if found is None and (goods := _MEASURED.search(squeezed)):
        found = _UNITS.get(squeezed[: goods.start()])
    return found


def _rate(squeezed: str) -> str | None:
    """«بشکهدرروز»: cut at the first «در», «بر», «برای هر» or slash that has a unit on either side."""
    for match in _PER.finditer(squeezed, 1):
        above = _single(squeezed[: match.start()])
        if above and (below := _denominator(squeezed[match.start() + len(match[1]) :])):
            return _SHORT.get(f"{above}/{below}", f"{above}/{below}")
    return None


def _denominator(squeezed: str) -> str | None:
    """«روز», «ثانیه» (``s``), «100کیلومتر» (``100km``)."""
    if unit := _single(squeezed):
        return "s" if unit == "second" else unit
    portion = _PORTION.fullmatch(squeezed)
    if portion and (unit := _single(portion[2])):
        return _PORTIONS.get(portion[1], portion[1]) + unit
    return None


def _with_adverb(squeezed: str) -> str | None:
    """«بشکهروزانه»."""
    for adverb, period in _ADVERBS.items():
        if squeezed.endswith(adverb) and (unit := _single(squeezed.removesuffix(adverb))):
            return f"{unit}/{period}"
    return None


#: Every word that can begin a phrase :func:`read_unit` reads, in every form: what may stand glued to a number.
WORDS: Final[frozenset[str]] = frozenset(
    {form for names in _NAMES.values() for name in names.split("|") for form in inflected(name.split()[0])}
    | _UNITS.keys()
    | _EXACT.keys()
    | {spelling for latin in _LATIN if latin.isalnum() for spelling in (latin, latin.upper())}
)
