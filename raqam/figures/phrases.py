"""A figure's phrase parted into its numbers and the words around them: «5 تا 7 میلیارد تومان», «7 کیلو و 181 گرم»."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from math import prod
from typing import Final, Literal

from raqam.figures.digits import Style
from raqam.figures.numerals import LONGEST, Lexeme, Numeral, lex, read_numeral
from raqam.figures.words import ENDINGS

Joint = Literal["", "to", "and", "comma"]

_JOINTS: Final[dict[str, Joint]] = {"to": "to", "and": "and"}
_COMMAS: Final = frozenset("،,")
#: What may stand at the edges of the words of a figure and says nothing.
_SILENT: Final = " \n\t،,.:؛()[]«»\"'"
_BETWEEN: Final = re.compile(r"(?<!\w)(?:بین|مابین|میان)\s*\Z")  # «بین 5 و 7 درصد»


@dataclass(frozen=True, slots=True)
class Term:
    """A number of a phrase: ``joint`` binds it to the one before, ``words`` follow it, at ``start`` to ``end``."""

    numeral: Numeral
    joint: Joint
    words: str
    start: int
    end: int
    worded: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """A figure's text: the words before its first number, and its numbers. Without numbers, ``lead`` is all of it."""

    text: str
    lead: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact number (``low`` equals ``high``), a range, or a vague figure (both None)."""

    low: Decimal | None
    high: Decimal | None

    @classmethod
    def exactly(cls, value: Decimal | None) -> Amount:
        """The amount of one number; None is a vague one."""
        return cls(value, value)

    def times(self, factor: Decimal | int) -> Amount:
        """The amount *factor* times as large."""
        if self.low is None or self.high is None:
            return self
        return Amount(self.low * factor, self.high * factor)

    def to_dict(self) -> dict[str, str]:
        """``number``, or ``low`` and ``high``, or nothing, as exact decimal strings.

        >>> Amount(Decimal("2.50"), Decimal("2.50")).to_dict(), Amount(None, None).to_dict()
        ({'number': '2.5'}, {})
        """
        if self.low is None or self.high is None:
            return {}
        if self.low == self.high:
            return {"number": plain(self.low)}
        return {"low": plain(self.low), "high": plain(self.high)}


def plain(number: Decimal) -> str:
    """*number* in digits, without exponent and without zeros at the end of its decimals.

    >>> plain(Decimal("6.60E+12")), plain(Decimal("-0.50"))
    ('6600000000000', '-0.5')
    """
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse(text: str, style: Style) -> Phrase:
    """Part *text*, normalized, into its numbers and the words around them; what is too long for a figure has none.

    >>> [(str(term.numeral.value), term.joint, term.words) for term in parse("58 دلار و 17 سنت", Style()).terms]
    [('58', '', 'دلار'), ('17', 'and', 'سنت')]
    """
    return _parse(text, style) if len(text) <= LONGEST else Phrase(text, "", ())


@lru_cache(maxsize=1024)
def _parse(text: str, style: Style) -> Phrase:
    lexemes = lex(text)
    found: list[tuple[int, Numeral]] = []
    at = 0
    while at < len(lexemes):
        numeral = read_numeral(lexemes, at, style)
        if numeral is None or _stands_alone(lexemes, at, numeral, bool(found)):
            at += 1
        else:
            found.append((at, numeral))
            at = numeral.end
    if not found:
        return Phrase(text, text.strip(_SILENT), ())
    lead = text[: lexemes[found[0][0]].start]
    ends = [start for start, _ in found[1:]] + [len(lexemes)]
    terms = [_term(text, lexemes, each, end) for each, end in zip(found, ends, strict=True)]
    terms[0] = replace(terms[0], joint="")
    if len(terms) == 2 and terms[1].joint == "and" and _BETWEEN.search(lead):
        terms[1] = replace(terms[1], joint="to")
    return Phrase(text, lead.strip(_SILENT), tuple(terms))


def _stands_alone(lexemes: Sequence[Lexeme], at: int, numeral: Numeral, later: bool) -> bool:
    """Whether what was read at *at* is no number of the phrase: after the first one, an ordinal («9 ماهه نخست»).

    Two ordinals side by side both count: «ششم تا دهم».
    """
    return later and numeral.ordinal and not (_joint(lexemes, at) and lexemes[at - 2].kind == "ordinal")


def _term(text: str, lexemes: Sequence[Lexeme], first: tuple[int, Numeral], end: int) -> Term:
    """The number *first* of *lexemes*, with the words up to index *end* less what joins it to the next."""
    at, numeral = first
    joint = _joint(lexemes, at)
    last = end - 1 if end < len(lexemes) and _joint(lexemes, end) else end
    words = lexemes[numeral.end : last]
    if words and words[0].text in ENDINGS and not words[0].spaced:  # «11 میلیونی»
        words = words[1:]
    start, stop = _trimmed(text, words[0].start, words[-1].end) if words else (0, 0)
    worded = all(lexeme.kind != "digits" for lexeme in lexemes[at : numeral.end])
    return Term(numeral, joint, text[start:stop], start, stop, worded)


def _trimmed(text: str, start: int, stop: int) -> tuple[int, int]:
    """The range *start*, *stop* of *text* without silent characters at its edges."""
    words = text[start:stop].lstrip(_SILENT)
    start = stop - len(words)
    return start, start + len(words.rstrip(_SILENT))


def _joint(lexemes: Sequence[Lexeme], at: int) -> Joint:
    """What joins the number at *at* to the one before."""
    if at == 0:
        return ""
    before = lexemes[at - 1]
    return "comma" if before.text in _COMMAS else _JOINTS.get(before.kind, "")


def amount(first: Term, second: Term | None = None) -> Amount | None:
    """The amount of a number, or of the two ends of a range; None where it cannot be told.

    The first end takes the scales of the second where that keeps it the smaller: «2 تا 3 میلیارد», «20 هزار تا 30 هزار
    میلیارد», «500 تا هزار میلیارد». Two words side by side are a range of speech when they grow: «هفت هشت نفر».
    """
    low, high = first.numeral, second.numeral if second else None
    if low.unclear or (high and high.unclear) or (low.ordinal and not high):  # «سوم» is no amount
        return None
    if high is None or second is None:
        return Amount.exactly(low.value) if low.value is None or is_exact(low.value) else None
    if low.value is None or high.value is None:
        return Amount(None, None)
    value = _lower_end(first, second)
    if value is None or not (is_exact(value) and is_exact(high.value)):
        return None
    return Amount(min(value, high.value), max(value, high.value))


def _lower_end(first: Term, second: Term) -> Decimal | None:
    """The value of *first* as the end of a range with *second*; None where they are no range."""
    low, high = first.numeral, second.numeral
    if low.value is None or high.value is None:
        return None
    found = next((value for value in _scaled(low, high) if abs(value) < abs(high.value)), None)
    if first.words and not low.scaled and high.scaled:  # «2 تومان تا 3 میلیارد تومان»
        return None
    if second.joint == "to":
        alike = low.scaled == high.scaled or (low.scaled and low.value <= high.value)  # not «20 هزار تا 30»
        return low.value if found is None and (alike or not low.value) else found
    spoken = not second.joint and first.worded and second.worded  # «هفت هشت نفر»
    if first.words or found is None or not (spoken or second.joint == "comma"):
        return None
    return found if found < high.value <= 2 * found else None


def _scaled(numeral: Numeral, other: Numeral) -> Iterator[Decimal]:
    """The values of *numeral* with ever fewer of the scales of *other*; its own takes the place of the first."""
    for at in range(1 if numeral.scaled else 0, len(other.multipliers) + (not other.multipliers)):
        yield (numeral.value or Decimal(0)) * prod(other.multipliers[at:])


def scaled_like(numeral: Numeral, other: Numeral) -> Decimal | None:
    """The value of *numeral* with the scales it leaves to *other*, a figure nearby: «7» beside «5 میلیون ریال».

    None where that would make it more than ten times as large or a hundred times as small: another scale may be meant.
    """
    if numeral.value is None or other.value is None:
        return None
    near = (value for value in _scaled(numeral, other) if abs(value) <= 10 * abs(other.value) < 1000 * abs(value))
    found = next(near, None)
    unscaled = numeral.value if numeral.scaled or not other.scaled or not numeral.value else None
    return unscaled if found is None else found


def is_exact(value: Decimal) -> bool:
    """Whether *value* has no unending decimals, such as a third has."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent > -12
