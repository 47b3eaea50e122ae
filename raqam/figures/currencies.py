"""Currencies: the words after an amount as an ISO 4217 code, or IRT for the toman.

A bare name has the usual reading of Iranian news: «دلار» is the American, «دینار» the Iraqi, «ریال» the Iranian.
:func:`in_country` says what the name is in a country that the text is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from raqam.figures.endings import inflected, key


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: *code* of ISO 4217 or ``IRT``, and *minor*, how many of what was named make one of it.

    >>> read_currency("سنت")
    Currency(code='USD', minor=100)
    """

    code: str
    minor: int = 1


#: The countries of the euro, and the union as one.
_EURO: Final = "AT BE BG HR CY EE FI FR DE GR IE IT LV LT LU MT NL PT SK SI ES AD MC SM VA ME EU"
_CFA_WEST: Final = "BJ BF CI GW ML NE SN TG"
_CFA_CENTRAL: Final = "CM CF TD CG GQ GA"

#: Spellings of a name, separated by «|» → its usual code, and the codes in countries: «CODE» of «XX YY».
#: No usual code where several are as likely («کرون», «فرانک», «شیلینگ»).
_NAMES: Final[dict[str, tuple[str | None, dict[str, str]]]] = {
    "تومان|تومن|توامن|ت": ("IRT", {"IRT": "IR"}),
    "ریال": ("IRR", {"IRR": "IR", "SAR": "SA", "QAR": "QA", "OMR": "OM", "YER": "YE", "BRL": "BR", "KHR": "KH"}),
    "دلار|دولار|دالر": (
        "USD",
        {
            "USD": "US EC SV PA PR TL MH FM PW",
            "CAD": "CA",
            "AUD": "AU KI NR TV",
            "NZD": "NZ",
            "HKD": "HK",
            "SGD": "SG",
            "TWD": "TW",
            "JMD": "JM",
            "BBD": "BB",
            "BSD": "BS",
            "BZD": "BZ",
            "FJD": "FJ",
            "GYD": "GY",
            "LRD": "LR",
            "NAD": "NA",
            "TTD": "TT",
            "SRD": "SR",
            "BND": "BN",
            "BMD": "BM",
            "KYD": "KY",
            "SBD": "SB",
        },
    ),
    "یورو|یرو": ("EUR", {"EUR": _EURO}),
    "درهم": ("AED", {"AED": "AE", "MAD": "MA"}),
    "یوان|یوآن|یوان رنمینبی|رنمینبی": ("CNY", {"CNY": "CN", "TWD": "TW"}),
    "پوند|پوند استرلینگ|لیره استرلینگ|استرلینگ": (
        "GBP",
        {"GBP": "GB", "EGP": "EG", "LBP": "LB", "SYP": "SY", "SDG": "SD", "SSP": "SS", "GIP": "GI", "FKP": "FK"},
    ),
    "دینار": (
        "IQD",
        {"IQD": "IQ", "KWD": "KW", "BHD": "BH", "JOD": "JO", "LYD": "LY", "DZD": "DZ", "TND": "TN", "RSD": "RS"},
    ),
    "لیر|لیره|لیرا": ("TRY", {"TRY": "TR", "LBP": "LB", "SYP": "SY", "EGP": "EG", "GBP": "GB"}),
    "ین": ("JPY", {"JPY": "JP"}),
    "وون": ("KRW", {"KRW": "KR", "KPW": "KP"}),
    "روبل": ("RUB", {"RUB": "RU", "BYN": "BY"}),
    "روپیه|روپی": (
        "INR",
        {"INR": "IN", "PKR": "PK", "LKR": "LK", "NPR": "NP", "MUR": "MU", "SCR": "SC", "IDR": "ID", "MVR": "MV"},
    ),
    "کلدار": ("PKR", {"PKR": "PK"}),
    "افغانی": ("AFN", {"AFN": "AF"}),
    "منات": ("AZN", {"AZN": "AZ", "TMT": "TM"}),
    "درام": ("AMD", {"AMD": "AM"}),
    "لاری": ("GEL", {"GEL": "GE"}),
    "تنگه": ("KZT", {"KZT": "KZ"}),
    "سامانی|سامونی": ("TJS", {"TJS": "TJ"}),
    "سوم ازبکستان|سام ازبکستان": ("UZS", {}),
    "سوم قرقیزستان|سام قرقیزستان": ("KGS", {}),
    "توگروگ|توگریک": ("MNT", {"MNT": "MN"}),
    "شکل|شیکل|شکل جدید": ("ILS", {"ILS": "IL PS"}),
    "فرانک": (
        "CHF",
        {
            "CHF": "CH LI",
            "XOF": _CFA_WEST,
            "XAF": _CFA_CENTRAL,
            "CDF": "CD",
            "RWF": "RW",
            "BIF": "BI",
            "GNF": "GN",
            "DJF": "DJ",
            "KMF": "KM",
        },
    ),
    "کرون|کرونا|کرونه": (None, {"SEK": "SE", "NOK": "NO", "DKK": "DK", "ISK": "IS", "CZK": "CZ"}),
    "پزو|پسو": (
        "MXN",
        {"MXN": "MX", "ARS": "AR", "CLP": "CL", "COP": "CO", "CUP": "CU", "PHP": "PH", "UYU": "UY", "DOP": "DO"},
    ),
    "رئال|رآل": ("BRL", {"BRL": "BR"}),
    "بولیوار": ("VES", {"VES": "VE"}),
    "بولیویانو": ("BOB", {"BOB": "BO"}),
    "گوارانی": ("PYG", {"PYG": "PY"}),
    "سول": ("PEN", {"PEN": "PE"}),
    "بات|بهت": ("THB", {"THB": "TH"}),
    "رینگیت|رینگت": ("MYR", {"MYR": "MY"}),
    "دونگ|دانگ ویتنام": ("VND", {"VND": "VN"}),
    "تاکا": ("BDT", {"BDT": "BD"}),
    "کیات": ("MMK", {"MMK": "MM"}),
    "راند": ("ZAR", {"ZAR": "ZA"}),
    "نایرا": ("NGN", {"NGN": "NG"}),
    "سدی": ("GHS", {"GHS": "GH"}),
    "بیر": ("ETB", {"ETB": "ET"}),
    "کوانزا": ("AOA", {"AOA": "AO"}),
    "شیلینگ": (None, {"KES": "KE", "TZS": "TZ", "UGX": "UG", "SOS": "SO"}),
    "گریونا|هریونیا|گریونیا|هریونا": ("UAH", {"UAH": "UA"}),
    "زلوتی": ("PLN", {"PLN": "PL"}),
    "فورینت": ("HUF", {"HUF": "HU"}),
    "لئو|لئوی": (None, {"RON": "RO", "MDL": "MD"}),
    "حق برداشت ویژه": ("XDR", {}),
}

