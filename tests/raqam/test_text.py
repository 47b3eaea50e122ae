from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from raqam.errors import TextError
from raqam.text import NormalizedText, normalize
from tests.texts import TEXTS, VARIANTS, check_alignment, check_ranges

ROOT: Final = Path(__file__).resolve().parents[2]
CASES: Final[list[dict[str, Any]]] = json.loads((ROOT / "tests/cases/text.json").read_text(encoding="utf-8"))
SEEDS: Final = sorted((ROOT / "seeds").glob("*.txt"))


def slices(normalized: NormalizedText) -> st.SearchStrategy[tuple[int, int]]:
    places = st.integers(0, len(normalized.text))
    return st.tuples(places, places).map(lambda pair: (min(pair), max(pair)))


@given(TEXTS)
@settings(max_examples=500)
@example("")
@example("\u064e")
@example("\r\n\0")
@example("﷼\u064e")
@example("ب\u200c\u064e")
def test_every_character_of_the_copy_lies_in_the_original(text: str) -> None:
    normalized = normalize(text)
    assert normalized.original == text
    check_alignment(normalized)


@given(TEXTS, st.data())
@settings(max_examples=300)
def test_ranges_go_to_the_original_and_back(text: str, data: st.DataObject) -> None:
    normalized = normalize(text)
    check_ranges(normalized, *data.draw(slices(normalized)))


@given(TEXTS, st.data())
@settings(max_examples=300)
def test_ranges_of_the_original_give_the_copy_of_what_they_hold(text: str, data: st.DataObject) -> None:
    normalized = normalize(text)
    place = st.integers(0, len(text))
    start, end = sorted((data.draw(place), data.draw(place)))
    first, last = normalized.to_normalized(start, end)
    assert 0 <= first <= last <= len(normalized.text)
    touched = [
        at
        for at, (low, high) in enumerate(zip(normalized.starts, normalized.ends, strict=True))
        if low < end and start < high and start < end
    ]
    assert list(range(first, last)) == touched


@given(TEXTS, st.sampled_from(VARIANTS))
@settings(max_examples=500)
def test_letters_digits_and_lost_joiners_make_no_difference(text: str, variant: dict[int, int | str | None]) -> None:
    assert normalize(text.translate(variant)).text == normalize(text).text


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_variants_of_a_seed_have_its_copy(path: Path, variant: dict[int, int | str | None]) -> None:
    text = path.read_text(encoding="utf-8")
    normalized = normalize(text)
    check_alignment(normalized)
    assert normalize(text.translate(variant)).text == normalized.text


@given(TEXTS)
def test_a_copy_is_its_own_copy(text: str) -> None:
    copy = normalize(text).text
    assert normalize(copy).text == copy


@given(TEXTS, TEXTS)
def test_a_line_end_keeps_texts_apart(before: str, after: str) -> None:
    assert normalize(f"{before}\n{after}").text == f"{normalize(before).text}\n{normalize(after).text}"


@given(TEXTS, st.characters(categories=["Cs"]), TEXTS)
@example("", "\udc00", "")
def test_a_lone_surrogate_is_refused_by_name_and_place(before: str, surrogate: str, after: str) -> None:
    with pytest.raises(TextError, match=rf"lone surrogate \(U\+{ord(surrogate):04X}\) at {len(before)}\.") as caught:
        normalize(before + surrogate + after)
    assert (caught.value.field, caught.value.reason) == ("text", "surrogate")


@pytest.mark.parametrize("character", ["ا", "ي", "\u064e", "😀"])
def test_a_megabyte_without_a_space_is_normalized(character: str) -> None:
    text = character * (2**20 // len(character.encode()))
    normalized = normalize(text)
    check_alignment(normalized)
    assert normalized.text == normalize(character).text * len(text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    normalized = normalize(case["text"])
    check_alignment(normalized)
    assert normalized.text == case["copy"]
    for part, surface in case.get("parts", {}).items():
        at = normalized.text.index(part)
        start, end = normalized.to_original(at, at + len(part))
        assert case["text"][start:end] == surface


def test_every_case_says_where_it_is_from_and_found_ones_are_in_the_seeds() -> None:
    seeds = "".join(path.read_text(encoding="utf-8") for path in SEEDS)
    assert {case["origin"] for case in CASES} == {"found", "synthetic", "negative"}
    assert all(case["why"] for case in CASES)
    assert [case["name"] for case in CASES if case["origin"] == "found" and case["text"] not in seeds] == []


def test_an_empty_range_stays_at_its_place() -> None:
    normalized = normalize("«می‌شود»")
    assert normalized.to_original(3, 3) == (4, 4)
    assert normalized.to_original(8, 8) == (8, 8)
    assert normalized.to_normalized(4, 4) == (3, 3)
    assert normalized.to_normalized(3, 4) == (3, 3)  # the joiner alone is not in the copy
    assert normalized.to_normalized(8, 8) == (7, 7)


def test_of_an_empty_text_there_is_an_empty_copy() -> None:
    normalized = normalize("")
    assert (normalized.text, len(normalized.starts), len(normalized.ends)) == ("", 0, 0)
    assert normalized.to_original(0, 0) == normalized.to_normalized(0, 0) == (0, 0)
