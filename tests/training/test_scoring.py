from __future__ import annotations

import numpy as np

from raqam.decoding import Decoder
from raqam.labels import tags_of
from training.evaluation import score_spans
from training.scoring import score_tags, tags_from_sets

TAGS = tags_of(("PER", "LOC"))


def test_a_set_of_one_is_its_tag_and_any_other_is_outside() -> None:
    assert tags_from_sets(np.array([0b1, 0b10, 0b10000, 0b11001, 0]), TAGS) == ["O", "B-PER", "I-LOC", "O", "O"]


def test_nothing_to_find_and_nothing_found_is_zero() -> None:
    assert score_tags([["O"], []], [["O"], []]) == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_labels_that_are_found_but_not_gold_count_against_precision() -> None:
    scores = score_tags([["B-LOC", "O"]], [["B-LOC", "B-PER"]])
    assert (scores["precision"], scores["recall"], scores["f1_LOC"], scores["f1_PER"]) == (0.5, 1.0, 1.0, 0.0)


def test_seqeval_and_span_scores_agree_on_random_tags() -> None:
    rng = np.random.default_rng(0)
    decoder = Decoder(TAGS)
    logits = rng.normal(size=(2, 40, 12, 5)).astype(np.float32)
    logits[1, ::2] = logits[0, ::2]
    tags = [[[TAGS[k] for k in decoder.best(row)] for row in side] for side in logits]
    spans = [[[(s.first, s.last, s.code) for s in decoder.decode(row)] for row in side] for side in logits]
    ours, theirs = score_spans(spans[0], spans[1], ["PER", "LOC"]), score_tags(*tags)
    assert abs(ours["micro"].f1 - theirs["f1"]) < 1e-12
    assert abs(ours["PER"].f1 - theirs["f1_PER"]) < 1e-12
