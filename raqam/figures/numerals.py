"""The grammar of Persian numerals: digits of any script, words, and both mixed, read as exact decimals.

Everything here takes normalized text (:func:`raqam.text.normalize`): ASCII digits, no joiners. A word whose joiner or
space was lost («بیستوسه», «هزارتومان», «48میلیون») is parted into the words it is made of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from raqam.figures import currencies, units
from raqam.figures.digits import Style, read_digits
from raqam.figures.words import CARDINALS, ENDINGS, HEMAT, ORDINALS, PARTS, PLURALS, SCALES, SIGNS, TO, VAGUE

Kind = Literal["digits", "cardinal", "scale", "part", "ordinal", "vague", "sign", "and", "to", "word", "mark"]

#: Words that hang on a number without a space, and are no number themselves: «صددرصد», «دونفره», «یکسال».
_TAILS: Final = {
    *("گانه", "درصد", "درصدی", "برابر", "برابری", "چندان", "بار"),
    *("نفر", "نفره", "نفری", "مورد", "فقره", "دستگاه", "واحد"),
    *(word for word in units.WORDS | currencies.WORDS if len(word) > 2 or word == "تن"),
}

_NUMERIC: Final[dict[str, Kind]] = {
    **dict.fromkeys(ORDINALS, "ordinal"),
    **dict.fromkeys(PARTS, "part"),
    **dict.fromkeys(SIGNS, "sign"),
    **dict.fromkeys(VAGUE, "vague"),
    **dict.fromkeys(TO, "to"),
    **dict.fromkeys(SCALES, "scale"),
    **dict.fromkeys(CARDINALS, "cardinal"),
    "و": "and",
}
_NOT_GLUED: Final = frozenset({"یا", "میلیاردد"})  # «میلیارددلاری» is no «میلیاردد لاری»
_GLUED: Final[dict[str, Kind]] = {
    word: kind for word, kind in _NUMERIC.items() if kind != "sign" and word not in _NOT_GLUED
}
_LONGEST: Final = max(map(len, _GLUED))
_FREE: Final = frozenset({"cardinal", "scale", "vague", "part"})
_MAX_WORD: Final = 200

#: Characters of the longest text that is read: the longest number in words has half as many.
LONGEST: Final = 400

_LARGEST: Final = Decimal(10) ** 26  # what 28 digits of a Decimal hold exactly, with decimals

#: Digits with what separates their groups. A comma binds only without spaces; a slash, and a point at which a line was
#: broken, also with them («5/ 28»).
_DIGITS: Final = (
    r"[0-9]{1,3}(?: [0-9]{3})+(?![0-9])|[0-9]+(?:[,،][0-9]+|'[0-9]{3}|\s?/\s?[0-9]+|\.\s{0,2}(?:\.\s{0,2})?[0-9]+)*"
)
_LEXEME: Final = re.compile(
    rf"(?P<digits>{_DIGITS})|(?P<word>سی[\s.][\s.]?[\s.]?سی(?!\w)|[A-Za-z][A-Za-z0-9]*|[^\W\d_]+)|(?P<mark>\S)"
)


#: A scale and a noun of three letters or more; not «میلیاردر» and «میلیونر», who are people.
_SCALE_GLUED: Final = re.compile("(هزار|میلیون(?!ر)|میلیارد(?!ر)|تریلیون)(\\w{3,})")


class Lexeme(NamedTuple):
    """A piece of a phrase; ``start`` and ``end`` are offsets into it, ``spaced`` whether a space comes before."""

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number that was read: ``value``, or None where it is vague; ``end`` is the index of the lexeme after it.

    ``multipliers`` are the scales that multiply all of it, first to last: 10^3 and 10^9 in «2 هزار میلیارد».
    ``scaled`` says whether it has any scale, ``hemat`` whether that is همت, ``loose`` the last term where a scale is
    left out before it in speech («5 میلیون و 900»), else 0. ``unclear``: something stands here that is meant as a
    number, but which one cannot be told.
    """

    value: Decimal | None
    end: int
    multipliers: tuple[int, ...] = ()
    scaled: bool = False
    hemat: bool = False
    ordinal: bool = False
    fraction: bool = False
    loose: Decimal = Decimal(0)
    loose_scale: int = 1
    unclear: bool = False


