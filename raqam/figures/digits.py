"""Numbers in digits: which separator parts thousands, which begins decimals, and which way round a decimal stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

#: More digits than any figure of the news has; what is longer is an identifier.
_MAX_DIGITS: Final = 18

_SHAPE: Final = re.compile(r"[0-9]+(?:[,،' ./][0-9]+)*")
_GROUPS: Final = re.compile(r"[0-9]{1,3}(?:[,،' ][0-9]{3})+")
_SLASHES: Final = re.compile(r"[0-9]{1,3}(?:/[0-9]{3}){2,}")
_SLASHES_BACK: Final = re.compile(r"(?:[0-9]{3}/){2,}[0-9]{1,3}")
_POINTS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}")


@dataclass(frozen=True, slots=True)
class Style:
    """How a text writes numbers in digits.

    ``reversed``: its decimals with a slash stand back to front, «8/19» for 19.8. ``whole``: the figure cannot have
    decimals (people, tomans), so a point or slash before three digits parts thousands. ``decimals``: where it can have
    them, a point always begins them (per cent, millions of people).
    """

    reversed: bool = False
    whole: bool = False
    decimals: bool = False


def read_digits(text: str, style: Style, scaled: bool = False) -> Decimal | None:
    """The number that digits with separators stand for, or None where it cannot be told.

    *scaled*: هزار, میلیون … follows, so that also a whole figure may have decimals. The rules:

    - commas part groups of three; a single one before another count of digits begins decimals;
    - one point begins decimals, unless exactly three digits follow it and they end in two zeros, which nobody writes
      in a decimal («3.700 میلیارد»), or the figure is whole;
    - one slash begins decimals, which stand before it in a text that writes them reversed, unless one side is a bare
      zero, which is always the whole part;
    - several points or slashes part groups of three.

    >>> read_digits("2,600", Style()), read_digits("9.7", Style()), read_digits("8/19", Style(reversed=True))
    (Decimal('2600'), Decimal('9.7'), Decimal('19.8'))
    """
    text = _joined(text)
    if not _SHAPE.fullmatch(text):
        return None
    if sum(map(str.isdigit, text)) > _MAX_DIGITS:
        return None
    whole = style.whole and not scaled
    if text.isdigit():  # with zeros at its head it is a telephone's
        return None if len(text) > 3 and text.startswith("0") else Decimal(text)
    if (_GROUPS.fullmatch(text) and not text.startswith("0")) or _POINTS.fullmatch(text) or _SLASHES.fullmatch(text):
        return Decimal(re.sub(r"\D", "", text))
    if style.reversed and _SLASHES_BACK.fullmatch(text):
        return Decimal("".join(reversed(text.split("/"))))
    text = text.replace("'", ",")
    if " " in text:
        return None
    if "," in text or "،" in text:
        return _with_commas(text, style, scaled)
    if text.count(".") + text.count("/") != 1:
        return None
    return _pointed(text, whole, style.decimals) if "." in text else _slashed(text, style.reversed, whole)


def _joined(text: str) -> str:
    """*text* without spaces around its separators; a point broken over lines («3044.\\n.\\n31») is one."""
    text = re.sub(r"\s*([./])\s*", r"\1", text)
    return text.replace("..", ".").strip()


def _with_commas(text: str, style: Style, scaled: bool) -> Decimal | None:
    """Commas beside a point, or a comma that begins decimals."""
    head, separator, tail = text.rpartition("." if "." in text else "/") if re.search(r"[./]", text) else (text, "", "")
    if separator:
        return Decimal(f"{re.sub('[,،]', '', head)}.{tail}") if _GROUPS.fullmatch(head) and tail.isdigit() else None
    parts = re.split("[,،]", text)
    if len(parts) != 2 or (len(parts[1]) == 3 and parts[0] != "0") or (style.whole and not scaled):
        return None
    return Decimal(".".join(parts))


def _pointed(text: str, whole: bool, decimals: bool) -> Decimal | None:
    head, tail = text.split(".")
    thousands = whole or (tail.endswith("00") and not decimals)
    return Decimal(head + tail if thousands and len(tail) == 3 and head.strip("0") and len(head) <= 3 else text)


def _slashed(text: str, back: bool, whole: bool) -> Decimal | None:
    head, tail = text.split("/")
    if whole and len(tail) == 3 and head.strip("0") and len(head) <= 3:
        return Decimal(head + tail)
    return Decimal(f"{tail}.{head}") if back and head.strip("0") else Decimal(f"{head}.{tail}")
