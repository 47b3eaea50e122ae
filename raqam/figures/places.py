"""Places: the country and the province that a LOC span names, as ISO 3166 codes.

The names are data (``data/iran.tsv``, ``data/world.tsv``); this module knows how news writes them: with the word
for their kind before them («شهرستان ملایر»), glued to it («استانهمدان»), joined or parted («بندر عباس»), or beside the
province that tells one «عباسآباد» from another. A name that says too little has no value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from raqam.figures.gazetteer import Entries, Groups, choose, entries, fold

_WIDE: Final = frozenset({"province", "country", "region", "state", "abroad"})
_TOWNS: Final = frozenset({"city", "city?", "county?", "place"})
_BARE: Final[Groups] = (
    frozenset({"province"}),
    frozenset({"country", "region"}),
    frozenset({"county"}),
    frozenset({"city", "place", "state", "abroad"}),
)
_PROVINCE: Final[Groups] = (
    frozenset({"province", "province?"}),
    frozenset({"region"}),
    frozenset({"state"}),
    frozenset({"abroad"}),
)
_COUNTY: Final[Groups] = (
    frozenset({"county", "county?"}),
    frozenset({"city", "city?"}),
    frozenset({"district"}),  # a younger county is a district of older lists
)
_CITY: Final[Groups] = (frozenset({"county"}), _TOWNS | {"state", "abroad"})
_DISTRICT: Final[Groups] = (_TOWNS | {"county", "district"},)
_PORT: Final[Groups] = (frozenset({"county", "city", "place"}), _TOWNS, frozenset({"state", "abroad"}))
_BORDER: Final[Groups] = (frozenset({"county", "city", "place"}), frozenset({"county?", "city?"}))
_COUNTRY: Final[Groups] = (frozenset({"country", "country?"}),)
_TERRAIN: Final[Groups] = (frozenset({"province"}), frozenset({"county"}))
_STATE: Final[Groups] = (frozenset({"state"}), frozenset({"abroad"}))
_ZONE: Final[Groups] = (frozenset({"zone"}), *_BARE)
_SETTLEMENT: Final[Groups] = (frozenset({"abroad"}),)
_VILLAGE: Final[Groups] = ()
_SPOKEN: Final = frozenset({"district", "zone"})  # what these bear is a river or a peak where no word says otherwise

#: Words for a kind, folded and without their plural ending, and where the name behind them is looked up; the first that
#: fits is taken off.
_HEADS: Final[tuple[tuple[str, Groups], ...]] = (
    ("(?:شمال|جنوب)ی?(?:شرق|غرب)ی?|شمال|جنوب|شرق|غرب|مرکز", _BARE),
    ("استان", _PROVINCE),
    ("شهرستان", _COUNTY),
    ("شهرک", _SETTLEMENT),
    ("شهر(?:جدید|مقدس|تاریخی|مرزی|بندری)?|کلانشهر|بافتتاریخی", _CITY),
    ("بخش", _DISTRICT),
    ("بندر|بنادر", _PORT),
    ("کشور|جمهوری", _COUNTRY),
    ("ایالت|ولایت", _STATE),
    ("ساحل|سواحل|جنگل", _TERRAIN),
    ("(?:مرز|پایانه|گذرگاه|نقطه|بازارچه)(?:های)?(?:رسمی|زمینی|دریای|مرزی)?", _BORDER),
    ("(?:منطقه|مناطق)(?:مرزیو?)?(?:ازاد|ویژه)(?:و?(?:تجاری|صنعتی|اقتصادی))*", _ZONE),
    ("منطقه|مناطق|ناحیه|محدوده", _BARE),
    ("روستا(?:ی|های)|دهستان", _VILLAGE),
)
_HEAD: Final = re.compile("|".join(f"({pattern})" for pattern, _ in _HEADS))
_PLURAL: Final = ("های", "ها")
_DEEPEST: Final = 4  # «جنوب استان کرمان» has two words for kinds, «منطقه بندر ماهشهر» too

#: An office right before the name says what it is: «شهردار گلستان» governs no province.
_OFFICES: Final[tuple[tuple[tuple[str, ...], Groups], ...]] = (
    (("استاندار", "استانداری"), _PROVINCE),
    (("فرماندار", "فرمانداری"), _COUNTY),
    (("شهردار", "شهرداری", "شورای شهر", "شورای اسلامی شهر", "مدیریت شهری"), _CITY),
)
_PROVINCES_LISTED: Final = re.compile(r"استان ?های[^.؛:\n]*(?:،|\sو)\s*$")

#: A town's name in a list of these is a neighbourhood of another town.
_NEIGHBOURHOODS: Final = ("محله", "محلات", "خیابان", "بلوار", "بزرگراه", "کوی ")

#: First words behind which a known last word tells where all of it is: «شهرک شهید بهشتی سیرجان».
_INSIDE: Final = frozenset(
    {"بخش", "روستای", "روستاهای", "دهستان", "شهر", "شهرک", "محله", "محلات", "کوی", "بافت", "حومه", "حاشیه"}
    | {"منطقه", "مناطق", "ناحیه", "محدوده"}
)
#: Words behind which a place's name is that of something else: «محدوده دریای مازندران».
_NOT_PLACES: Final = frozenset(
    {"دریا", "دریای", "دریاچه", "خلیج", "تنگه", "اقیانوس", "رود", "رودخانه", "تالاب", "کوه", "کوههای", "ارتفاعات"}
    | {"خیابان", "بلوار", "میدان", "بزرگراه", "اتوبان", "جاده", "محور", "مرز", "مرزهای"}
)
#: Names of places that are ordinary words or first names too, and end names of villages: «روستای چشمه بهار».
_ORDINARY: Final = """
آباد آزادشهر البرز انار ایوان بافت بدره بن بهار بهارستان پردیس تخت جم حر خاتم دنا دیر دیلم رستم رضوان ری زهره
سامان سراب سرباز سرخه سلسله سیروان سیمرغ شهریار صحنه طالقان فارس فردوس فیروزه قدس کارون کلات کوثر گلستان لار لالی
مبارکه محلات مرکزی مهر مهران میانه نور نیر
"""
_WORDS: Final = frozenset(_ORDINARY.split())
_LONGEST: Final = 90  # the longest name with all its words for kinds is half of that
_LONGEST_NAME: Final = 4  # words: «سیستان و بلوچستان»

_INNER: Final = re.compile(r"\s(?=(?:استان|شهرستان|شهر|بخش)\s)")
_PART_OF: Final = r"(?:واقع|از توابع|توابع|در|از|مرکز)"
_AFTER: Final = re.compile(rf"[\s،,(]*(?:{_PART_OF}\s+)*(?:بخش\s+\S+\s+)?(استان|شهرستان)\s+([^\n.،,()؛:]+)")
_BEFORE: Final = re.compile(r"(?<!\S)(استان|شهرستان)\s+([^\n.،,()؛:]{2,30}?)\s+(?:در\s+)?$")
_NAMED: Final = re.compile(r"استان\s+([^\n.،,()؛:]+)")


@dataclass(frozen=True, slots=True)
class _Found:
    """What the words of a span say alone: a code, or the codes it could be, best known only from the context."""

    code: str | None = None
    could_be: frozenset[str] = frozenset()
    bare: bool = False  # a town's or county's name alone, which a neighbourhood may bear
    part: bool = False  # a village or district whose county may stand beside it


def read_place(surface: str, before: str = "", after: str = "") -> dict[str, Any] | None:
    """Return the country of a place and its province, ISO 3166-1 and 3166-2, or None where no code covers it.

    *surface* is the span in normalized text, *before* and *after* what stands beside it. Seas, mountains, blocs and
    neighbourhoods have no code; a name that several provinces share has one only when its surroundings name the
    province. A village has the code of the county or province that stands beside it.

    >>> read_place("استانهمدان")
    {'kind': 'place', 'country': 'IR', 'province': 'IR-13'}
    >>> read_place("کشورهای عراق")
    {'kind': 'place', 'country': 'IQ', 'province': None}
    >>> read_place("عباسآباد", after=" در استان مازندران")
    {'kind': 'place', 'country': 'IR', 'province': 'IR-02'}
    >>> read_place("آذربایجان") is None
    True
    """
    if not surface or len(surface) > _LONGEST:
        return None
    code = _place(surface, before[-60:], after[:60])
    if code is None:
        return None
    country, part, _ = code.partition("-")
    return {"kind": "place", "country": country, "province": code if part else None}


def _place(surface: str, before: str, after: str) -> str | None:
    found = _look_up(surface)
    if not found.code and not found.could_be and not found.part:
        return None
    if found.could_be:
        groups = _office(before)
        code = choose(entries(fold(surface)), groups) if groups else None
        code = code or _from_beside(found.could_be, after)
        if not code and not found.code:
            code = _from_surroundings(found.could_be, before, after)
        if code:
            return code
    if found.code == "IR-12" and "کردستان" in surface:
        return _kurdistan(before, after)
    if found.bare and surface in _WORDS and any(word in before for word in _NEIGHBOURHOODS):
        return None
    if found.code is None and found.part:
        return _stands_beside(before, after)
    return found.code


def _kurdistan(before: str, after: str) -> str | None:
    """Kurdistan is a province of Iran, unless «اقلیم» or another country is beside it."""
    next_word = after.split(maxsplit=1)[0] if after.startswith(" ") and after.strip() else ""
    if next_word.startswith("عراق") or before.rstrip().endswith("اقلیم"):
        return "IQ-KR"
    return None if next_word.startswith(("سوریه", "ترکیه")) else "IR-12"


@lru_cache(maxsize=1024)
def _look_up(surface: str) -> _Found:
    """Read *surface* alone: as a name, behind the words for its kind, then by a known name at its end."""
    name = fold(surface)
    for form in (name, name[:-1]) if name.endswith(("ای", "وی")) else (name,):  # «ونزوئلای نفت‌خیز»
        found = _named(form)
        if found.code or found.could_be:
            return found
    words = surface.split()
    return (_inside(words) if len(words) > 1 else None) or found


def _named(name: str) -> _Found:
    """Look *name* up whole, then without the words for kinds before it, one after another."""
    groups, rest, part = _BARE, name, False
    for depth in range(_DEEPEST):
        found = entries(rest)
        if groups and found:
            code = choose(found, groups)
            codes = frozenset(own for kind, own in found if groups is not _BARE or kind not in _SPOKEN)
            return _Found(code, frozenset() if codes == {code} else codes, _is_town(found, depth), part)
        head = _HEAD.match(rest)
        if not head or head.end() == len(rest):
            break
        groups, rest = _HEADS[(head.lastindex or 1) - 1][1], _singular(rest[head.end() :])
        if groups is _SETTLEMENT and entries("ک" + rest):  # «شهر کرمان», not «شهرک رمان»
            groups, rest = _CITY, "ک" + rest
        part = part or groups in (_VILLAGE, _SETTLEMENT, _DISTRICT, _COUNTY, _CITY)
        if groups == _VILLAGE:
            break
    return _Found(part=part)


def _singular(rest: str) -> str:
    """*rest* without the plural ending of the word before it, unless a name begins so: «شهرستانهامون»."""
    ending = next((ending for ending in _PLURAL if rest.startswith(ending)), "")
    return rest if entries(rest) else rest[len(ending) :]


def _is_town(found: Entries, depth: int) -> bool:
    return depth == 0 and not any(kind in _WIDE for kind, _ in found)


def _inside(words: list[str]) -> _Found | None:
    """Read the name at the end of *words*: «بخش مرکزی شهرستان زرند», «قمصر کاشان»."""
    if not _NOT_PLACES.isdisjoint(words):
        return None
    text = " ".join(words)
    for inner in _INNER.finditer(text):
        outer = _named(fold(text[inner.end() :]))
        if outer.code and words[0] in _INSIDE:
            return _Found(outer.code)
    for at in range(max(1, len(words) - _LONGEST_NAME), len(words)):
        name = " ".join(words[at:])
        code = choose(entries(fold(name)), _BARE)
        if code is None:
            continue
        if words[0] in _INSIDE and at > 1 and code.startswith("IR-") and name not in _WORDS:
            return _Found(code)
        return _within(fold(" ".join(words[:at])), code)
    return None


def _within(name: str, code: str) -> _Found | None:
    """*name* as a place within *code*, where the tables know one: «سردشت دزفول», «بغداد عراق»."""
    head = _HEAD.match(name)
    found = entries(name) or (entries(name[head.end() :]) if head else ())
    codes = {own for _, own in found if own == code or own.startswith(f"{code}-")}
    return _Found(codes.pop()) if len(codes) == 1 else None


def _office(before: str) -> Groups | None:
    """Where to look a name up that an office, or a list of provinces, stands before."""
    before = before.rstrip()
    for offices, groups in _OFFICES:
        if before.endswith(offices):
            return groups
    return _PROVINCE if _PROVINCES_LISTED.search(before) else None


def _from_beside(could_be: frozenset[str], after: str) -> str | None:
    """The only one of *could_be* in the province, county or country that *after* begins with."""
    match = _AFTER.match(after)
    if match:
        code = _longest_name(match[2], _PROVINCE[:1] if match[1] == "استان" else _COUNTY[:1])
        return code if code in could_be else None
    country = _longest_name(after, _COUNTRY) if after.startswith(" ") else None
    codes = [code for code in could_be if country and code.partition("-")[0] == country]
    return codes[0] if len(codes) == 1 else None


def _from_surroundings(could_be: frozenset[str], before: str, after: str) -> str | None:
    """The only one of *could_be* that *before* or *after* names as a province."""
    texts = (match[1] for text in (before, after) for match in _NAMED.finditer(text))
    codes = could_be & {_longest_name(text, _PROVINCE[:1]) for text in texts}
    return next(iter(codes)) if len(codes) == 1 else None


def _stands_beside(before: str, after: str) -> str | None:
    """The code of the county or province right behind a village, «روستای چناران سقز», or right before it."""
    match = _AFTER.match(after)
    if match and "،" not in match[0]:  # behind a comma the next place of a list may begin
        return _longest_name(match[2], _PROVINCE[:1] if match[1] == "استان" else _COUNTY[:1])
    code = _longest_name(after, _COUNTY[:1]) if after.startswith(" ") else None
    if code and after.split(maxsplit=1)[0] not in _WORDS:
        return code
    match = _BEFORE.search(before)
    if match:
        return choose(entries(fold(match[2])), _PROVINCE[:1] if match[1] == "استان" else _COUNTY[:1])
    return None


def _longest_name(text: str, groups: Groups) -> str | None:
    """The code of the longest name that *text* begins with."""
    words = text.split()[:_LONGEST_NAME]
    if words[:1] == ["به"]:  # «به شهر» is no «بهشهر»
        return None
    for end in range(len(words), 0, -1):
        code = choose(entries(fold("".join(words[:end]))), groups)
        if code:
            return code
    return None
