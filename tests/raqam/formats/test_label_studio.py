"""Label Studio: tasks that its own SDK finds valid, and that give every span back."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from label_studio_sdk.label_interface.interface import LabelInterface

from raqam.formats import Annotated, Format
from raqam.formats.label_studio import CONFIGURATION
from raqam.labels import CODES
from tests.raqam.formats.items import EVERY, ITEMS, spans_of, write


@pytest.fixture(scope="module")
def interface() -> LabelInterface:
    return LabelInterface(CONFIGURATION)


def check(tasks: Sequence[dict[str, Any]], items: Sequence[Annotated], interface: LabelInterface) -> None:
    for task, item in zip(tasks, items, strict=True):
        text, record = item.article.text, item.record
        published = str(item.article.published) if item.article.published else None
        assert task["data"] == {"text": text, "id": record.id, "published": published}
        (prediction,) = task["predictions"]
        assert prediction["model_version"] == record.model
        regions = [result for result in prediction["result"] if result["type"] == "labels"]
        values = [region["value"] for region in regions]
        assert [(each["start"], each["end"], *each["labels"], each["text"]) for each in values] == spans_of(item)
        assert [(region["score"], *notes(region)) for region in regions] == [
            (span["score"], *([span["value"]] if span["value"] else [])) for span in map(as_dict, record.spans)
        ]
        arrows = [result for result in prediction["result"] if result["type"] == "relation"]
        by_id = {region["id"]: at for at, region in enumerate(regions)}
        assert [(by_id[arrow["to_id"]], by_id[arrow["from_id"]]) for arrow in arrows] == [
            (fact.indicator, fact.figure) for fact in record.facts
        ]
        assert interface.validate_prediction(prediction, return_errors=True) == []


def as_dict(span: Any) -> dict[str, Any]:
    found: dict[str, Any] = span.to_dict()
    return found


def notes(region: dict[str, Any]) -> list[Any]:
    return [json.loads(note) for note in region.get("meta", {}).get("text", [])]


def test_every_span_comes_back(tmp_path: Path, interface: LabelInterface) -> None:
    check(json.loads(write(Format.LABEL_STUDIO, tmp_path / "out", EVERY).read_bytes()), EVERY, interface)


@settings(max_examples=40)
@given(items=ITEMS)
def test_so_do_random_ones(items: Sequence[Annotated], interface: LabelInterface) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(json.loads(write(Format.LABEL_STUDIO, Path(folder) / "out", items).read_bytes()), items, interface)


def test_no_articles_are_no_tasks(tmp_path: Path) -> None:
    assert json.loads(write(Format.LABEL_STUDIO, tmp_path / "out", ()).read_bytes()) == []


def test_the_configuration_is_valid_and_knows_every_label(interface: LabelInterface) -> None:
    interface.validate()
    assert list(interface.get_control("label").labels) == list(CODES)
    assert interface.get_object("text").value_name == "text"
