"""Label Studio: an array of tasks with predictions, with offsets in code points as its editor counts them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from raqam.formats.kinds import Annotated
from raqam.formats.streams import StreamWriter, json_text
from raqam.labels import LABELS
from raqam.records import Record

#: The names that the configuration gives its tags.
_FROM: Final = "label"
_TO: Final = "text"
_MEASURES: Final = "measures"

#: The labelling configuration of a project that the tasks fit.
CONFIGURATION: Final = "\n".join(
    [
        "<View>",
        '  <Relations><Relation value="measures"/></Relations>',
        '  <Labels name="label" toName="text">',
        *(f'    <Label value="{label.code}" hint="{label.meaning}"/>' for label in LABELS),
        "  </Labels>",
        '  <View style="direction: rtl"><Text name="text" value="$text"/></View>',
        "</View>",
        "",
    ]
)


def open_label_studio(output: BinaryIO) -> StreamWriter:
    """Write tasks to *output*, one a line, as one JSON array."""
    return StreamWriter(output, _encode, head=b"[\n", between=b",\n", tail=b"\n]\n")


def _encode(item: Annotated) -> bytes:
    article, record = item.article, item.record
    published = None if article.published is None else article.published.isoformat()
    return json_text(
        {
            "data": {"text": article.text, "id": record.id, "published": published},
            "predictions": [{"model_version": record.model, "result": [*_regions(record), *_relations(record)]}],
        }
    ).encode()


def _regions(record: Record) -> Iterator[dict[str, Any]]:
    """The spans, each under its index; a value is the note that the editor shows beside its region."""
    for index, span in enumerate(span.to_dict() for span in record.spans):
        yield {
            "id": f"s{index}",
            "from_name": _FROM,
            "to_name": _TO,
            "type": "labels",
            "score": span["score"],
            "value": {"start": span["start"], "end": span["end"], "text": span["text"], "labels": [span["label"]]},
            **({} if span["value"] is None else {"meta": {"text": [json_text(span["value"])]}}),
        }


def _relations(record: Record) -> Iterator[dict[str, Any]]:
    """The facts, as arrows from a figure to the indicator it measures."""
    for fact in record.facts:
        yield {
            "type": "relation",
            "from_id": f"s{fact.figure}",
            "to_id": f"s{fact.indicator}",
            "direction": "right",
            "labels": [_MEASURES],
        }
