"""Two models on one text: another model, or what was said when the article came."""

from __future__ import annotations

from pathlib import Path

import httpx

from serving.corrections.schemas import ComparisonOut
from tests.serving.conftest import Serve
from tests.serving.corrections.conftest import TEXT, Keep, kind, tag
from tests.serving.test_main import fails


def test_two_models(serve: Serve, wild_model: Path) -> None:
    client = serve(database="none", compare_model=wild_model)
    for offsets in ("codepoint", "utf16"):
        response = client.post(f"/compare?offsets={offsets}", json={"text": TEXT, "published": "2025-09-25"})
        found = response.json()
        ComparisonOut.model_validate(found)
        assert found["models"] == ["tiny@1", "wild@1"]
        body = {"text": TEXT, "published": "2025-09-25"}
        ours, theirs = found["records"]
        assert ours == client.post(f"/annotate?offsets={offsets}", json=body).json()
        assert theirs["model"] == "wild@1"
        spans = [{(span["start"], span["end"]): span["label"] for span in each["spans"]} for each in (ours, theirs)]
        for place in found["differences"]:
            edges = (place["start"], place["end"])
            assert (place["a"], place["b"]) == (spans[0].get(edges), spans[1].get(edges))
            assert place["a"] != place["b"]
        same = [edges for edges in spans[0] if spans[0][edges] == spans[1].get(edges)]
        assert len(found["differences"]) == len({*spans[0], *spans[1]}) - len(same)


def test_what_was_said_that_day(client: httpx.Client, keep: Keep) -> None:
    kept = keep()
    client.put(f"/articles/{kept['article']}/annotation", json={"spans": []}, headers=tag(1))
    found = client.post("/compare", json={"text": TEXT, "article": kept["article"]}).json()
    assert found["models"] == ["tiny@1", "tiny@1"]
    assert found["differences"] == []
    assert found["records"][1]["spans"] == kept["spans"]


def test_there_may_be_nothing_to_compare_with(client: httpx.Client, keep: Keep) -> None:
    response = client.post("/compare", json={"text": TEXT})
    assert (response.status_code, kind(response)) == (409, "no-comparison")
    for key in ("0" * 32, "x"):
        assert kind(client.post("/compare", json={"text": TEXT, "article": key})) == "not-found"
    kept = keep()
    for body, problem in (
        ({"text": TEXT + ".", "article": kept["article"]}, "wrong-text"),
        ({"text": TEXT, "article": 1}, "wrong-type"),
        ({"article": kept["article"]}, "missing-field"),
        ({"text": " "}, "blank-text"),
        ({"text": TEXT, "id": "a"}, "unknown-field"),
    ):
        assert kind(client.post("/compare", json=body)) == problem, body


def test_a_model_that_cannot_be_used_keeps_the_service_from_starting(tiny_model: Path, tmp_path: Path) -> None:
    assert str(tmp_path) in fails(model=tiny_model, compare_model=tmp_path / "nothing")


def test_a_model_that_is_gone_later_is_a_problem(serve: Serve, tmp_path: Path) -> None:
    client = serve(database="none", compare_model=tmp_path / "nothing")
    response = client.post("/compare", json={"text": TEXT})
    assert (response.status_code, kind(response)) == (409, "no-comparison")
    assert str(tmp_path) not in response.text
