from __future__ import annotations

from raqam.labels import CODES, FIGURES, LABELS, TAGS, tags_of


def test_there_are_fifteen_labels_each_once() -> None:
    assert len(LABELS) == len(set(CODES)) == len({label.name for label in LABELS}) == 15
    assert all(code.isupper() and len(code) == 3 for code in CODES)


def test_the_figures_are_those_that_carry_a_number() -> None:
    assert {"MON", "PCT", "QTY", "CNT", "RNK"} == FIGURES


def test_the_tags_are_outside_then_begin_and_inside_of_each_label() -> None:
    assert len(TAGS) == 31
    assert TAGS[:3] == ("O", "B-PER", "I-PER")
    assert TAGS[-2:] == ("B-IND", "I-IND")
    assert tags_of(()) == ("O",)
