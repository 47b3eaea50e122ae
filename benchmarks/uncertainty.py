"""Which measure of uncertainty puts the articles with the most errors first, by articles whose spans are known.

For each measure: Spearman's correlation with errors (spans too many, too few, or with other edges or labels) per 1,000
characters and with 1 - F1 of each article; and the errors per character in the fifth of the articles that it puts
first, where the average is 1. The first measure is the one the service uses.

Needs articles that the model was not trained on, as JSON lines with ``text`` and ``spans``::

    python -m benchmarks.uncertainty DIR/dev.jsonl
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import table
from raqam import Annotator, Article
from raqam.windows import stitch
from serving.corrections.uncertainty import uncertainty
from training.gold import GoldArticle, read_jsonl

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as the model read it: log-probabilities of the tags of its tokens, scores of its spans, its errors."""

    characters: int
    tags: NDArray[np.float32]
    scores: list[float]
    errors: int
    f1: float


MEASURES: Final[dict[str, Callable[[Reading], float]]] = {
    "all tokens: mean of log p (the service)": lambda reading: uncertainty(reading.tags),
    "all tokens: mean of the least sure twentieth": lambda reading: -_least(reading.tags),
    "all tokens: mean entropy": lambda reading: float(-(np.exp(reading.tags) * reading.tags).sum(1).mean()),
    "spans: sum of 1 - score, per character": lambda reading: sum(1 - s for s in reading.scores) / reading.characters,
    "spans: 1 - geometric mean of the scores": lambda reading: -_mean([math.log(score) for score in reading.scores]),
    "spans: least score": lambda reading: -min(reading.scores, default=0.0),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.uncertainty",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("articles", type=Path, metavar="FILE", help="JSON lines of articles with their spans")
    options.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    asked = options.parse_args(arguments)
    with Annotator.load(asked.model) as annotator:
        readings = [read(annotator, article) for article in read_jsonl(asked.articles)]
    print(table(["measure", "errors per 1,000", "1 - F1", "first fifth"], rows(readings)))
    characters, errors = (_mean([getattr(each, name) for each in readings]) for name in ("characters", "errors"))
    print(f"\n{len(readings)} articles of {characters:,.0f} characters and {errors:.1f} errors; {annotator.model}.")
    return 0


def read(annotator: Annotator, gold: GoldArticle) -> Reading:
    """*gold* as the model of *annotator* reads it."""
    prepared = annotator.prepare(Article(gold.text))
    blocks = [annotator.run([row])[0] for row in prepared.rows]
    spans = annotator.finish(prepared, blocks).spans
    right, found = ({(span.start, span.end, span.label) for span in each} for each in (gold.spans, spans))
    f1 = 2 * len(right & found) / max(1, len(right) + len(found))
    tags = stitch(len(prepared.tokens), prepared.windows, blocks)
    return Reading(len(gold.text), tags, [span.score for span in spans], len(right ^ found), f1)


def rows(readings: Sequence[Reading]) -> list[tuple[str, ...]]:
    """A row a measure."""
    density = [each.errors / each.characters for each in readings]
    missed = [1 - each.f1 for each in readings]
    found = []
    for name, measure in MEASURES.items():
        values = [measure(each) for each in readings]
        figures = (spearman(values, density), spearman(values, missed), gain(values, readings))
        found.append((name, *(f"{figure:.2f}" for figure in figures)))
    return found


def gain(values: Sequence[float], readings: Sequence[Reading]) -> float:
    """Errors per character in the fifth with the highest *values*, by those in all."""
    order = np.argsort(-np.asarray(values), kind="stable")[: max(1, len(readings) // 5)]
    first = [readings[at] for at in order]
    share, whole = (sum(r.errors for r in each) / sum(r.characters for r in each) for each in (first, readings))
    return share / whole


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """The correlation of the ranks; 0 where all of one are equal.

    >>> round(spearman([1, 2, 3], [10, 30, 20]), 3)
    0.5
    """
    ranks = _ranks(one), _ranks(other)
    return float(np.corrcoef(*ranks)[0, 1]) if all(np.ptp(each) for each in ranks) else 0.0


def _ranks(values: Sequence[float]) -> Array:
    """The ranks of *values*, of equal ones the mean."""
    array = np.asarray(values, dtype=np.float64)
    return np.array([(array < value).sum() + ((array == value).sum() - 1) / 2 for value in array], dtype=np.float64)


def _least(tags: NDArray[np.float32]) -> float:
    best = np.sort(tags.max(axis=1))
    return float(best[: max(1, len(best) // 20)].mean())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    sys.exit(main())
