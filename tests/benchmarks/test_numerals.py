from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from benchmarks import numerals
from raqam.figures.numerals import integer
from raqam.text import normalize


@pytest.mark.parametrize(
    ("spelling", "value", "expected"),
    [
        ("in words", 1_000_000_000_000, "یک تریلیون"),
        ("in words", 12_001_345, "دوازده میلیون و هزار و سیصد و چهل و پنج"),
        ("each group joined", 23_000_045, "بیستوسه میلیون و چهلوپنج"),
        ("without spaces", 1_023, "هزاروبیستوسه"),
        ("with joiners and Arabic letters", 21, "بيست\u200cو\u200cيك"),
        ("with «یک»", 101_001_100, "یکصد و یک میلیون و یک هزار و یکصد"),
    ],
)
def test_spellings(spelling: str, value: int, expected: str) -> None:
    assert numerals.SPELLINGS[spelling](value, random.Random(0)) == expected


def test_the_numbers_are_of_every_length_and_below_the_limit() -> None:
    found = list(numerals.draw_integers(2_000, random.Random(0)))
    assert {len(str(value)) for value in found} == set(range(1, 16))
    assert all(0 < value < numerals.LIMIT for value in found)
    assert sum(value % 1000 == 0 for value in found) > 200


@pytest.mark.parametrize("spelling", numerals.SPELLINGS)
def test_numbers_are_read_back_in_every_spelling(spelling: str) -> None:
    chance = random.Random(1)
    spell = numerals.SPELLINGS[spelling]
    for value in numerals.draw_integers(1_000, chance):
        text = spell(value, chance)
        assert integer(normalize(text).text) == value, text


def test_decimals_are_drawn_as_they_are_written() -> None:
    found = list(numerals.draw_decimals(500, random.Random(0)))
    assert len(found) == 500
    assert all(numerals.is_written_well(value) and value == Decimal(str(float(value))) for value in found)
    assert numerals.decimal_words(Decimal("4.5")) == "چهار و نیم"


@pytest.mark.parametrize(("answer", "code"), [(None, 1), (7, 1)])
def test_what_is_not_read_back_is_shown(
    answer: Any, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(numerals, "integer", lambda text: answer)
    assert numerals.main(["--count", "3", "--seed", "5", "--show", "1"]) == code
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == ("| in words | 0 | 0 | 3 |" if answer is None else "| in words | 0 | 3 | 0 |")
    assert f"was read as {answer}" in lines[-1]