#: Hundredths: name → as above. «فلس» is a thousandth in most of its countries and is left out.
_HUNDREDTHS: Final[dict[str, tuple[str | None, dict[str, str]]]] = {
    "سنت": (
        "USD",
        {"USD": "US", "CAD": "CA", "AUD": "AU", "EUR": _EURO, "HKD": "HK", "SGD": "SG", "NZD": "NZ", "ZAR": "ZA"},
    ),
    "سنت یورو|یورو سنت": ("EUR", {}),
    "پنس|پنی": ("GBP", {"GBP": "GB"}),
    "کوپک": ("RUB", {"RUB": "RU"}),
    "هلله": ("SAR", {"SAR": "SA"}),
    "قروش|کروش": (None, {"TRY": "TR", "EGP": "EG"}),
}

#: What a currency is called after: the name of a country, and its adjective.
_COUNTRIES: Final[dict[str, str]] = {
    "US": "آمریکا|امریکا|ایالات متحده|ایالات متحده آمریکا",
    "CA": "کانادا|کانادایی",
    "AU": "استرالیا|استرالیایی",
    "NZ": "نیوزیلند|نیوزلند",
    "HK": "هنگ کنگ",
    "SG": "سنگاپور",
    "TW": "تایوان",
    "JM": "جامائیکا",
    "LR": "لیبریا",
    "NA": "نامیبیا",
    "IR": "ایران|ایرانی",
    "SA": "عربستان|سعودی|عربستان سعودی",
    "QA": "قطر|قطری",
    "OM": "عمان|عمانی",
    "YE": "یمن|یمنی",
    "BR": "برزیل",
    "KH": "کامبوج",
    "AE": "امارات|اماراتی|امارات متحده عربی|دبی",
    "MA": "مراکش|مغرب",
    "CN": "چین|چینی",
    "GB": "انگلیس|انگلستان|انگلیسی|بریتانیا|بریتانیایی",
    "EG": "مصر|مصری",
    "LB": "لبنان|لبنانی",
    "SY": "سوریه|سوری",
    "SD": "سودان",
    "IQ": "عراق|عراقی",
    "KW": "کویت|کویتی",
    "BH": "بحرین|بحرینی",
    "JO": "اردن|اردنی",
    "LY": "لیبی",
    "DZ": "الجزایر",
    "TN": "تونس",
    "RS": "صربستان",
    "TR": "ترکیه|ترک",
    "JP": "ژاپن|ژاپنی",
    "KR": "کره|کره جنوبی|کرهای",
    "KP": "کره شمالی",
    "RU": "روسیه|روسی|روس",
    "BY": "بلاروس|روسیه سفید",
    "IN": "هند|هندوستان|هندی",
    "PK": "پاکستان|پاکستانی",
    "LK": "سریلانکا",
    "NP": "نپال",
    "ID": "اندونزی",
    "AF": "افغانستان|افغانی",
    "AZ": "آذربایجان|جمهوری آذربایجان|باکو",
    "TM": "ترکمنستان",
    "AM": "ارمنستان",
    "GE": "گرجستان",
    "KZ": "قزاقستان",
    "TJ": "تاجیکستان",
    "UZ": "ازبکستان",
    "KG": "قرقیزستان",
    "MN": "مغولستان",
    "IL": "اسرائیل|اسراییل|رژیم صهیونیستی|اسرائیلی",
    "CH": "سوئیس|سوییس|سویس|سوئیسی",
    "CD": "کنگو",
    "RW": "رواندا",
    "SE": "سوئد|سوید|سوئدی",
    "NO": "نروژ|نروژی",
    "DK": "دانمارک|دانمارکی",
    "IS": "ایسلند",
    "CZ": "چک",
    "MX": "مکزیک",
    "AR": "آرژانتین",
    "CL": "شیلی",
    "CO": "کلمبیا",
    "CU": "کوبا",
    "PH": "فیلیپین",
    "UY": "اروگوئه",
    "VE": "ونزوئلا",
    "BO": "بولیوی",
    "PY": "پاراگوئه",
    "PE": "پرو",
    "TH": "تایلند",
    "MY": "مالزی",
    "VN": "ویتنام",
    "BD": "بنگلادش",
    "MM": "میانمار",
    "ZA": "آفریقای جنوبی",
    "NG": "نیجریه",
    "GH": "غنا",
    "ET": "اتیوپی",
    "AO": "آنگولا",
    "KE": "کنیا",
    "TZ": "تانزانیا",
    "UG": "اوگاندا",
    "SO": "سومالی",
    "UA": "اوکراین",
    "PL": "لهستان",
    "HU": "مجارستان",
    "RO": "رومانی",
    "MD": "مولداوی",
    "EU": "اروپا|اتحادیه اروپا",
}

