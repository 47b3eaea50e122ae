"""From log-probabilities of BIO tags to spans that cannot be invalid: a Viterbi search driven by two tables.

In BIO (IOB2) the first token of a span is ``B-X`` and every further one ``I-X``: so ``I-X`` follows only ``B-X`` or
``I-X``, and any other tag may follow any tag. Spans begin and end with words, as good as always: a tag that makes one
begin or end between two pieces of a word costs :data:`WITHIN_WORD`.
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

#: What a span that begins or ends inside a word costs, in nats: it must be that much likelier than one that does not.
WITHIN_WORD: Final = 3.0

#: The same inside of digits that touch: no figure begins or ends there.
WITHIN_NUMBER: Final = 1000.0

Joined = NDArray[np.int8] | NDArray[np.bool_]

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
        between = np.where(self.allowed, 0.0, -np.inf)
        within = (np.where(stays(tags), 0.0, between - cost) for cost in (WITHIN_WORD, WITHIN_NUMBER))
        #: *Shape:* (3, tags, tags): what ``[j]`` after ``[i]`` costs, at most 0: at a new word, in a word, in a number.
        self._costs: NDArray[np.float64] = np.stack((between, *within))

    def decode(self, logprobs: NDArray[np.float32], joined: Joined | None = None) -> list[TagSpan]:
        """Return the spans of the best valid sequence. *Shape:* (tokens, tags), in the order of the tags.

        *joined*, *Shape:* (tokens,), is as :attr:`raqam.tokens.Tokens.joined`; None is 0 everywhere.

        >>> logprobs = np.log(np.array([[0.1, 0.3, 0.6], [0.1, 0.2, 0.7]], dtype=np.float32))
        >>> [(span.first, span.last, span.code) for span in Decoder(("O", "B-PER", "I-PER")).decode(logprobs)]
        [(0, 1, 'PER')]
        """
        best = self.best(logprobs, joined)
        taken = np.take_along_axis(logprobs, best[:, None], axis=1)[:, 0].astype(np.float64)
        firsts = np.flatnonzero(self._opens[best])
        ends = np.flatnonzero(np.append(self.startable[best], True))  # a span ends before the next tag that is not I
        ends = ends[np.searchsorted(ends, firsts, side="right")]
        return [self._span(best, taken, first, end) for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)]

    def best(self, logprobs: NDArray[np.float32], joined: Joined | None = None) -> NDArray[np.intp]:
        """Return the best valid sequence, as indexes of tags. *Shape:* (tokens, tags) to (tokens,).

        It is what :meth:`search` finds, at less cost: the most probable tag of each token, and a search only around
        those that cannot, or hardly, follow each other. No step adds to a score, so a stretch that is the best by
        itself, and costs nothing at its edges, is the best in its place.
        """
        if logprobs.ndim != 2 or logprobs.shape[1] != len(self.tags):
            raise ValueError(f"log-probabilities must have shape (tokens, {len(self.tags)}), not {logprobs.shape}.")
        words = np.zeros(len(logprobs), np.intp) if joined is None else joined.astype(np.intp)
        best: NDArray[np.intp] = logprobs.argmax(axis=1)
        stretches: list[tuple[int, int]] = []
        for at in self._dear(best, words):
            if not stretches or at >= stretches[-1][1]:
                self._mend(logprobs, words, best, stretches, at)
        return best

    def _dear(self, best: NDArray[np.intp], words: NDArray[np.intp]) -> list[int]:
        """The tokens that cost something after the one before, or at the start of the text."""
        costs = self._costs[words[1:], best[:-1], best[1:]]
        starts = [0] if len(best) and not self.startable[best[0]] else []
        found: list[int] = (np.flatnonzero(costs) + 1).tolist()
        return starts + found

    def _mend(
        self,
        logprobs: NDArray[np.float32],
        words: NDArray[np.intp],
        best: NDArray[np.intp],
        stretches: list[tuple[int, int]],
        at: int,
    ) -> None:
        """Search the stretch around token *at* that has to be, write it into *best*, and append it to *stretches*."""
        first, end = max(0, at - 1), at + 1
        while True:
            while stretches and first < stretches[-1][1]:  # part of a stretch is not the best by itself
                first = min(first, stretches.pop()[0])
            path = self._search(logprobs[first:end], words[first:end], self.startable if first == 0 else None)
            left = first > 0 and self._costs[words[first], best[first - 1], path[0]] < 0
            right = end < len(best) and self._costs[words[end], path[-1], best[end]] < 0
            if not left and not right:
                break
            size = end - first
            first, end = max(0, first - size * left), min(len(best), end + size * right)
        best[first:end] = path
        stretches.append((first, end))

    def is_valid(self, sequence: NDArray[np.intp]) -> bool:
        """Whether each tag of *sequence* may stand where it stands. *Shape:* (tokens,)."""
        starts = self.startable[sequence[:1]].all()
        return bool(starts and self.allowed[sequence[:-1], sequence[1:]].all())

    def cost(self, sequence: NDArray[np.intp], joined: Joined | None = None) -> float:
        """What the steps of *sequence* add to its log-probability: at most 0, -inf where it is not valid."""
        words = np.zeros(len(sequence), np.intp) if joined is None else joined.astype(np.intp)
        valid = self.is_valid(sequence)
        return float(self._costs[words[1:], sequence[:-1], sequence[1:]].sum()) if valid else -np.inf

    def search(self, logprobs: NDArray[np.float32], joined: Joined | None = None) -> NDArray[np.intp]:
        """The Viterbi search over all of *logprobs*. *Shape:* (tokens, tags), at least one token, to (tokens,)."""
        words = np.zeros(len(logprobs), np.intp) if joined is None else joined.astype(np.intp)
        return self._search(logprobs, words, self.startable)

    def _search(
        self, logprobs: NDArray[np.float32], words: NDArray[np.intp], startable: NDArray[np.bool_] | None
    ) -> NDArray[np.intp]:
        """The Viterbi search; any tag may come first where *startable* is None."""
        costs = self._costs.transpose(0, 2, 1)  # (word, to, from): one row is one maximum
        rows = np.arange(len(self.tags))
        back = np.zeros(logprobs.shape, dtype=np.min_scalar_type(len(self.tags)))
        score = logprobs[0].astype(np.float64)
        if startable is not None:
            score = np.where(startable, score, -np.inf)
        for at in range(1, len(logprobs)):
            candidates = costs[words[at]] + score
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


def stays(tags: Sequence[str]) -> NDArray[np.bool_]:
    """``[i, j]`` is True where ``tags[j]`` after ``tags[i]`` begins and ends no span. *Shape:* (tags, tags).

    >>> stays(("O", "B-PER", "I-PER")).astype(int).tolist()
    [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    """
    goes_on = np.array([[to.startswith("I-") or to == before == OUTSIDE for to in tags] for before in tags])
    found: NDArray[np.bool_] = transitions(tags) & goes_on
    return found


def _check_tags(tags: Sequence[str]) -> None:
    known = set(tags)
    for tag in tags:
        if tag != OUTSIDE and (tag[:2] not in {"B-", "I-"} or not tag[2:]):
            raise MismatchError(f"{tag!r} is not a BIO tag: allowed are O, and B-X and I-X for a label X.")
        if tag != OUTSIDE and (partner := ("I-" if tag.startswith("B-") else "B-") + tag[2:]) not in known:
            raise MismatchError(f"The tags have {tag!r} but lack {partner!r}.")
    if OUTSIDE not in known or len(known) != len(tags):
        raise MismatchError(f"The tags must hold {OUTSIDE!r}, and each tag once; received {', '.join(tags)}.")
