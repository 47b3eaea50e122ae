"""Offsets for callers whose strings count UTF-16 code units (JavaScript, Java, C#) instead of code points."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Literal

Unit = Literal["codepoint", "utf16"]


def utf16_offsets(text: str) -> Callable[[int], int]:
    """Return the function that turns an offset into *text* from code points into UTF-16 code units.

    The offset may be anything from 0 to ``len(text)``. A character beyond U+FFFF takes two units, every other one.

    >>> convert = utf16_offsets("رشد 📈 ۴۷ درصد")
    >>> [convert(offset) for offset in (0, 4, 5, 6)]
    [0, 4, 6, 7]
    """
    astral = _astral(text)
    return lambda offset: offset + bisect_left(astral, offset)


def codepoint_offsets(text: str) -> Callable[[int], int | None]:
    """Return the function that turns an offset into *text* from UTF-16 code units into code points.

    It gives None for an offset outside the text, and for one between the two units of a character.

    >>> convert = codepoint_offsets("رشد 📈 ۴۷ درصد")
    >>> [convert(offset) for offset in (0, 4, 5, 6, 7, 99)]
    [0, 4, None, 5, 6, None]
    """
    # Where each character beyond U+FFFF begins, in units: every one before it adds one to its offset.
    astral = [offset + before for before, offset in enumerate(_astral(text))]
    length = len(text) + len(astral)

    def convert(offset: int) -> int | None:
        before = bisect_left(astral, offset)
        inside = before > 0 and astral[before - 1] == offset - 1
        return None if inside or not 0 <= offset <= length else offset - before

    return convert


def _astral(text: str) -> list[int]:
    return [offset for offset, character in enumerate(text) if character > "\uffff"]
