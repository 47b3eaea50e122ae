"""Label Studio: an array of tasks with predictions, with offsets in code points as its editor counts them."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, BinaryIO, Final

from raqam.formats.kinds import Annotated
from raqam.formats.streams import StreamWriter, json_text
from raqam.labels import CODES, LABELS
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


def open_label_studio(output: BinaryIO, *, corrected: bool = False) -> StreamWriter:
    """Write tasks to *output*, one a line, as one JSON array.

    The spans are predictions, or annotations where people have *corrected* them.
    """
    encode = _encode_corrected if corrected else _encode
    return StreamWriter(output, encode, head=b"[\n", between=b",\n", tail=b"\n]\n")


def results(
    record: Record, names: tuple[str, str] = (_FROM, _TO), labels: Container[str] = CODES, measures: bool = True
) -> list[dict[str, Any]]:
    """The spans of *record* that have one of *labels* as regions, and its facts as relations where it *measures*.

    *names* are those of the two tags of the configuration: of the labels, and of the text.
    """
    regions = [each for each in _regions(record, *names) if each["value"]["labels"][0] in labels]
    kept = {region["id"] for region in regions}
    relations = [each for each in _relations(record) if {each["from_id"], each["to_id"]} <= kept]
    return [*regions, *(relations if measures else ())]


def _encode(item: Annotated) -> bytes:
    return _task(item, "predictions", {"model_version": item.record.model, "result": results(item.record)})


def _encode_corrected(item: Annotated) -> bytes:
    return _task(item, "annotations", {"was_cancelled": False, "ground_truth": False, "result": results(item.record)})


def _task(item: Annotated, name: str, content: dict[str, Any]) -> bytes:
    published = None if item.article.published is None else item.article.published.isoformat()
    data = {"text": item.article.text, "id": item.record.id, "published": published}
    return json_text({"data": data, name: [content]}).encode()


def _regions(record: Record, from_name: str, to_name: str) -> Iterator[dict[str, Any]]:
    """The spans, each under its index; a value is the note that the editor shows beside its region."""
    for index, span in enumerate(span.to_dict() for span in record.spans):
        yield {
            "id": f"s{index}",
            "from_name": from_name,
            "to_name": to_name,
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
