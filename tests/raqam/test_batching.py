from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.batching import ALONE, Batching, group


@given(st.lists(st.integers(1, 9)), st.integers(1, 5), st.integers(1, 30))
def test_every_window_is_in_one_batch_of_its_length_within_the_budget(
    lengths: list[int], windows: int, tokens: int
) -> None:
    batches = group(lengths, Batching(windows, tokens))
    assert sorted(at for batch in batches for at in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[at] for at in batch}) == 1
        assert len(batch) <= windows
        assert len(batch) == 1 or sum(lengths[at] for at in batch) <= tokens
    firsts = [lengths[batch[0]] for batch in batches]
    assert firsts == sorted(firsts, reverse=True)


def test_by_default_every_window_runs_alone() -> None:
    assert group([3, 3, 7], ALONE) == [(2,), (0,), (1,)]


@pytest.mark.parametrize(("windows", "tokens"), [(0, 10), (1, 0), (-1, 10)])
def test_a_batch_of_nothing_is_refused(windows: int, tokens: int) -> None:
    with pytest.raises(ValueError, match=f"not {windows} and {tokens}"):
        Batching(windows, tokens)
