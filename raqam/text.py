"""Normalized text that carries its alignment to the original.

The tokenizer sees the normalized copy, the caller never does: every offset that leaves Raqam is half-open, in
Unicode code points of the original text, and is mapped back here and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from raqam.characters import COMPOSED, ORDINARY, is_mark, replacement
from raqam.errors import TextError

#: Version of what :func:`normalize` does to a text. A model is trained on one and refuses another.
NORMALIZER_VERSION: Final = 1

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SPECIAL: Final = re.compile("|".join([*map(re.escape, COMPOSED), f"[^{ORDINARY}]"]))


@dataclass(frozen=True, slots=True, eq=False)
class NormalizedText:
    """A normalized copy of ``original``.

    ``starts`` and ``ends``, int32 of shape ``(len(text),)``, give for each character of the copy the half-open
    range of the original it stands for. Both never decrease. Deleted characters belong to no range, except
    combining marks, which belong to the character they hang on.
    """

    original: str
    text: str
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Map the half-open range *start*, *end* of the copy to the original.

        >>> normalize("می‌شود").to_original(0, 5)
        (0, 6)
        """
        if start >= end:
            at = int(self.starts[start]) if start < len(self.text) else len(self.original)
            return at, at
        return int(self.starts[start]), int(self.ends[end - 1])

    def to_normalized(self, start: int, end: int) -> tuple[int, int]:
        """Map the half-open range *start*, *end* of the original to the copy: every character it touches.

        >>> normalize("«می‌شود»").to_normalized(1, 7)
        (1, 6)
        """
        first = int(np.searchsorted(self.ends, start, side="right"))
        last = int(np.searchsorted(self.starts, end, side="left"))
        return first, max(first, last)


def normalize(text: str) -> NormalizedText:
    """Return the normalized copy of *text* with its alignment.

    Lost and kept non-joiners, Arabic and Persian letters, and the digits of all scripts give the same copy. Raises
    :class:`TextError` for a lone surrogate, which is no character of any text.

    >>> normalize("سرمايه‌گذاري ۴۷ درصد").text == normalize("سرمایهگذاری 47 درصد").text
    True
    """
    if found := _SURROGATE.search(text):
        raise TextError(f"the text holds a lone surrogate (U+{ord(found[0]):04X}) at {found.start()}.", reason="surrogate")
    pieces: list[str] = []
    starts: list[NDArray[np.int32]] = []
    ends: list[NDArray[np.int32]] = []
    at = 0
    for match in _SPECIAL.finditer(text):
        _keep(text, at, match.start(), pieces, starts, ends)
        at = match.end()
        _replace(match[0], match.start(), at, pieces, starts, ends)
    _keep(text, at, len(text), pieces, starts, ends)
    return NormalizedText(text, "".join(pieces), _joined(starts), _joined(ends))


def _keep(
    text: str, start: int, end: int, pieces: list[str], starts: list[NDArray[np.int32]], ends: list[NDArray[np.int32]]
) -> None:
    """Copy ``text[start:end]`` as it is."""
    if start < end:
        pieces.append(text[start:end])
        run = np.arange(start, end + 1, dtype=np.int32)
        starts.append(run[:-1])
        ends.append(run[1:].copy())


def _replace(
    found: str, start: int, end: int, pieces: list[str], starts: list[NDArray[np.int32]], ends: list[NDArray[np.int32]]
) -> None:
    """Copy what *found*, at *start* to *end* of the original, stands for."""
    new = COMPOSED[found] if found in COMPOSED else replacement(found)
    if new:
        pieces.append(new)
        starts.append(np.full(len(new), start, dtype=np.int32))
        ends.append(np.full(len(new), end, dtype=np.int32))
    elif ends and ends[-1][-1] == start and is_mark(found):
        ends[-1][-1] = end


def _joined(parts: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