#: Signs and codes, in lower case.
_SIGNS: Final[dict[str, str]] = {
    "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₺": "TRY", "₽": "RUB", "₹": "INR", "₩": "KRW",
    "₪": "ILS", "usd": "USD", "eur": "EUR", "gbp": "GBP", "aed": "AED", "irr": "IRR", "irt": "IRT", "cny": "CNY",
    "jpy": "JPY", "try": "TRY", "iqd": "IQD", "chf": "CHF", "sar": "SAR", "rub": "RUB", "inr": "INR", "toman": "IRT",
    "rial": "IRR",
}  # fmt: skip

_Table = dict[str, tuple[str | None, dict[str, str]]]


def _bare(table: _Table, minor: int) -> Iterator[tuple[str, Currency]]:
    """Every inflected key of the names that have a usual reading."""
    for names, (usual, _) in table.items():
        if usual:
            yield from ((form, Currency(usual, minor)) for name in names.split("|") for form in inflected(name))


def _local(table: _Table, minor: int) -> Iterator[tuple[tuple[str, str], Currency]]:
    """Every inflected key of every name, with each country where it means one currency."""
    for names, (_, codes) in table.items():
        forms = [form for name in names.split("|") for form in inflected(name)]
        for code, countries in codes.items():
            for country in countries.split():
                yield from (((form, country), Currency(code, minor)) for form in forms)


