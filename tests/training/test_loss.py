from __future__ import annotations

import math

import pytest
import torch

from raqam.labels import TAGS, tags_of
from training.loss import IGNORED, outside_set, partial_label_loss

SMALL = tags_of(("PER", "TTL"))  # O B-PER I-PER B-TTL I-TTL


def brute_force(logits: torch.Tensor, sets: torch.Tensor, smoothing: float) -> float:
    """The definition, token by token and tag by tag."""
    losses = []
    for row, allowed in zip(logits.reshape(-1, logits.shape[-1]).tolist(), sets.reshape(-1).tolist(), strict=True):
        if allowed == IGNORED:
            continue
        total = sum(math.exp(value) for value in row)
        inside = sum(math.exp(value) for k, value in enumerate(row) if allowed >> k & 1)
        even = sum(math.log(math.exp(value) / total) for value in row) / len(row)
        losses.append(-(1 - smoothing) * math.log(inside / total) - smoothing * even)
    return sum(losses) / len(losses) if losses else 0.0


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("tags", [SMALL, TAGS], ids=["two-labels", "all-labels"])
def test_it_is_what_its_definition_says(tags: tuple[str, ...], smoothing: float) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn((3, 7, len(tags)), generator=generator, dtype=torch.float64) * 3
    sets = torch.randint(0, 2 ** len(tags), (3, 7), generator=generator)
    sets[0, 0] = sets[2, 3:] = IGNORED
    found = partial_label_loss(logits, sets, smoothing)
    assert found.item() == pytest.approx(brute_force(logits, sets, smoothing), rel=1e-5)


def test_one_tag_a_token_is_the_usual_cross_entropy() -> None:
    logits = torch.randn((2, 5, len(TAGS)), generator=torch.Generator().manual_seed(1))
    tags = torch.arange(10).reshape(2, 5)
    expected = torch.nn.functional.cross_entropy(logits.reshape(-1, len(TAGS)), tags.reshape(-1))
    torch.testing.assert_close(partial_label_loss(logits, 1 << tags), expected)


def test_the_outside_of_a_corpus_holds_every_tag_it_does_not_know() -> None:
    assert outside_set(TAGS, frozenset(tag[2:] for tag in TAGS[1:])) == 1
    assert outside_set(TAGS, frozenset()) == 2 ** len(TAGS) - 1
    persons = outside_set(SMALL, frozenset({"PER"}))
    assert [tag for k, tag in enumerate(SMALL) if persons >> k & 1] == ["O", "B-TTL", "I-TTL"]


def test_a_corpus_without_titles_never_teaches_that_a_title_is_nothing() -> None:
    logits = torch.zeros((1, 1, 5), requires_grad=True)
    partial_label_loss(logits, torch.tensor([[outside_set(SMALL, frozenset({"PER"}))]])).backward()
    assert logits.grad is not None
    outside, b_per, i_per, b_ttl, i_ttl = logits.grad[0, 0].tolist()
    assert outside == pytest.approx(b_ttl) == pytest.approx(i_ttl)
    assert outside < 0 < b_per == pytest.approx(i_per)


def test_inside_the_set_the_odds_of_its_tags_stay_as_they_are() -> None:
    """The gradient of a tag in the set is in proportion to its probability: no log-odds change but by what is known."""
    logits = torch.tensor([[[0.3, 1.0, -1.0, 2.0, 0.1]]], requires_grad=True)
    partial_label_loss(logits, torch.tensor([[outside_set(SMALL, frozenset({"PER"}))]])).backward()
    assert logits.grad is not None
    share = (logits.grad / logits.softmax(-1))[0, 0]
    torch.testing.assert_close(share[[0, 0]], share[[3, 4]])


def test_ignored_positions_take_no_part() -> None:
    logits = torch.randn((1, 3, 5), requires_grad=True)
    sets = torch.tensor([[IGNORED, 0b1, IGNORED]])
    loss = partial_label_loss(logits, sets)
    loss.backward()
    assert logits.grad is not None
    assert logits.grad[0, [0, 2]].abs().sum() == 0
    torch.testing.assert_close(loss, partial_label_loss(logits[:, 1:2], sets[:, 1:2]))


def test_nothing_but_ignored_positions_is_zero_with_a_gradient() -> None:
    logits = torch.randn((1, 3, 5), requires_grad=True)
    loss = partial_label_loss(logits, torch.zeros((1, 3), dtype=torch.int64), smoothing=0.1)
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert logits.grad.abs().sum() == 0


def test_half_precision_logits_are_summed_in_single() -> None:
    logits = torch.full((1, 1, 5), 20.0, dtype=torch.bfloat16)
    assert partial_label_loss(logits, torch.tensor([[0b1]])).item() == pytest.approx(math.log(5), rel=1e-6)
