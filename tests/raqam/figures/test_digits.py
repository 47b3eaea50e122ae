from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.figures.digits import Style, read_digits

WHOLE = Style(whole=True)
REVERSED = Style(reversed=True)
NUMBERS = st.integers(0, 10**15 - 1)


@pytest.mark.parametrize(
    ("text", "style", "scaled", "value"),
    [
        ("7", Style(), False, "7"),
        ("12,500", Style(), False, "12500"),
        ("12،500", Style(), False, "12500"),
        ("12 500", Style(), False, "12500"),
        ("12'500", Style(), False, "12500"),
        ("1.250.000", Style(), False, "1250000"),
        ("1/250/000", Style(), False, "1250000"),
        ("000/250/1", REVERSED, False, "1250000"),
        ("000/250/1", Style(), False, None),
        ("1.25", Style(), False, "1.25"),
        ("1.250", Style(), False, "1.25"),
        ("1.250", WHOLE, False, "1250"),
        ("1.250", WHOLE, True, "1.25"),
        ("1.200", Style(), False, "1200"),
        ("0.200", Style(), False, "0.2"),
        ("1/250", WHOLE, False, "1250"),
        ("1/250", WHOLE, True, "1.25"),
        ("8/19", Style(), False, "8.19"),
        ("8/19", REVERSED, False, "19.8"),
        ("0/5", REVERSED, False, "0.5"),
        ("5/0", REVERSED, False, "0.5"),
        ("5/ 28", REVERSED, False, "28.5"),
        ("3044.\n.\n31", Style(), False, "3044.31"),
        ("12,5", Style(), False, "12.5"),
        ("12,5", WHOLE, False, None),
        ("12,5", WHOLE, True, "12.5"),
        ("0,125", Style(), False, "0.125"),
        ("1,250.5", Style(), False, "1250.5"),
        ("1,250/5", Style(), False, "1250.5"),
        ("1.250,5", Style(), False, None),
        ("12.5.3", Style(), False, None),
        ("12,50,0", Style(), False, None),
        ("000,100", Style(), False, None),
        ("007", Style(), False, "7"),
        ("02188990011", Style(), False, None),
        ("1" * 18, Style(), False, "1" * 18),
        ("1" * 19, Style(), False, None),
        ("1" * 100_000, Style(), False, None),
        ("1," * 50_000 + "1", Style(), False, None),
    ],
)
def test_rules(text: str, style: Style, scaled: bool, value: str | None) -> None:
    assert read_digits(text, style, scaled) == (None if value is None else Decimal(value))


@given(NUMBERS, st.sampled_from(",،' "), st.booleans())
def test_groups_are_read_back(number: int, separator: str, whole: bool) -> None:
    text = f"{number:,}".replace(",", separator)
    assert read_digits(text, Style(whole=whole)) == number


@given(st.integers(10**6, 10**15 - 1), st.sampled_from("./"), st.booleans())
def test_several_points_or_slashes_part_groups(number: int, separator: str, whole: bool) -> None:
    assert read_digits(f"{number:,}".replace(",", separator), Style(whole=whole)) == number


@given(st.integers(0, 10**9), st.from_regex(r"[0-9]{0,3}[1-9]", fullmatch=True), st.sampled_from("./"))
def test_decimals_are_read_back(head: int, tail: str, separator: str) -> None:
    assert read_digits(f"{head}{separator}{tail}", Style()) == Decimal(f"{head}.{tail}")
    assert read_digits(f"{tail}/{head}", Style(reversed=head > 0)) == Decimal(f"{head}.{tail}" if head else f"{tail}.0")


@given(st.integers(1, 10**9), st.integers(1, 9))
def test_decimals_beside_groups_are_read_back(head: int, tail: int) -> None:
    assert read_digits(f"{head:,}.{tail}", Style()) == Decimal(f"{head}.{tail}")


@given(st.text("0123456789.,،/' \n", max_size=30), st.booleans(), st.booleans(), st.booleans())
def test_a_number_has_the_digits_of_its_text(text: str, back: bool, whole: bool, scaled: bool) -> None:
    if not re.match("[0-9].*[0-9]|[0-9]", text, re.DOTALL):
        return
    read = read_digits(text.strip(".,،/' \n"), Style(back, whole), scaled)
    assert read is None or (read >= 0 and sorted(re.sub("[^1-9]", "", text)) == sorted(re.sub("[^1-9]", "", str(read))))