def lex(text: str) -> tuple[Lexeme, ...]:
    """Part a phrase into lexemes.

    >>> [lexeme.text for lexeme in lex("48میلیون و300 هزارتومان")]
    ['48', 'میلیون', 'و', '300', 'هزار', 'تومان']
    """
    lexemes: list[Lexeme] = []
    for match in _LEXEME.finditer(text):
        spaced = match.start() > 0 and text[match.start() - 1].isspace()
        if match["word"]:
            at = match.start()
            for piece, kind in split(match["word"]):
                lexemes.append(Lexeme(kind, piece, at, at + len(piece), spaced and at == match.start()))
                at += len(piece)
        else:
            kind = "digits" if match["digits"] else "to" if match[0] == "-" else "mark"
            lexemes.append(Lexeme(kind, match[0], match.start(), match.end(), spaced))
    return tuple(lexemes)


@lru_cache(maxsize=2048)
def split(word: str) -> tuple[tuple[str, Kind], ...]:
    """Part a word into the numerals it is glued of, or return it whole.

    >>> split("پانصدوچهل")
    (('پانصد', 'cardinal'), ('و', 'and'), ('چهل', 'cardinal'))
    >>> split("دولت")
    (('دولت', 'word'),)
    """
    if word in _NUMERIC:
        return ((word, _NUMERIC[word]),)
    if word in units.WORDS:  # «سیسی» is no sixty
        return ((word, "word"),)
    parts = _parts(word) if len(word) <= _MAX_WORD else None
    if parts:
        return tuple(parts)
    if match := _SCALE_GLUED.fullmatch(word):  # «هزارکاربر»: any noun may hang on a scale
        return (match[1], "scale"), (match[2], "word")
    return ((word, "word"),)


def _parts(word: str) -> list[tuple[str, Kind]] | None:
    """The parts of *word*: numerals, longest first, and at the end a word that hangs on them; None if it has others."""
    best: list[list[tuple[str, Kind]] | None] = [None] * (len(word) + 1)
    best[len(word)] = []
    for start in range(len(word) - 1, -1, -1):
        for end in range(min(len(word), start + _LONGEST), start, -1):
            rest = best[end]
            piece = word[start:end]
            if rest is not None and piece in _GLUED and _fits(piece, rest):
                best[start] = [(piece, _GLUED[piece]), *rest]
                break
        else:
            tail = word[start:]
            if start and (tail in _TAILS or tail in ENDINGS):
                best[start] = [(tail, "word")]
    return best[0]


def _fits(piece: str, rest: list[tuple[str, Kind]]) -> bool:
    """Whether *piece* may stand before *rest* in one word: an ordinal ends it, an «و» never does unless written so."""
    kind = _GLUED[piece]
    if kind == "ordinal":
        return not rest
    if rest and rest[0][1] == "word" and rest[0][0] in ENDINGS:
        return kind in {"scale", "vague"}
    return kind in _FREE or kind in {"and", "to"}


def read_numeral(lexemes: Sequence[Lexeme], at: int, style: Style) -> Numeral | None:
    """Read the longest number that begins at index *at*; None when none begins there.

    >>> read_numeral(lex("14 میلیارد و 474 میلیون ریال"), 0, Style()).value
    Decimal('14474000000')
    """
    return _Reader(lexemes, at, style).read()


