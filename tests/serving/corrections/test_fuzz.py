"""Whatever is sent as a correction, the answer is an article or a problem, and what is kept can be exported."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from raqam import Annotator
from raqam.labels import CODES
from serving.app import create_app
from serving.corrections.schemas import StoredOut
from serving.schemas import ProblemOut
from serving.settings import Settings
from tests.serving.conftest import running
from tests.serving.corrections.conftest import TEXT, tag
from tests.serving.test_fuzz import VALUES

FIGURES = st.fixed_dictionaries(
    {"kind": st.sampled_from(["money", "percent", "ratio", "quantity", "count", "rank", "date", "place"]) | VALUES},
    optional={
        name: st.sampled_from(["1", "-2.5", "9" * 40, "IRT", "MW", "IR", "IR-13", "exact", "1404-06", "2025-01-01"])
        | VALUES
        for name in ("number", "low", "high", "bound", "currency", "irr", "unit", "of", "calendar", "date", "relative",
                     "start", "end", "country", "province")
    },
)  # fmt: skip
OFFSETS = st.integers(-1, len(TEXT) + 2) | VALUES
SPANS = st.fixed_dictionaries(
    {"start": OFFSETS, "end": OFFSETS, "label": st.sampled_from(CODES) | VALUES},
    optional={"value": FIGURES | VALUES, "text": VALUES, "score": VALUES, "colour": VALUES},
)
FACTS = st.fixed_dictionaries({"indicator": st.integers(-1, 3) | VALUES, "figure": st.integers(-1, 3) | VALUES})
BODIES = (
    st.fixed_dictionaries(
        {"spans": st.lists(SPANS | VALUES, max_size=3) | VALUES},
        optional={"facts": st.lists(FACTS | VALUES, max_size=3) | VALUES, "who": VALUES, "x": VALUES},
    )
    | VALUES
)


@pytest.fixture(scope="module")
def client(tiny_annotator: Annotator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    url = f"sqlite:///{tmp_path_factory.mktemp('fuzz')}/raqam.sqlite3"
    with running(create_app(Settings(database=url), tiny_annotator)) as found:
        yield found


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODIES, st.sampled_from(["codepoint", "utf16"]))
def test_any_correction(client: httpx.Client, body: object, unit: str) -> None:
    kept = client.post("/articles", json={"text": TEXT}).json()
    content = json.dumps(body).encode()
    headers = {**tag(kept["revision"]), "Content-Type": "application/json"}
    response = client.put(f"/articles/{kept['article']}/annotation?offsets={unit}", content=content, headers=headers)
    if response.status_code == 200:
        StoredOut.model_validate(response.json())
        assert client.get("/export").status_code == 200
    else:
        assert 400 <= response.status_code < 500
        assert ProblemOut.model_validate(response.json()).status == response.status_code


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_body(client: httpx.Client, body: bytes) -> None:
    for path in ("/articles", "/compare"):
        response = client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert response.status_code < 500
