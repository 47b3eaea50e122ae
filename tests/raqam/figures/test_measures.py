from __future__ import annotations

from typing import Any

import pytest

from raqam.figures.digits import Style
from raqam.figures.measures import unit_of
from raqam.figures.phrases import parse
from tests.raqam.figures.cases import parameters, read_one, whole


@pytest.mark.parametrize(("surface", "case"), parameters("quantities"))
def test_quantities(surface: str, case: dict[str, Any]) -> None:
    assert read_one(surface, "QTY", case) == whole(case["value"], "QTY", None)


@pytest.mark.parametrize(("surface", "case"), parameters("counts"))
def test_counts(surface: str, case: dict[str, Any]) -> None:
    read = read_one(surface, "CNT", case)
    assert read == whole(case["value"], "CNT", read)


@pytest.mark.parametrize(("surface", "case"), parameters("ranks"))
def test_ranks(surface: str, case: dict[str, Any]) -> None:
    assert read_one(surface, "RNK", case) == whole(case["value"], "RNK", None)


@pytest.mark.parametrize(("text", "unit"), [("", None), ("متر", None), ("5 تن", "t"), ("MW 5", "MW"), ("5 نفر", None)])
def test_the_unit_of_a_phrase(text: str, unit: str | None) -> None:
    assert unit_of(parse(text, Style())) == unit
