from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from seqeval.scheme import IOB2, Entities

from raqam.decoding import Decoder, TagSpan, transitions
from raqam.errors import MismatchError
from raqam.labels import TAGS
from raqam.model import log_softmax

seeds = st.integers(0, 2**32)
SMALL = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def logprobs_of(seed: int, tokens: int, scale: float) -> NDArray[np.float32]:
    logits = np.random.default_rng(seed).normal(scale=scale, size=(tokens, len(TAGS)))
    return log_softmax(logits.astype(np.float32))


def joined_of(seed: int, tokens: int) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random(tokens) < 0.5


def score_of(
    decoder: Decoder, logprobs: NDArray[np.float32], path: NDArray[np.intp], joined: NDArray[np.bool_] | None = None
) -> float:
    return float(logprobs.astype(np.float64)[np.arange(len(path)), path].sum()) + decoder.cost(path, joined)


def test_the_table_lets_an_inside_follow_its_own_label_alone() -> None:
    allowed = transitions(TAGS)
    for (i, before), (j, to) in product(enumerate(TAGS), repeat=2):
        assert allowed[i, j] == (not to.startswith("I-") or before in {"B" + to[1:], to})


@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 5), st.just(len(SMALL))), elements=st.integers(-6, 0)), seeds)
@settings(max_examples=50)
def test_the_search_finds_what_trying_every_sequence_finds(logprobs: NDArray[np.float32], seed: int) -> None:
    decoder, joined = Decoder(SMALL), joined_of(seed, len(logprobs))
    every = (np.array(path) for path in product(range(len(SMALL)), repeat=len(logprobs)))
    best = max(score_of(decoder, logprobs, path, joined) for path in every)
    found = decoder.search(logprobs, joined)
    assert decoder.is_valid(found)
    assert score_of(decoder, logprobs, found, joined) == best


@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 24), st.just(len(SMALL))), elements=st.integers(-6, 0)), seeds)
@settings(max_examples=500)
def test_the_short_way_loses_nothing_against_the_search(logprobs: NDArray[np.float32], seed: int) -> None:
    decoder, joined = Decoder(SMALL), joined_of(seed, len(logprobs))
    found = decoder.best(logprobs, joined)
    assert decoder.is_valid(found)
    wanted = decoder.search(logprobs, joined)
    assert score_of(decoder, logprobs, found, joined) == score_of(decoder, logprobs, wanted, joined)


@given(seeds, st.integers(1, 80), st.floats(0.1, 12))
def test_nor_does_it_with_all_the_tags(seed: int, tokens: int, scale: float) -> None:
    decoder, logprobs, joined = Decoder(TAGS), logprobs_of(seed, tokens, scale), joined_of(seed, tokens)
    found = decoder.best(logprobs, joined)
    assert decoder.is_valid(found)
    wanted = score_of(decoder, logprobs, decoder.search(logprobs, joined), joined)
    assert score_of(decoder, logprobs, found, joined) == pytest.approx(wanted, rel=1e-9)


def test_a_stretch_grows_over_one_that_was_searched_before() -> None:
    """An I that nothing opened, far behind an O that is hardly less likely as the B of the same span."""
    logprobs = np.full((40, len(SMALL)), -9.0, dtype=np.float32)
    logprobs[:, 2] = 0.0  # I-PER throughout
    logprobs[[0, 20], 2], logprobs[[0, 20], 4] = -0.5, 0.0  # but I-LOC is likelier at these
    decoder = Decoder(SMALL)
    found = decoder.best(logprobs)
    assert found.tolist() == decoder.search(logprobs).tolist()
    assert found.tolist() == [1] + [2] * 39


def test_a_span_ends_inside_a_word_only_if_that_is_much_likelier() -> None:
    def spans(inside: float, joined: bool) -> list[tuple[int, int]]:
        probabilities = np.array([[0.01, 0.98, 0.01], [1 - inside - 0.001, 0.001, inside]], dtype=np.float32)
        found = Decoder(("O", "B-PER", "I-PER")).decode(np.log(probabilities), np.array([False, joined]))
        return [(span.first, span.last) for span in found]

    assert spans(0.3, joined=False) == [(0, 0)]
    assert spans(0.3, joined=True) == [(0, 1)]
    assert spans(0.02, joined=True) == [(0, 0)]


@given(seeds, st.integers(1, 60), st.floats(0.1, 12))
def test_spans_are_the_entities_of_seqeval_in_strict_mode(seed: int, tokens: int, scale: float) -> None:
    decoder, logprobs = Decoder(TAGS), logprobs_of(seed, tokens, scale)
    tags = [TAGS[at] for at in decoder.best(logprobs)]
    expected = [(entity.start, entity.end - 1, entity.tag) for entity in Entities([tags], IOB2).entities[0]]
    assert [(span.first, span.last, span.code) for span in decoder.decode(logprobs)] == expected


@given(seeds, st.integers(1, 60), st.floats(0.1, 60))
def test_spans_are_in_order_apart_and_scored(seed: int, tokens: int, scale: float) -> None:
    end = -1
    for span in Decoder(TAGS).decode(logprobs_of(seed, tokens, scale)):
        assert end < span.first <= span.last < tokens
        assert 0 < span.score <= 1
        end = span.last


def test_the_score_is_the_geometric_mean_of_the_probabilities() -> None:
    probabilities = np.array([[0.1, 0.8, 0.1], [0.3, 0.2, 0.5], [0.9, 0.05, 0.05]], dtype=np.float32)
    (span,) = Decoder(("O", "B-PER", "I-PER")).decode(np.log(probabilities))
    assert span == TagSpan(0, 1, "PER", pytest.approx((0.8 * 0.5) ** 0.5))  # type: ignore[arg-type]


def test_neighbours_of_one_label_stay_two_spans() -> None:
    logprobs = np.log(np.array([[0.1, 0.8, 0.1], [0.1, 0.8, 0.1]], dtype=np.float32))
    assert [(span.first, span.last) for span in Decoder(("O", "B-PER", "I-PER")).decode(logprobs)] == [(0, 0), (1, 1)]


def test_no_tokens_have_no_spans() -> None:
    assert Decoder(TAGS).decode(np.zeros((0, len(TAGS)), dtype=np.float32)) == []


@pytest.mark.parametrize(
    ("tags", "named"),
    [
        (("O", "S-PER"), "'S-PER'"),
        (("O", "PER"), "'PER'"),
        (("O", "B-"), "'B-'"),
        (("O", "I-PER"), "'B-PER'"),
        (("O", "B-PER"), "'I-PER'"),
        (("B-PER", "I-PER"), "'O'"),
        (("O", "O", "B-PER", "I-PER"), "each tag once"),
    ],
)
def test_tags_that_are_not_bio_are_refused_by_name(tags: tuple[str, ...], named: str) -> None:
    with pytest.raises(MismatchError, match=named):
        Decoder(tags)


def test_log_probabilities_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(tokens, 31\), not \(2, 3\)"):
        Decoder(TAGS).decode(np.zeros((2, 3), dtype=np.float32))
