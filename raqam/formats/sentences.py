"""Sentences and words of an article as it is, without a model: for tables of figures and for formats of tokens."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from raqam.records import Span
from raqam.text import normalize
from raqam.tokens import sentence_ends

#: A number with its separators, a run of letters, or one character of any other kind that is no white space.
_PIECE: Final = re.compile(r"[0-9۰-۹٠-٩]+(?:[.,/٫٬][0-9۰-۹٠-٩]+)*|\w+|[^\w\s]")


def sentences(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Cut *text* into sentences at the ends the model's windows know; none ends inside one of *spans*.

    The ranges are half-open code points, in order, and together the whole text. *spans* are in order and apart.

    >>> sentences("آمد. رفت", ())
    [(0, 4), (4, 8)]
    """
    normalized = normalize(text)
    found = (int(normalized.ends[end - 1]) for end in sentence_ends(normalized.text))
    ends = sorted({*(end for end in found if not _is_inside(end, spans)), len(text)} - {0})
    return list(zip([0, *ends], ends, strict=False))


def words(text: str, start: int, end: int, edges: frozenset[int]) -> Iterator[tuple[int, int]]:
    """The words and signs of *text* from *start* to *end*, as ranges; every one of *edges* is the edge of one.

    A word is a run of letters, digits and what joins or marks them (the non-joiner, vowel signs, bidirectional marks);
    a number keeps its separators; every other sign stands alone, with the marks behind it. All but white space is in
    one of them.

    >>> text = "«می‌شود» ۴٫۵٪"
    >>> [text[start:end] for start, end in words(text, 0, len(text), frozenset())]
    ['«', 'می\u200cشود', '»', '۴٫۵', '٪']
    """
    begin = at = start
    in_word = False
    for match in _PIECE.finditer(text, start, end):
        joiner, letters = _joins(match[0]), _is_word(match[0])
        if match.start() > at or not (joiner or (letters and in_word)) or begin == at:
            yield from _cut(begin, at, edges)
            begin, in_word = match.start(), joiner or letters
        at = match.end()
    yield from _cut(begin, at, edges)


def _is_word(piece: str) -> bool:
    return piece[0].isalnum() or piece[0] == "_"


def _joins(piece: str) -> bool:
    """Whether *piece* hangs on the letters around it: marks, joiners and other format characters."""
    return unicodedata.category(piece[0]) in {"Mn", "Mc", "Me", "Cf"}


def _cut(start: int, end: int, edges: frozenset[int]) -> Iterator[tuple[int, int]]:
    """The range cut at those of *edges* inside it; nothing where it is empty."""
    for at in range(start + 1, end):
        if at in edges:
            yield start, at
            start = at
    if start < end:
        yield start, end


def _is_inside(at: int, spans: Sequence[Span]) -> bool:
    before = bisect_left(spans, at, key=lambda span: span.start)
    return before > 0 and at < spans[before - 1].end
