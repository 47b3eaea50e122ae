from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.figures.dates import read_date
from raqam.text import normalize
from training.augmentation import (
    ZWNJ,
    SpanTuple,
    Way,
    apply,
    arabic_letters,
    augment,
    drop_joiners,
    head,
    lose_spaces,
    other_digits,
    space_joiners,
)

WAYS = (drop_joiners, space_joiners, arabic_letters, other_digits, lose_spaces)
TEXT = "سرمایه‌گذاری ۴۷ درصدی کشور می‌شود 12 و ٣٥ نفر"

texts = st.text(alphabet=st.sampled_from(f"سرمایکهگ می {ZWNJ}.،«»\n۴7٣٫" + "آabي🙂"), max_size=60)


@st.composite
def spanned(draw: st.DrawFn) -> tuple[str, list[SpanTuple]]:
    text = draw(texts)
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    return text, [(a, b, "LOC") for a, b in zip(edges[::2], edges[1::2], strict=False)]


def bare(text: str) -> str:
    """What no way of writing changes: the normalized text without spaces."""
    return normalize(text).text.replace(" ", "")


@given(spanned(), st.integers(0, 2**32))
def test_the_text_of_a_span_stays_what_it_was(example: tuple[str, list[SpanTuple]], seed: int) -> None:
    text, spans = example
    new, moved = augment(text, spans, random.Random(seed))
    assert bare(new) == bare(text)
    kept = [text[a:b] for a, b, _ in spans if bare(text[a:b])]
    assert [bare(new[a:b]) for a, b, _ in moved if bare(new[a:b])] == [bare(each) for each in kept]
    assert all(0 <= a < b <= len(new) for a, b, _ in moved)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(moved))


@given(texts, st.sampled_from([drop_joiners, other_digits]), st.integers(0, 99))
def test_lost_joiners_and_other_digits_are_one_text_to_the_model(text: str, way: Way, seed: int) -> None:
    assert normalize("".join(way(text, random.Random(seed)))).text == normalize(text).text


def test_arabic_letters_are_one_text_to_the_model_but_for_the_joiners() -> None:
    written = "".join(arabic_letters(TEXT, random.Random(0)))
    assert "ي" in written
    assert "ك" in written
    assert normalize(written).text == normalize(TEXT.replace(ZWNJ, " ")).text


def test_joiners_become_spaces() -> None:
    assert "".join(space_joiners("می‌شود", random.Random(0))) == "می شود"


@pytest.mark.parametrize("seed", range(6))
def test_digits_are_of_one_set(seed: int) -> None:
    new = "".join(other_digits(TEXT, random.Random(seed)))
    assert len({ord(each) // 0x60 for each in new if each.isdecimal()}) == 1


def test_few_spaces_are_lost_and_only_between_letters() -> None:
    text = "در استان همدان. ۴۷ درصد " * 200
    pieces = lose_spaces(text, random.Random(0))
    lost = [at for at, piece in enumerate(pieces) if not piece]
    assert 0 < len(lost) < 0.06 * text.count(" ")
    assert all(text[at] == " " and text[at - 1].isalpha() and text[at + 1].isalpha() for at in lost)


def test_every_way_is_drawn_and_a_seed_draws_the_same() -> None:
    drawn = {augment(TEXT + " کشور" * 60, [], random.Random(seed))[0] for seed in range(60)}
    assert len(drawn) > len(WAYS)
    assert augment(TEXT, [], random.Random(5)) == augment(TEXT, [], random.Random(5))


def test_a_span_of_which_nothing_is_left_is_left_out() -> None:
    assert apply(["", "ب"], [(0, 1, "LOC"), (1, 2, "PER")]) == ("ب", [(0, 1, "PER")])


def test_a_head_is_a_line_with_a_date_and_moves_the_spans() -> None:
    drawn = [head(TEXT, [(13, 15, "QTY")], random.Random(seed)) for seed in range(200)]
    for text, spans in drawn:
        assert text.endswith(TEXT)
        assert all(0 <= a < b <= len(text) and text[a:b] == text[a:b].strip() for a, b, _ in spans)
        assert all(one[1] <= two[0] for one, two in itertools.pairwise(spans))
        assert [text[a:b] for a, b, label in spans if label == "QTY"] == [TEXT[13:15]]
        assert "DAT" in {label for _, _, label in spans}
        assert not {"[", "]", "{", "}"} & set(text)
    assert len({text for text, _ in drawn}) > 150
    labels = {label for _, spans in drawn for _, _, label in spans}
    assert labels == {"DAT", "TIM", "QTY"}


def test_dates_of_a_head_are_read_as_dates() -> None:
    for seed in range(300):
        text, spans = head("", [], random.Random(seed))
        for start, end, label in spans:
            if label == "DAT":
                assert read_date(normalize(text[start:end]).text) is not None, text[start:end]
