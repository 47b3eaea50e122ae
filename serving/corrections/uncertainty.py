"""How unsure the model is of an article, which is what the list of articles to correct is sorted by.

The rule is that of Shen et al. (2018), maximum normalized log-probability: one minus the geometric mean, over all
tokens of the article, of the probability of the tag the model likes best. The tokens outside spans count as well: what
the model nearly marked is what it misses. As a mean it does not prefer long articles; an article costs about as much to
correct as it is long. The scores of the spans alone say much less: see docs/corrections.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from raqam import Annotator, Article, Record
from raqam.annotator import Prepared
from raqam.windows import stitch


@dataclass(frozen=True, slots=True)
class Weighed(Record):
    """A record, and how unsure the model was of the whole article, from 0 to 1."""

    uncertainty: float = 0.0


class Weighing:
    """The steps of *annotator*, which give records that are :class:`Weighed`."""

    def __init__(self, annotator: Annotator) -> None:
        self._annotator = annotator

    def prepare(self, article: Article) -> Prepared:
        """As :meth:`raqam.Annotator.prepare`."""
        return self._annotator.prepare(article)

    def run(self, rows: Sequence[NDArray[np.int64]]) -> NDArray[np.float32]:
        """As :meth:`raqam.Annotator.run`."""
        return self._annotator.run(rows)

    def finish(self, prepared: Prepared, blocks: Sequence[NDArray[np.float32]]) -> Weighed:
        """As :meth:`raqam.Annotator.finish`, and the uncertainty."""
        found = self._annotator.finish(prepared, blocks)
        tags = stitch(len(prepared.tokens), prepared.windows, blocks)
        return Weighed(found.id, found.model, found.spans, found.facts, uncertainty(tags))


def uncertainty(tags: NDArray[np.float32]) -> float:
    """How unsure log-probabilities of tags are, from 0 to 1. *Shape:* (tokens, tags); without tokens 0.

    >>> uncertainty(np.log(np.array([[0.9, 0.1], [0.4, 0.6]], dtype=np.float32)))
    0.2652
    """
    if not len(tags):
        return 0.0
    return round(min(1.0, max(0.0, 1 - math.exp(float(tags.max(axis=1).mean(dtype=np.float64))))), 4)
