"""The loss over corpora that annotate different labels.

What a corpus says of a token is a *set* of tags: the one it annotates, or, where it says ``O``, ``O`` and every tag
of a label it does not annotate. The loss is the negative log-probability of the whole set, so a corpus of persons
and places never teaches that a title is nothing. A set is an integer whose bit *k* stands for tag *k*.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

#: The set of a token that takes no part: padding and special tokens.
IGNORED = 0


def outside_set(tags: Sequence[str], annotated: frozenset[str]) -> int:
    """The tags that may hide under ``O`` of a corpus that annotates the labels *annotated*.

    >>> bin(outside_set(("O", "B-PER", "I-PER", "B-TTL", "I-TTL"), frozenset({"PER"})))
    '0b11001'
    """
    return sum(1 << k for k, tag in enumerate(tags) if tag == "O" or tag[2:] not in annotated)


def partial_label_loss(logits: torch.Tensor, sets: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
    """Mean negative log-probability of the allowed tags.

    *Shape:* logits ``(batch, tokens, tags)``, sets int64 ``(batch, tokens)``; returns a scalar, 0 where every token
    is ignored. *smoothing* mixes in the uniform distribution over all tags.
    """
    kept = sets != IGNORED
    scores = torch.log_softmax(logits[kept].float(), dim=-1)
    bits = torch.arange(scores.shape[-1], device=sets.device)
    allowed = (sets[kept][:, None] >> bits) & 1
    of_set = torch.logsumexp(scores.masked_fill(allowed == 0, float("-inf")), dim=-1)
    loss = -(1 - smoothing) * of_set - smoothing * scores.mean(dim=-1)
    return loss.sum() / max(1, len(loss))
