"""What is wrong with gold data, said in a sentence and, where it helps, with a line under the piece of text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from raqam.errors import RaqamError

_AROUND: Final = 24
_BREAKS: Final = "\n\r\v\f\N{NEXT LINE}\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in gold data: where, a sentence, and where it helps the piece of text with a line under it."""

    source: str
    message: str
    excerpt: str = ""

    def __str__(self) -> str:
        """The problem as one to three lines."""
        lines = [f"{self.source}: {self.message}", *self.excerpt.splitlines()]
        return "\n   ".join(lines)


class GoldError(RaqamError):
    """Gold data cannot be used; ``problems`` has everything that was found, the message all of it in words."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def underline(text: str, start: int, end: int, around: int = _AROUND) -> str:
    """Two lines: *text* about ``text[start:end]``, and a line of carets under that part.

    Marks and invisible characters take no column, line breaks are shown as ``⏎``. The carets count columns in the
    order of the characters: a terminal that sets Persian from right to left shows the first line mirrored.

    >>> print(underline("یک، دو، سه", 4, 6))
    یک، دو، سه
        ^^
    """
    end = max(min(end, len(text)), start + 1)
    first, last = max(0, start - around), min(len(text), end + around)
    before = ("… " if first else "") + text[first:start]
    line = before + text[start:end] + text[end:last] + (" …" if last < len(text) else "")
    shown = "".join("⏎" if char in _BREAKS else char for char in line)
    return f"{shown}\n{' ' * _columns(before)}{'^' * max(1, _columns(text[start:end]))}"


def _columns(text: str) -> int:
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
