"""Scores: strict entity-level precision, recall and F1, as seqeval counts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2


def tags_from_sets(sets: NDArray[np.int64], tags: Sequence[str]) -> list[str]:
    """The tag of each token whose set (see :mod:`training.loss`) holds one; a set of several means ``O``."""
    return [tags[int(value).bit_length() - 1] if int(value).bit_count() == 1 else "O" for value in sets]


def score_tags(gold: list[list[str]], found: list[list[str]]) -> dict[str, float]:
    """Micro ``precision``, ``recall`` and ``f1``, and ``f1_CODE`` of each label, between sequences of BIO tags.

    >>> score_tags([["B-LOC", "I-LOC", "O"]], [["B-LOC", "O", "O"]])["f1"]
    0.0
    """
    if all(tag == "O" for tags in (*gold, *found) for tag in tags):
        return {"precision": 0.0, "recall": 0.0, "f1": 0.0}  # which seqeval gives too, after dividing by nothing
    report: dict[str, Any] = classification_report(
        gold, found, mode="strict", scheme=IOB2, output_dict=True, zero_division=0
    )
    micro = report.pop("micro avg", {"precision": 0.0, "recall": 0.0, "f1-score": 0.0})
    labels = {f"f1_{code}": float(row["f1-score"]) for code, row in report.items() if "avg" not in code}
    return {
        "precision": float(micro["precision"]),
        "recall": float(micro["recall"]),
        "f1": float(micro["f1-score"]),
        **labels,
    }
