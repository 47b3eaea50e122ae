from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from raqam.figures.bounds import _AFTER, _BEFORE, REACH, read_bound
from raqam.text import normalize
from tests.raqam.figures.cases import check_all, parameters
from tests.texts import TEXTS

BOUNDS = {"exact", "about", "at_least", "more_than", "at_most", "less_than"}


@pytest.mark.parametrize(("surface", "case"), parameters("bounds"))
def test_cases(surface: str, case: dict[str, Any]) -> None:
    check_all(surface, case)


def test_the_tables_are_normalized() -> None:
    assert all(normalize(words).text == words for words in [*_BEFORE.values(), *_AFTER.values()])
    assert {"exact", *_BEFORE, *_AFTER} == BOUNDS


@given(TEXTS, TEXTS)
def test_nothing_is_raised(before: str, after: str) -> None:
    assert read_bound(before, after) in BOUNDS


def test_only_what_is_near_counts() -> None:
    assert read_bound("بیش از " + " " * 1_000_000) == "exact"
    assert read_bound("", " " * REACH + "به بالا") == "exact"