class _Reader:
    """Reads one number: a sum of terms, each a coefficient times its scales, the terms growing smaller."""

    def __init__(self, lexemes: Sequence[Lexeme], at: int, style: Style) -> None:
        self._lexemes, self._at, self._style = lexemes, at, style
        self._terms: list[Decimal] = []
        self._limit = Decimal("Infinity")  # the next term must be smaller
        self._sign = 1
        self._multipliers: list[int] = []
        self._vague = self._scaled = self._hemat = self._fraction = self._ordinal = self._unclear = False
        self._scale = 1  # the last one that was read
        self._last_scale = 0
        self._loose_scale = 1  # the scale of the term before the last, where that is digits of hundreds

    def read(self) -> Numeral | None:
        """The number, or None."""
        self._read_sign()
        while self._step():
            pass
        total = sum(self._terms, Decimal(0))
        if not (self._terms or self._vague or self._unclear):
            return None
        return Numeral(
            None if self._vague else self._sign * total,
            self._at,
            tuple(self._multipliers),
            self._scaled,
            self._hemat,
            self._ordinal,
            self._fraction,
            self._terms[-1] if self._loose_scale > 1 else Decimal(0),
            self._loose_scale,
            self._unclear or total > _LARGEST,
        )

    def _kind(self, ahead: int = 0) -> Kind | None:
        at = self._at + ahead
        return self._lexemes[at].kind if 0 <= at < len(self._lexemes) else None

    def _text(self, ahead: int = 0) -> str:
        return self._lexemes[self._at + ahead].text

    def _text_is(self, text: str) -> bool:
        return self._kind() is not None and self._text() == text

    def _read_sign(self) -> None:
        if self._kind() == "sign" and self._kind(1) in {"digits", "cardinal", "part"}:
            self._sign = SIGNS[self._text()]
            self._at += 1
        elif self._text_is("-") and self._kind(1) == "digits" and self._kind(-1) in {None, "word", "mark"}:
            self._sign = -1
            self._at += 1

    def _step(self) -> bool:
        """Take in what comes next; False when the number is over."""
        joined = 1 if self._kind() == "and" and (self._terms or self._vague) else 0
        kind = self._kind(joined)
        if kind == "scale":
            return self._take_scale(joined)
        if kind in {"digits", "cardinal"}:
            return self._take_cardinal(joined)
        if kind == "part":
            return self._take_part(joined)
        if kind == "ordinal":
            return self._take_ordinal(joined)
        if kind == "vague" and (joined or not self._terms):
            self._vague = True
            self._at += joined + 1
            return True
        return False

    def _take_scale(self, joined: int) -> bool:
        scale = SCALES[self._text(joined)]
        if not (self._vague or self._terms) and self._is_plural():
            self._vague = True  # «میلیون ها دلار», «وام میلیاردی»
        if self._vague and joined:
            return False
        if not self._vague and not self._multiply(scale, joined):
            return False
        self._limit, self._scaled, self._loose_scale, self._scale = Decimal(scale), True, 1, scale
        self._hemat = self._hemat or self._text(joined) == HEMAT
        self._at += joined + (2 if self._vague and self._kind(1) == "word" and self._text(1) in ENDINGS else 1)
        return True

    def _is_plural(self) -> bool:
        return self._kind(1) == "word" and self._text(1) in ENDINGS

    def _multiply(self, scale: int, joined: int) -> bool:
        """Multiply the terms that belong to *scale*, or add it as a term of its own; False where it fits nowhere."""
        smaller = 0 if joined else self._smaller(scale)
        if smaller == 0 and self._terms and not (joined and scale < self._limit):
            return False
        if smaller == len(self._terms):
            self._multipliers.append(scale)
        if smaller > 1 and self._kind(-1) != "scale" and self._terms[-smaller] >= self._scale > 1000:
            self._unclear = True  # «500 میلیون و 2 میلیارد»
        coefficient = sum(self._terms[len(self._terms) - smaller :], Decimal(0)) if smaller else Decimal(1)
        del self._terms[len(self._terms) - smaller :]
        if self._terms and scale >= self._last_scale:
            self._unclear = True  # «دو هزار و 700 هزار»
        self._last_scale = scale
        self._terms.append(coefficient * scale)
        return True

    def _smaller(self, scale: int | Decimal) -> int:
        """How many of the last terms, together below *scale*, it multiplies."""
        count, total = 0, Decimal(0)
        for term in reversed(self._terms):
            total += term
            if total >= scale:
                break
            count += 1
        # «1988 هزار میلیارد»: digits may exceed the scale they stand before.
        return count or int(bool(self._terms) and self._kind(-1) == "digits")

    def _take_cardinal(self, joined: int) -> bool:
        if self._kind(joined + 1) == "word" and self._text(joined + 1) in PLURALS:  # «ده ها نفر»
            self._vague = True
            self._at += joined + 2
            return True
        value, count = self._cardinal(joined)
        if value is None and not self._terms:
            self._unclear = True
            self._at += joined + 1
            return self._kind() == "scale" and self._skip_scales()
        if value is None:
            return False
        if self._terms or self._vague:
            after_scale = self._kind(-1) == "scale"
            if not (joined or after_scale or self._vague) or value >= self._limit or (value == 0 and joined):
                return self._take_decimals(joined)
            if after_scale and self._limit > 1000 and 100 <= value < 1000 and value == int(value):
                self._loose_scale = int(self._limit) // 1000
        self._terms.append(value)
        self._limit = _room(value) if self._kind(joined) == "cardinal" else Decimal(0)
        self._at += joined + count
        return True

    def _skip_scales(self) -> bool:
        while self._kind() == "scale":
            self._at += 1
        return False

    def _cardinal(self, joined: int) -> tuple[Decimal | None, int]:
        """The value of the digits or the word that comes next, «سه صد» as one, and how many lexemes it is."""
        text = self._text(joined)
        if self._kind(joined) == "digits":
            return read_digits(text, self._style, scaled=self._kind(joined + 1) == "scale"), 1
        value = CARDINALS[text]
        if 1 < value < 10 and self._kind(joined + 1) == "cardinal" and self._text(joined + 1) == "صد":
            return Decimal(value * 100), 2
        if value == 1 and self._kind(joined + 1) == "cardinal" and self._text(joined + 1) == "صد":
            return Decimal(100), 2
        return Decimal(value), 1

    def _take_decimals(self, joined: int) -> bool:
        """«سه و بیست و پنج صدم»: tenths, hundredths or thousandths after a whole."""
        if not joined or self._vague:
            return False
        rest = _Reader(self._lexemes, self._at + 1, self._style).read()
        if rest is None or not rest.fraction or rest.value is None or not 0 < rest.value < 1:
            return False
        self._unclear = self._unclear or self._of_millions()
        self._terms.append(rest.value)
        self._at, self._limit = rest.end, Decimal(0)
        return True

    def _of_millions(self) -> bool:
        """Whether tenths would follow millions: «دو میلیون و سه دهم» may be tenths of one or of a million."""
        return bool(self._terms) and self._terms[-1] >= 10**6

    def _take_part(self, joined: int) -> bool:
        part = Decimal(PARTS[self._text(joined)])
        if not self._terms:
            self._fraction = True
            self._terms.append(part)
        elif joined and self._kind(-1) != "part":
            self._terms.append(part * (SCALES[self._text(-1)] if self._kind(-1) == "scale" else 1))
        elif self._text() == "ربع" and len(self._terms) == 1 and self._terms[0] < 4:
            self._fraction = True
            self._terms[0] *= part
        else:
            return False
        self._limit = Decimal(0)
        self._at += joined + 1
        return True

    def _take_ordinal(self, joined: int) -> bool:
        """«یکسوم», «29 صدم»: the ordinal is a denominator; «بیست و ششم»: it ends an ordinal number."""
        value = Decimal(ORDINALS[self._text(joined)])
        if self._vague or self._fraction or self._ordinal:
            return False
        if self._terms and not joined and value > 1:
            return self._divide(value)
        if self._terms and not (joined and value < self._limit):
            return False
        third = self._text(joined) == "ثلث"
        self._terms.append(1 / value if third else value)
        self._fraction, self._ordinal = third, not third
        self._at += joined + 1
        return False

    def _divide(self, denominator: Decimal) -> bool:
        smaller = self._smaller(denominator)
        if not smaller or (self._kind(-1) not in {"cardinal", "digits"}):
            return False
        numerator = sum(self._terms[len(self._terms) - smaller :], Decimal(0))
        if numerator >= denominator:
            return False
        del self._terms[len(self._terms) - smaller :]
        self._fraction = not self._terms
        self._unclear = self._unclear or self._of_millions()
        self._terms.append(numerator / denominator)
        self._at += 1
        self._limit = Decimal(0)
        return True


