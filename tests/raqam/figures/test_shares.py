from __future__ import annotations

from typing import Any

import pytest

from tests.raqam.figures.cases import parameters, read_one, whole


@pytest.mark.parametrize(("surface", "case"), parameters("percent"))
def test_cases(surface: str, case: dict[str, Any]) -> None:
    read = read_one(surface, "PCT", case)
    assert read == whole(case["value"], "PCT", read)
