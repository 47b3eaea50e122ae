"""Overlapping windows over the tokens of a long article, and the seamless merging of what a model says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open range of tokens, without special tokens."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


def cut(breaks: NDArray[np.bool_], size: int, overlap: int) -> tuple[Window, ...]:
    """Cut ``len(breaks)`` tokens into windows of at most *size*, each sharing about *overlap* with the one before.

    A window ends at the last sentence end that fits and starts at the first one inside the overlap; where a sentence
    is too long for that, the cut falls inside it. Every token lies in at least one window.

    >>> cut(np.array([False, False, True, False, False, False]), size=4, overlap=2)
    (Window(start=0, end=3), Window(start=1, end=5), Window(start=3, end=6))
    """
    if not 0 <= overlap < size:
        raise ValueError(f"an overlap of {overlap} does not fit in windows of {size} tokens")
    windows: list[Window] = []
    start, total = 0, len(breaks)
    while start < total:
        end = _end(breaks, start, size)
        windows.append(Window(start, end))
        if end == total:
            break
        start = _next_start(breaks, start, end, overlap)
    return tuple(windows)


def _end(breaks: NDArray[np.bool_], start: int, size: int) -> int:
    """The end of the window from *start*: a sentence end in its second half, else as far as it goes."""
    limit = start + size
    if limit >= len(breaks):
        return len(breaks)
    middle = start + size // 2
    ends = np.flatnonzero(breaks[middle:limit])
    return middle + int(ends[-1]) + 1 if len(ends) else limit


def _next_start(breaks: NDArray[np.bool_], start: int, end: int, overlap: int) -> int:
    """The start of the window after *start*, *end*: a sentence start inside the overlap, else its first token."""
    first = max(end - overlap, start + 1)
    ends = np.flatnonzero(breaks[first - 1 : end - 1])
    return first + int(ends[0]) if len(ends) else first


def stitch(total: int, windows: Sequence[Window], blocks: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return one row for each of *total* tokens, from the window in which it has the most context.

    *blocks* holds, for each window, an array of shape ``(len(window), width)``; the result has shape
    ``(total, width)``. The context of a token is its distance to the nearer edge at which its window was cut; the
    beginning and the end of the article are no cuts.
    """
    width = blocks[0].shape[1] if blocks else 0
    merged = np.zeros((total, width), dtype=np.float32)
    best = np.full(total, -1.0)
    for window, block in zip(windows, blocks, strict=True):
        context = _context(window, total)
        rows = slice(window.start, window.end)
        better = context > best[rows]
        merged[rows][better] = block[better]
        best[rows][better] = context[better]
    return merged


def _context(window: Window, total: int) -> NDArray[np.float64]:
    """For each token of *window*, its distance to the nearer cut; infinite where there is none."""
    at = np.arange(len(window), dtype=np.float64)
    left = at if window.start > 0 else np.full(len(window), np.inf)
    right = at[::-1] if window.end < total else np.full(len(window), np.inf)
    context: NDArray[np.float64] = np.minimum(left, right)
    return context
