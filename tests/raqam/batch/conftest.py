from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from raqam import Annotator


@pytest.fixture(scope="session")
def tiny(tiny_model: Path) -> Iterator[Annotator]:
    with Annotator.load(tiny_model, threads=2) as annotator:
        yield annotator
