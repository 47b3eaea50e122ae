"""From log-probabilities of BIO tags to spans that cannot be invalid: a Viterbi search driven by a table.

In BIO (IOB2) the first token of a span is ``B-X`` and every further one ``I-X``: so ``I-X`` follows only ``B-X`` or
``I-X``, and any other tag may follow any tag.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from raqam.errors import MismatchError
from raqam.labels import OUTSIDE

_LEAST: Final = sys.float_info.min


@dataclass(frozen=True, slots=True)
class TagSpan:
    """The tokens from *first* to *last*, both included, that carry the label *code*.

    ``score`` is the geometric mean of the probabilities of their tags, in (0, 1].
    """

    first: int
    last: int
    code: str
    score: float


class Decoder:
    """Finds the most probable valid sequence of *tags*, and its spans. Thread-safe.

    Raises :class:`MismatchError` for tags that are not ``O`` and, for each label, ``B-X`` and ``I-X``.
    """

    def __init__(self, tags: Sequence[str]) -> None:
        _check_tags(tags)
        self.tags = tuple(tags)
        self.allowed = transitions(tags)
        #: *Shape:* (tags,): whether a text may start with the tag.
        self.startable: NDArray[np.bool_] = np.array([not tag.startswith("I-") for tag in tags])
        self._opens: NDArray[np.bool_] = np.array([tag.startswith("B-") for tag in tags])
        self._codes = tuple(tag[2:] for tag in tags)

    def decode(self, logprobs: NDArray[np.float32]) -> list[TagSpan]:
        """Return the spans of the most probable valid sequence. *Shape:* (tokens, tags), in the order of the tags.

        >>> logprobs = np.log(np.array([[0.1, 0.3, 0.6], [0.1, 0.2, 0.7]], dtype=np.float32))
        >>> [(span.first, span.last, span.code) for span in Decoder(("O", "B-PER", "I-PER")).decode(logprobs)]
        [(0, 1, 'PER')]
        """
        best = self.best(logprobs)
        taken = np.take_along_axis(logprobs, best[:, None], axis=1)[:, 0].astype(np.float64)
        firsts = np.flatnonzero(self._opens[best])
        ends = np.flatnonzero(np.append(self.startable[best], True))  # a span ends before the next tag that is not I
        ends = ends[np.searchsorted(ends, firsts, side="right")]
        return [self._span(best, taken, first, end) for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)]

    def best(self, logprobs: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the most probable valid sequence, as indexes of tags. *Shape:* (tokens, tags) to (tokens,).

        Where the most probable tag of each token makes a valid sequence, as for most articles, that is it; the
        search runs for the others.
        """
        if logprobs.ndim != 2 or logprobs.shape[1] != len(self.tags):
            raise ValueError(f"log-probabilities must have shape (tokens, {len(self.tags)}), not {logprobs.shape}.")
        best: NDArray[np.intp] = logprobs.argmax(axis=1)
        return best if self.is_valid(best) else self.search(logprobs)

    def is_valid(self, sequence: NDArray[np.intp]) -> bool:
        """Whether each tag of *sequence* may stand where it stands. *Shape:* (tokens,)."""
        starts = self.startable[sequence[:1]].all()
        return bool(starts and self.allowed[sequence[:-1], sequence[1:]].all())

    def search(self, logprobs: NDArray[np.float32]) -> NDArray[np.intp]:
        """The Viterbi search over all of *logprobs*. *Shape:* (tokens, tags), at least one token, to (tokens,)."""
        penalties = np.where(self.allowed.T, 0.0, -np.inf)  # (to, from): one row is one maximum
        rows = np.arange(len(self.tags))
        back = np.zeros(logprobs.shape, dtype=np.min_scalar_type(len(self.tags)))
        score = np.where(self.startable, logprobs[0].astype(np.float64), -np.inf)
        for at in range(1, len(logprobs)):
            candidates = penalties + score
            back[at] = candidates.argmax(axis=1)
            score = candidates[rows, back[at]] + logprobs[at]
        path = np.empty(len(logprobs), dtype=np.intp)
        path[-1] = score.argmax()
        for at in range(len(logprobs) - 1, 0, -1):
            path[at - 1] = back[at, path[at]]
        return path

    def _span(self, best: NDArray[np.intp], taken: NDArray[np.float64], first: int, end: int) -> TagSpan:
        score = float(np.exp(taken[first:end].mean()))
        return TagSpan(first, end - 1, self._codes[best[first]], min(1.0, max(_LEAST, score)))


def transitions(tags: Sequence[str]) -> NDArray[np.bool_]:
    """The table of the search: ``[i, j]`` is True where ``tags[j]`` may follow ``tags[i]``. *Shape:* (tags, tags).

    >>> transitions(("O", "B-PER", "I-PER")).astype(int).tolist()
    [[1, 1, 0], [1, 1, 1], [1, 1, 1]]
    """
    return np.array([[not to.startswith("I-") or before[2:] == to[2:] for to in tags] for before in tags])


def _check_tags(tags: Sequence[str]) -> None:
    known = set(tags)
    for tag in tags:
        if tag != OUTSIDE and (tag[:2] not in {"B-", "I-"} or not tag[2:]):
            raise MismatchError(f"{tag!r} is not a BIO tag: allowed are O, and B-X and I-X for a label X.")
        if tag != OUTSIDE and (partner := ("I-" if tag.startswith("B-") else "B-") + tag[2:]) not in known:
            raise MismatchError(f"The tags have {tag!r} but lack {partner!r}.")
    if OUTSIDE not in known or len(known) != len(tags):
        raise MismatchError(f"The tags must hold {OUTSIDE!r}, and each tag once; received {', '.join(tags)}.")
