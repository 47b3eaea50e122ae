from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.characters import COMPOSED, JOINERS, LETTERS, LINE_ENDS, ORDINARY, PUNCTUATION, TABLE, is_mark, replacement

ORDINARIES = [character for character in map(chr, range(0x700)) if re.fullmatch(f"[{ORDINARY}]", character)]


def test_no_character_is_in_two_tables() -> None:
    assert len(TABLE) == sum(map(len, (LETTERS, JOINERS, PUNCTUATION, LINE_ENDS)))


@pytest.mark.parametrize("character", TABLE)
def test_what_a_character_stands_for_is_ordinary(character: str) -> None:
    assert set(replacement(character)) <= set(ORDINARIES)
    assert character not in ORDINARIES


@pytest.mark.parametrize("character", ORDINARIES)
def test_an_ordinary_character_stands_for_itself(character: str) -> None:
    assert replacement(character) == character or character == "\n"


def test_every_persian_letter_is_ordinary() -> None:
    assert set("آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی") <= set(ORDINARIES)


@pytest.mark.parametrize(("pair", "letter"), COMPOSED.items())
def test_a_pair_is_what_unicode_composes(pair: str, letter: str) -> None:
    base = LETTERS.get(pair[0], pair[0])
    assert unicodedata.normalize("NFD", letter)[1:] == pair[1:]
    assert base in {"ا", "و", "ی"}
    assert is_mark(pair[1])


@given(st.characters(categories=["Nd"]))
def test_a_digit_of_any_script_is_a_digit(digit: str) -> None:
    assert replacement(digit) == str(int(digit))


@given(st.characters(categories=["Mn", "Me", "Cf"]))
def test_marks_and_format_controls_are_deleted(character: str) -> None:
    assert replacement(character) == ""


@given(st.characters(categories=["Zs"]))
def test_a_space_of_any_width_is_a_space(character: str) -> None:
    assert replacement(character) == " "


@given(st.characters(exclude_categories=["Cs"]))
def test_what_a_character_stands_for_holds_no_mark_and_no_control(character: str) -> None:
    allowed = {"\n"} if character == "\n" or LINE_ENDS.get(character) == "\n" else set()
    found = replacement(character) if character != "\n" else "\n"
    assert all(unicodedata.category(part) not in {"Mn", "Me", "Cf", "Cc"} for part in set(found) - allowed)


@pytest.mark.parametrize("block", [0x600, 0x700, 0x800, 0xFB00, 0xFC00, 0xFD00, 0xFE00])
def test_what_an_arabic_character_stands_for_stands_for_itself(block: int) -> None:
    found = map(replacement, map(chr, range(block, block + 0x100)))
    assert [text for text in found if "".join(map(replacement, text)) != text] == []


def test_the_last_code_point_is_kept() -> None:
    assert replacement(chr(sys.maxunicode)) == chr(sys.maxunicode)


def test_what_is_a_mark() -> None:
    assert all(map(is_mark, "\u064b\u0651\u0654\u0670\u0301\u20dd\u0640\ufe0f"))
    assert not any(map(is_mark, "اa1 \n\u200c\u200d\u200f😀"))


def test_a_long_ligature_stays_whole_so_that_no_text_grows_many_times_over() -> None:
    ligature = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
    assert replacement(ligature) == ligature
    assert max(len(replacement(chr(code))) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF) == 4
