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
    astral = [offset for offset, character in enumerate(text) if character > "\uffff"]
    return lambda offset: offset + bisect_left(astral, offset)
