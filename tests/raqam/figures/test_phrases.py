from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raqam.figures.digits import Style
from raqam.figures.phrases import Amount, amount, parse, plain
from raqam.text import normalize
from tests.texts import TEXTS


@pytest.mark.parametrize(
    ("text", "lead", "terms"),
    [
        ("", "", []),
        ("میلیون", "", [("1000000", "", "")]),
        ("تومان", "تومان", []),
        ("حدود 5 میلیون نفر", "حدود", [("5000000", "", "نفر")]),
        ("58 دلار و 17 سنت", "", [("58", "", "دلار"), ("17", "and", "سنت")]),
        ("5 تا 7 درصد", "", [("5", "", ""), ("7", "to", "درصد")]),
        ("بین 5 و 7 درصد", "بین", [("5", "", ""), ("7", "to", "درصد")]),
        ("10، 20", "", [("10", "", ""), ("20", "comma", "")]),
        ("9 ماهه نخست", "", [("9", "", "ماهه نخست")]),
        ("ششم تا دهم", "", [("6", "", ""), ("10", "to", "")]),
        ("(5) نفر", "", [("5", "", "نفر")]),
        ("11 میلیونی", "", [("11000000", "", "")]),
        ("چند نفر", "", [("None", "", "نفر")]),
    ],
)
def test_phrases(text: str, lead: str, terms: list[tuple[str, str, str]]) -> None:
    phrase = parse(text, Style())
    assert phrase.lead == lead
    found = [(term.numeral.value, term.joint, term.words) for term in phrase.terms]
    assert [(value if value is None else plain(value), *rest) for value, *rest in found] == [
        (None if value == "None" else value, *rest) for value, *rest in terms
    ]


@given(TEXTS)
@settings(max_examples=300)
def test_words_are_where_they_are_said_to_be(text: str) -> None:
    normalized = normalize(text).text
    for term in parse(normalized, Style()).terms:
        assert normalized[term.start : term.end] == term.words
        assert term.words == term.words.strip()


@given(st.integers(1, 999), st.integers(1, 999), st.sampled_from(["", "هزار", "میلیون", "هزار میلیارد"]))
def test_the_ends_of_a_range_are_in_order(one: int, other: int, scale: str) -> None:
    phrase = parse(f"{one} {scale} تا {other} {scale}", Style())
    factor = {"": 1, "هزار": 1000, "میلیون": 10**6, "هزار میلیارد": 10**12}[scale]
    assert amount(*phrase.terms) == Amount(Decimal(min(one, other) * factor), Decimal(max(one, other) * factor))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
def test_a_number_is_written_plainly(number: Decimal) -> None:
    text = plain(number)
    assert Decimal(text) == number
    assert "E" not in text
    assert "." not in text or text[-1] not in "0."


@pytest.mark.parametrize("text", ["سه و " * 100_000, "1" * 1_000_000, "1 " * 500_000, "سه تا " * 100_000])
def test_a_long_text_has_no_numbers(text: str) -> None:
    assert parse(text, Style()).terms == ()
