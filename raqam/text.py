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
    range of the original it stands for; none is empty. Both arrays never decrease. Deleted characters belong to no
    range, except combining marks, which belong to the character they hang on.
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

        An empty range, or one of deleted characters alone, touches none and gives an empty range.

        >>> normalize("«می‌شود»").to_normalized(1, 7)
        (1, 6)
        """
        # An offset of another type would make numpy convert the whole array each time.
        first = int(self.ends.searchsorted(np.int32(start), side="right"))
        last = int(self.starts.searchsorted(np.int32(end), side="left")) if start < end else first
        return first, max(first, last)


def normalize(text: str) -> NormalizedText:
    """Return the normalized copy of *text* with its alignment.

    Lost and kept non-joiners, Arabic and Persian letters, and the digits of all scripts give the same copy. Raises
    :class:`TextError` for a lone surrogate, which is no character of any text.

    >>> normalize("سرمايه‌گذاري ۴۷ درصد").text == normalize("سرمایهگذاری 47 درصد").text
    True
    """
    if found := _SURROGATE.search(text):
        raise TextError(
            f"the text holds a lone surrogate (U+{ord(found[0]):04X}) at {found.start()}.", reason="surrogate"
        )
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _SPECIAL.finditer(text):
        start, end = match.span()
        if at < start:  # what lies between stays as it is
            pieces.append(text[at:start])
            starts += range(at, start)
            ends += range(at + 1, start + 1)
        at = end
        new = _replacement(match[0])
        if new:
            pieces.append(new)
            starts += [start] * len(new)
            ends += [end] * len(new)
        elif ends and ends[-1] == start and is_mark(match[0]):
            ends[-1] = end
    pieces.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return NormalizedText(text, "".join(pieces), np.array(starts, dtype=np.int32), np.array(ends, dtype=np.int32))


def _replacement(found: str) -> str:
    """What *found*, one character or a pair of :data:`COMPOSED`, stands for."""
    return COMPOSED[found] if found in COMPOSED else replacement(found)