def _room(value: Decimal) -> Decimal:
    """What may follow a word below a thousand: tens after hundreds, ones after tens.

    >>> _room(Decimal(300)), _room(Decimal(40)), _room(Decimal(15))
    (Decimal('100'), Decimal('10'), Decimal('0'))
    """
    if value >= 100:
        return Decimal(100)
    return Decimal(10) if value >= 20 else Decimal(0)


def integer(text: str) -> int | None:
    """The whole number that *text* is, in digits or words; None when it is anything else.

    >>> integer("هشتاد و هفت"), integer("2,600"), integer("سی درصد")
    (87, 2600, None)
    """
    found = _whole(text)
    if found is None or found.ordinal or found.value is None or found.value != found.value.to_integral_value():
        return None
    return int(found.value)


def ordinal(text: str) -> int | None:
    """The number that an ordinal names; None when *text* is anything else.

    >>> ordinal("بیست و ششم"), ordinal("26م"), ordinal("نخست"), ordinal("26")
    (26, 26, 1, None)
    """
    if match := _MARKED_ORDINAL.fullmatch(text):
        return int(match[1])
    found = _whole(text)
    return int(found.value) if found is not None and found.ordinal and found.value is not None else None


_MARKED_ORDINAL: Final = re.compile(r"\s*([0-9]{1,9})\s?-?\s?(?:م|ام|مین|امین)\s*")


def _whole(text: str) -> Numeral | None:
    lexemes = lex(text) if len(text) <= LONGEST else ()
    found = read_numeral(lexemes, 0, Style()) if lexemes else None
    return found if found is not None and found.end == len(lexemes) and not found.unclear else None
