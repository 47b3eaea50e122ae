"""The values of spans: as the OpenAPI document describes them, as they are sent, as they are counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import jsonschema_rs
import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from raqam import Annotator, Record
from raqam.annotator import Prepared
from serving.app import create_app
from serving.metrics import Metrics
from serving.values import Value
from tests.serving.conftest import ROOT, SEEDS, Serve

VALUES: Final[TypeAdapter[Any]] = TypeAdapter(Value)
SCHEMAS: Final = create_app().openapi()["components"]["schemas"]
KINDS: Final = ("Money", "Percent", "Ratio", "Quantity", "Count", "Rank", "Date", "Place")
EXACT: Final = {"bound": "exact"}

GOLD: Final[list[dict[str, Any]]] = [
    span["value"]
    for path in sorted((ROOT / "annotations" / "gold").glob("*.json"))
    for span in json.loads(path.read_text("utf-8"))["spans"]
    if span["value"] is not None
]
RIGHT: Final[list[dict[str, Any]]] = [
    {"kind": "money", "low": "2", "high": "3.5", "currency": "IRT", "irr": {"low": "20", "high": "35"}, **EXACT},
    {"kind": "money", "currency": "USD", "irr": None, **EXACT},
    {"kind": "percent", "low": "-2.5", "high": "10", "bound": "at_most"},
    {"kind": "ratio", "number": "2", "bound": "about"},
    {"kind": "quantity", "number": "3000000", "unit": "bbl/day", "bound": "at_least"},
    {"kind": "count", "number": "12", "of": None, **EXACT},
    {"kind": "rank", **EXACT},
    {"kind": "date", "calendar": "islamic", "date": "1445-09-21"},
    {"kind": "date", "calendar": "jalali", "date": "1394-01..1394-10", "start": "2015-03-21", "end": "2016-01-20"},
    {"kind": "place", "country": "TR", "province": None},
]
WRONG: Final[list[dict[str, Any]]] = [
    {},
    {"kind": "speed", "number": "1", **EXACT},
    {"kind": "percent", "number": 47, **EXACT},
    {"kind": "percent", "number": "۴۷", **EXACT},
    {"kind": "percent", "number": None, **EXACT},
    {"kind": "percent", "number": "4e2", **EXACT},
    {"kind": "percent", "number": "47", "bound": "over"},
    {"kind": "percent", "number": "47"},
    {"kind": "percent", "number": "47", "unit": "%", **EXACT},
    {"kind": "money", "number": "1", "currency": "toman", "irr": None, **EXACT},
    {"kind": "money", "number": "1", "currency": "IRT", **EXACT},
    {"kind": "money", "number": "1", "currency": "IRT", "irr": {"low": "10"}, **EXACT},
    {"kind": "quantity", "number": "1", "unit": "تن", **EXACT},
    {"kind": "count", "number": "1", **EXACT},
    {"kind": "rank", "number": "6.5", **EXACT},
    {"kind": "date", "calendar": "solar", "date": "1404"},
    {"kind": "date", "calendar": "jalali", "date": "1404/6"},
    {"kind": "date", "calendar": "jalali", "relative": False},
    {"kind": "place", "country": "IR"},
]
#: What only the published schema refuses: fields that do not go together.
APART: Final[list[dict[str, Any]]] = [
    {"kind": "percent", "low": "1", **EXACT},
    {"kind": "percent", "number": "1", "low": "1", "high": "2", **EXACT},
    {"kind": "date", "calendar": "jalali"},
    {"kind": "date", "calendar": "jalali", "date": "1404", "relative": True},
    {"kind": "date", "calendar": "jalali", "date": "1404", "start": "2025-03-21"},
]


def published(name: str) -> jsonschema_rs.Draft202012Validator:
    """The schema *name* as a client finds it in the OpenAPI document."""
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
    )


def span(value: object) -> dict[str, Any]:
    return {"start": 0, "end": 1, "label": "MON", "text": "۱", "score": 0.5, "value": value}


@pytest.mark.parametrize("value", [None, *RIGHT, *GOLD])
def test_the_document_takes_what_the_record_format_has(value: dict[str, Any] | None) -> None:
    published("SpanOut").validate(span(value))
    if value is not None:
        VALUES.validate_python(value)


@pytest.mark.parametrize("value", WRONG)
def test_the_document_refuses_what_it_has_not(value: dict[str, Any]) -> None:
    assert not published("SpanOut").is_valid(span(value))
    with pytest.raises(ValidationError):
        VALUES.validate_python(value)


@pytest.mark.parametrize("value", APART)
def test_the_document_refuses_fields_that_do_not_go_together(value: dict[str, Any]) -> None:
    assert not published("SpanOut").is_valid(span(value))


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_has_examples_from_the_seed_articles(kind: str) -> None:
    for example in SCHEMAS[f"{kind}Out"]["examples"]:
        published(f"{kind}Out").validate(example)
        assert example in GOLD or kind == "Ratio"  # no seed article has a multiple


def test_the_kind_tells_the_values_apart() -> None:
    either = SCHEMAS["SpanOut"]["properties"]["value"]["anyOf"][0]
    mapping = {kind.lower(): f"#/components/schemas/{kind}Out" for kind in KINDS}
    assert either["discriminator"] == {"propertyName": "kind", "mapping": mapping}


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_answers_are_as_the_document_says(client: httpx.Client, seed: Path) -> None:
    text = seed.read_bytes().decode()
    for published_on in (None, "2025-09-25"):
        article = {"text": text, "published": published_on}
        published("RecordOut").validate(client.post("/annotate", json=article).json())
        published("RecordsOut").validate(client.post("/annotate", json={"articles": [article, {"text": ""}]}).json())


class Valued(Annotator):
    """Gives its spans the values of :data:`RIGHT` in turn, whatever their labels."""

    def finish(self, prepared: Prepared, blocks: Sequence[NDArray[np.float32]]) -> Record:
        record = super().finish(prepared, blocks)
        spans = [replace(each, value=RIGHT[at % len(RIGHT)]) for at, each in enumerate(record.spans)]
        return replace(record, spans=tuple(spans))


def test_values_are_sent_as_they_are(serve: Serve, tiny_model: Path) -> None:
    with Valued.load(tiny_model) as annotator:
        client = serve(annotator)
        record = client.post("/annotate?offsets=utf16", json={"text": "قم " * len(RIGHT)}).json()
    assert [each["value"] for each in record["spans"]] == RIGHT
    published("RecordOut").validate(record)


def test_values_are_counted_and_those_not_read() -> None:
    metrics = Metrics()
    read: list[dict[str, Any]] = [{"label": label, "value": {}} for label in ("MON", "MON", "LOC")]
    unread: list[dict[str, Any]] = [{"label": label, "value": None} for label in ("MON", "LOC", "DAT", "PER")]
    metrics.count_record("متن", {"spans": [*read, *unread]})
    lines = metrics.render().decode().splitlines()
    assert sorted(line for line in lines if line.startswith("raqam_values")) == [
        'raqam_values_total{label="LOC"} 1.0',
        'raqam_values_total{label="MON"} 2.0',
        'raqam_values_unread_total{label="DAT"} 1.0',
        'raqam_values_unread_total{label="MON"} 1.0',
    ]
    assert 'raqam_spans_total{label="MON"} 3.0' in lines
