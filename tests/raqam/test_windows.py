from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from raqam.windows import Window, cut, stitch

BREAKS = st.lists(st.sampled_from([True, False, False, False]), max_size=120).map(
    lambda found: np.array(found, dtype=np.bool_)
)
SIZES = st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


def distance(window: Window, at: int, total: int) -> float:
    """From the token *at* to the nearer cut of *window*."""
    left = at - window.start if window.start else np.inf
    right = window.end - 1 - at if window.end < total else np.inf
    return min(left, right)


@given(BREAKS, SIZES)
@settings(max_examples=300)
def test_windows_cover_every_token_and_keep_their_size(breaks: NDArray[np.bool_], sizes: tuple[int, int]) -> None:
    size, overlap = sizes
    windows = cut(breaks, size, overlap)
    assert {at for window in windows for at in range(window.start, window.end)} == set(range(len(breaks)))
    assert all(0 < len(window) <= size for window in windows)
    assert all(a.start < b.start <= a.end <= b.end for a, b in pairwise(windows))
    if overlap <= size // 2:  # with more, a window may add nothing to the one before
        assert all(a.end < b.end for a, b in pairwise(windows))
    assert all(a.end - b.start <= overlap for a, b in pairwise(windows))


@given(BREAKS, SIZES)
@settings(max_examples=300)
def test_cuts_fall_at_sentence_ends_where_there_are_any(breaks: NDArray[np.bool_], sizes: tuple[int, int]) -> None:
    size, overlap = sizes
    windows = cut(breaks, size, overlap)
    for window in windows[:-1]:
        in_reach = np.flatnonzero(breaks[window.start + size // 2 : window.start + size])
        assert breaks[window.end - 1] if len(in_reach) else len(window) == size
    for before, window in pairwise(windows):
        earliest = max(before.end - overlap, before.start + 1)
        in_overlap = breaks[earliest - 1 : before.end - 1].any()
        assert breaks[window.start - 1] if in_overlap else window.start == earliest


@given(BREAKS, SIZES, st.data())
@settings(max_examples=300)
def test_a_token_comes_from_the_window_where_it_has_the_most_context(
    breaks: NDArray[np.bool_], sizes: tuple[int, int], data: st.DataObject
) -> None:
    total, windows = len(breaks), cut(breaks, *sizes)
    blocks = [np.full((len(window), 1), at, dtype=np.float32) for at, window in enumerate(windows)]
    merged = stitch(total, windows, blocks)
    assert merged.shape == (total, 1 if windows else 0)
    for at in range(total):
        contexts = [distance(window, at, total) if window.start <= at < window.end else -1.0 for window in windows]
        assert contexts[int(merged[at, 0])] == max(contexts)


@given(BREAKS, SIZES, SIZES)
@settings(max_examples=300)
def test_where_a_token_tells_all_the_cuts_make_no_difference(
    breaks: NDArray[np.bool_], some: tuple[int, int], others: tuple[int, int]
) -> None:
    rows = np.random.default_rng(0).normal(size=(len(breaks), 3)).astype(np.float32)
    for sizes in (some, others):
        windows = cut(breaks, *sizes)
        merged = stitch(len(breaks), windows, [rows[window.start : window.end] for window in windows])
        np.testing.assert_array_equal(merged, rows if windows else np.zeros((0, 0)))


@given(st.integers(1, 40), BREAKS)
def test_what_fits_is_one_window(spare: int, breaks: NDArray[np.bool_]) -> None:
    size = len(breaks) + spare
    assert cut(breaks, size, 0) == ((Window(0, len(breaks)),) if len(breaks) else ())


def test_no_tokens_make_no_windows() -> None:
    assert cut(np.zeros(0, dtype=np.bool_), 4, 1) == ()
    assert stitch(0, (), []).shape == (0, 0)


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (4, 4), (4, 5), (4, -1)])
def test_an_overlap_that_does_not_fit_is_refused(size: int, overlap: int) -> None:
    with pytest.raises(ValueError, match=f"an overlap of {overlap} does not fit in windows of {size} tokens"):
        cut(np.zeros(9, dtype=np.bool_), size, overlap)


def test_a_block_for_each_window_is_demanded() -> None:
    with pytest.raises(ValueError, match="argument"):
        stitch(2, (Window(0, 2),), [])
