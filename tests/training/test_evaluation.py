from __future__ import annotations

from pathlib import Path

import pytest

from raqam import Annotator
from training.evaluation import Score, evaluate, score_spans, to_json
from training.examples import Example


def test_only_spans_equal_in_both_ends_and_label_count() -> None:
    gold = [[(0, 4, "LOC"), (5, 9, "PER")], [(0, 2, "LOC")]]
    found = [[(0, 4, "LOC"), (5, 8, "PER")], [(0, 2, "PER")]]
    scores = score_spans(gold, found, ["LOC", "PER"])
    assert scores["micro"] == Score(gold=3, found=3, both=1)
    assert scores["LOC"] == Score(2, 1, 1)
    assert scores["PER"] == Score(1, 2, 0)


def test_labels_that_do_not_count_are_left_out() -> None:
    scores = score_spans([[(0, 4, "LOC"), (5, 9, "PER")]], [[(0, 4, "LOC")]], ["LOC"])
    assert scores.keys() == {"micro", "LOC"}
    assert scores["micro"].f1 == 1.0


def test_articles_of_another_number_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        score_spans([[]], [])


def test_nothing_is_zero() -> None:
    assert (Score().precision, Score().recall, Score().f1) == (0.0, 0.0, 0.0)


def test_json_is_rounded_and_leaves_out_labels_that_do_not_occur() -> None:
    assert to_json({"micro": Score(3, 3, 2), "PER": Score()}) == {
        "micro": {"precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "gold": 3, "found": 3}
    }


def test_a_model_folder_is_scored_by_what_it_annotates(tiny_model: Path) -> None:
    examples = [Example("استاندار همدان", ((0, 8, "TTL"), (9, 14, "ORG"))), Example("قم", ((0, 2, "LOC"),))]
    with Annotator.load(tiny_model) as annotator:
        scores = evaluate(annotator, examples)
    assert scores["micro"] == Score(3, 3, 2)
    assert scores["LOC"] == Score(1, 2, 1)
