"""Evaluate a model folder on annotated articles: strict spans, offsets and label both equal."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from raqam import Annotator, Article
from raqam.labels import CODES
from training.augmentation import SpanTuple
from training.examples import Example


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of spans: in the gold, found, and both."""

    gold: int = 0
    found: int = 0
    both: int = 0

    @property
    def precision(self) -> float:
        """The share of found spans that are right; 0 where none is found."""
        return self.both / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """The share of gold spans that are found; 0 where there is none."""
        return self.both / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of the two: ``2 both / (gold + found)``."""
        return 2 * self.both / (self.gold + self.found) if self.gold + self.found else 0.0

    def to_dict(self) -> dict[str, float | int]:
        """The score as JSON, rounded to four decimals."""
        shares = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {**{name: round(value, 4) for name, value in shares.items()}, "gold": self.gold, "found": self.found}


MICRO = "micro"


def evaluate(annotator: Annotator, examples: Sequence[Example], labels: Iterable[str] = CODES) -> dict[str, Score]:
    """Annotate *examples* and score what is found: ``micro``, then each of *labels*."""
    records = annotator.annotate_many([Article(example.text) for example in examples])
    found = [[(span.start, span.end, span.label) for span in record.spans] for record in records]
    return score_spans([example.spans for example in examples], found, labels)


def score_spans(
    gold: Sequence[Iterable[SpanTuple]], found: Sequence[Iterable[SpanTuple]], labels: Iterable[str] = CODES
) -> dict[str, Score]:
    """Score *found* against *gold*, article by article; only spans of *labels* count.

    >>> score_spans([[(0, 4, "LOC"), (5, 9, "PER")]], [[(0, 4, "LOC")]], ["LOC", "PER"])["micro"].f1
    0.6666666666666666
    """
    counts: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in ("gold", "found", "both")}
    for expected, given in zip(gold, found, strict=True):
        sets = {"gold": set(expected), "found": set(given)}
        for name, spans in {**sets, "both": sets["gold"] & sets["found"]}.items():
            counts[name].update(label for _, _, label in spans)
    scores = {code: Score(*(counts[name][code] for name in ("gold", "found", "both"))) for code in labels}
    total = Score(*(sum(getattr(score, name) for score in scores.values()) for name in ("gold", "found", "both")))
    return {MICRO: total, **scores}


def to_json(scores: Mapping[str, Score]) -> dict[str, dict[str, float | int]]:
    """*scores* as JSON, without labels that are neither in the gold nor found."""
    return {name: score.to_dict() for name, score in scores.items() if score.gold or score.found}