_USUAL: Final = {**dict(_bare(_NAMES, 1)), **dict(_bare(_HUNDREDTHS, 100))}
_IN_COUNTRY: Final = {**dict(_local(_NAMES, 1)), **dict(_local(_HUNDREDTHS, 100))}
_COUNTRY: Final = {
    form: code for code, names in _COUNTRIES.items() for name in names.split("|") for form in inflected(name)
}


_CALLED_ALIKE: Final = frozenset(
    form for name in ("ریال", "دینار", "پوند", "لیر", "لیره", "روپیه", "پزو", "کرون") for form in inflected(name)
)
_WORD: Final = re.compile(r"[^\W\d_]+")

#: What a line may hold without speaking of the country: a diameter, a sea, Turks, a cheque, another country.
_AMBIGUOUS: Final = frozenset({"قطر", "قطری", "عمان", "عمانی", "ترک", "چک", "پرو", "سوری", "مغرب"})
_FROM_IRAN: Final = re.compile("ایران|تومان|زائر|زایر|حج|حاجی|عمره|اربعین|گمرک")


@lru_cache(maxsize=1024)
def read_currency(words: str) -> Currency | None:
    """The currency that *words*, normalized, name as a whole, or None when they are none or could be several.

    >>> read_currency("تومانی"), read_currency("دلار کانادا"), read_currency("کرون")
    (Currency(code='IRT', minor=1), Currency(code='CAD', minor=1), None)
    """
    squeezed = key(words)
    if found := _USUAL.get(squeezed):
        return found
    if code := _SIGNS.get(squeezed.lower()):
        return Currency(code)
    return _with_country(squeezed)


def in_country(words: str, country: str) -> Currency | None:
    """The currency called *words* in *country* (ISO 3166-1 alpha-2); None where none is called so.

    >>> in_country("ریال", "SA"), in_country("ریال", "TR")
    (Currency(code='SAR', minor=1), None)
    """
    return _IN_COUNTRY.get((key(words), country))


def in_context(words: str, before: str, after: str) -> Currency | None:
    """The currency that *words* name between what stands *before* and *after* them.

    A bare rial, dinar, pound, lira, rupee, peso or crown in a line about a country that calls its money so is that
    country's; where Iran, or a journey from it, is spoken of as well, it has the usual reading. A dollar always has.

    >>> in_context("ریال", "بانک مرکزی عربستان ", ""), in_context("ریال", "سفر زائران به عربستان ", "")
    (Currency(code='SAR', minor=1), Currency(code='IRR', minor=1))
    """
    name = key(words)
    if name in _CALLED_ALIKE:
        line = f"{before.rpartition(chr(10))[2]} {after.partition(chr(10))[0]}"
        countries = {_COUNTRY[word] for word in _WORD.findall(line) if word in _COUNTRY and word not in _AMBIGUOUS}
        found = {currency for country in countries if (currency := in_country(name, country))}
        if len(found) == 1 and not _FROM_IRAN.search(line):
            return found.pop()
    return read_currency(words)


def _with_country(squeezed: str) -> Currency | None:
    """«دلارکانادا», «دلارهایکانادایی»: a name and then the country it is of."""
    for cut in range(1, len(squeezed)):
        country = _COUNTRY.get(squeezed[cut:])
        if country and (found := _IN_COUNTRY.get((squeezed[:cut], country))):
            return found
    return None


#: Every word that can begin a phrase :func:`read_currency` reads, in every form; and «همت», 10^12 toman.
WORDS: Final[frozenset[str]] = frozenset(
    {
        form
        for names in (*_NAMES, *_HUNDREDTHS, "همت")
        for name in names.split("|")
        for form in inflected(name.split()[0])
    }
    | set(_USUAL)
) - frozenset(inflected("سوم"))  # «third», far oftener than the money of Uzbekistan
