from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from num2words import num2words  # type: ignore[import-untyped]

from raqam.figures.digits import Style
from raqam.figures.numerals import LONGEST, integer, lex, ordinal, read_numeral, split
from raqam.figures.words import CARDINALS, ENDINGS, ORDINALS, PARTS, PLURALS, SCALES, SIGNS, TO, VAGUE
from raqam.text import normalize
from tests.raqam.figures.cases import parameters
from tests.texts import TEXTS

NUMERALS = [*CARDINALS, *SCALES, *PARTS, *ORDINALS, *VAGUE, *SIGNS, *TO, *PLURALS]
WORDS = [*NUMERALS, "و", "درصد", "تن", "7", "12.5", "-", "،"]
PHRASES = st.lists(st.sampled_from(WORDS), max_size=30).flatmap(
    lambda words: st.sampled_from(["", " ", " و "]).map(lambda between: between.join(words))
)


@pytest.mark.parametrize(("surface", "case"), parameters("numbers"))
def test_cases(surface: str, case: dict[str, Any]) -> None:
    assert integer(normalize(surface).text) == (case["value"] and int(case["value"]["number"]))


def test_the_words_are_normalized() -> None:
    for word in [*NUMERALS, *ENDINGS]:
        assert normalize(word).text == word


@pytest.mark.parametrize(
    ("text", "value"),
    [("اول", 1), ("یکم", 1), ("دهم", 10), ("بیست و یکم", 21), ("صد و بیستمین", 120), ("26 ام", 26), ("سیم", None),
     ("سهم", None), ("دوام", None), ("پنج", None), ("5", None), ("", None), ("م", None)],
)  # fmt: skip
def test_ordinals(text: str, value: int | None) -> None:
    assert ordinal(text) == value


@pytest.mark.parametrize(
    "word",
    [
        "دولت", "نهاد", "صدا", "دهستان", "سیاسی", "هزاره", "پنجره", "میلیاردر",
        "میلیونر", "یکشنبه", "دهیاری", "نهال", "سیسی", "صندلی", "سیمان", "دوره",
        "هفته", "سینما", "نهایت", "صدور", "دوستان", "سهمیه",
    ],
)  # fmt: skip
def test_words_that_only_begin_like_numerals_stay_whole(word: str) -> None:
    assert [kind for _, kind in split(word)] == ["word"]


def spellings(number: int) -> list[str]:
    """*number* as num2words writes it, and as people change that."""
    words: str = num2words(number, lang="fa")
    pairs = words.replace(" و ", "\N{ZERO WIDTH NON-JOINER}و\N{ZERO WIDTH NON-JOINER}")
    one = "یک " + words if words.startswith("هزار") else words
    return [words, words.replace(" ", ""), pairs, words.replace("ی", "ي").replace("ک", "ك"), one]


def test_numbers_in_words_are_read_back() -> None:
    chance = random.Random(5)
    for _ in range(2_000):
        number = int(10 ** chance.uniform(0, 15))
        for text in spellings(number):
            assert integer(normalize(text).text) == number, text


@given(TEXTS)
@settings(max_examples=300)
def test_nothing_is_raised(text: str) -> None:
    normalized = normalize(text).text
    assert integer(normalized) is None or isinstance(integer(normalized), int)
    assert ordinal(normalized) is None or isinstance(ordinal(normalized), int)


@given(PHRASES)
@settings(max_examples=1_000)
def test_a_number_is_exact_and_ends_inside(text: str) -> None:
    lexemes = lex(text)
    assert "".join(lexeme.text for lexeme in lexemes).replace(" ", "") == "".join(text.split())
    for at in range(len(lexemes)):
        read = read_numeral(lexemes, at, Style())
        if read is not None:
            assert at < read.end <= len(lexemes)
            assert read.value is None or read.value.is_finite()


@pytest.mark.parametrize("text", ["سه و " * 100_000, "1" * 1_000_000, "سه" * 500_000, "هزار " * 200_000])
def test_a_long_text_is_no_number(text: str) -> None:
    assert integer(text) is None
    assert ordinal(text) is None


def test_the_longest_number_is_short_enough() -> None:
    assert 2 * len(num2words(777_777_777_777_777, lang="fa")) < LONGEST
    assert Decimal(integer(num2words(777_777_777_777_777, lang="fa")) or 0) == 777_777_777_777_777
