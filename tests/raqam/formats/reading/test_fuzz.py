"""Whatever a file holds, what comes is an article or a rejection that can be written down, and never an exception."""

from __future__ import annotations

import json
import zlib
from importlib import import_module
from io import BytesIO
from typing import Any, Final
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from raqam.formats import Format
from raqam.formats.reading import READABLE, Read, complete, read
from raqam.labels import CODES
from tests.raqam.formats.items import gold, write

srsly = import_module("srsly")  # ships no types

TEXT: Final = "📈 صادرات ۴۷ درصد"
STRINGS: Final = st.sampled_from(
    [TEXT, "صادرات", "", " ", "\ud800", "\0", "IND", "s0", "2025-01-01", '{"kind": "place"}']
)
LEAVES: Final = st.none() | st.booleans() | st.integers(-2, 30) | st.floats() | STRINGS
VALUES: Final = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3), max_leaves=6
)


def shape(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[Any]:
    """Objects of this form, with any of their values replaced by anything."""
    every = {name: found | VALUES for name, found in (required | optional).items()}
    return st.fixed_dictionaries({}, optional=every) | st.fixed_dictionaries(every)


OFFSETS: Final = st.integers(0, 20)
LABELS: Final = st.sampled_from(CODES)
SPAN: Final = shape({"start": OFFSETS, "end": OFFSETS, "label": LABELS}, text=STRINGS, value=VALUES, score=VALUES)
FACT: Final = shape({"indicator": OFFSETS, "figure": OFFSETS})
PLACE: Final = shape({"start": OFFSETS, "end": OFFSETS, "labels": st.lists(LABELS, max_size=2)}, text=STRINGS)
REGION: Final = shape({"id": STRINGS, "type": st.just("labels"), "value": PLACE}, meta=shape({"text": VALUES}))
RELATION: Final = shape({"type": st.just("relation"), "from_id": STRINGS, "to_id": STRINGS})
RESULT: Final = shape({"result": st.lists(REGION | RELATION, max_size=3)}, completed_by=VALUES, updated_at=VALUES)
TASK: Final = shape(
    {"data": shape({"text": STRINGS}, id=VALUES)},
    annotations=st.lists(RESULT, max_size=2),
    predictions=st.lists(RESULT, max_size=2),
    id=VALUES,
)
MINIMAL: Final = shape({"text": STRINGS, "label": st.lists(PLACE, max_size=2), "annotation_id": OFFSETS})
RECORD: Final = shape(
    {"text": STRINGS, "spans": st.lists(SPAN, max_size=3)}, facts=st.lists(FACT, max_size=2), id=STRINGS
)
LINE: Final = shape(
    {"text": STRINGS, "label": st.lists(st.tuples(OFFSETS, OFFSETS, LABELS), max_size=3)},
    spans=st.lists(SPAN, max_size=2),
    entities=VALUES,
    relations=VALUES,
    id=VALUES,
    facts=VALUES,
)
SHAPES: Final = st.one_of(TASK, MINIMAL, RECORD, LINE, VALUES)


def check(format: str, content: bytes) -> None:
    for each in read(format, BytesIO(content), originals={"s0": TEXT}.get, limit=1_000_000):
        if isinstance(each, Read):
            item = complete(each)
            assert all(item.article.text[span.start : span.end] == span.text for span in item.record.spans)
            json.dumps([item.record.to_dict(), each.place, each.who], ensure_ascii=False).encode()
        else:
            assert each.message.endswith((".", "?"))
            f"{each.place}{each.message}".encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["gold", "label-studio", "doccano", "jsonl"]), SHAPES, st.booleans())
def test_any_json(format: str, value: object, several: bool) -> None:
    check(format, json.dumps([value, value] if several else value).encode())


@pytest.mark.parametrize("format", READABLE)
@settings(max_examples=30, deadline=None)
@given(content=st.binary(max_size=200) | st.binary(max_size=100).map(lambda each: b"PK\x03\x04" + each))
def test_any_bytes(format: str, content: bytes) -> None:
    check(format, content)


COLUMNS: Final = st.lists(
    st.sampled_from(
        [
            "T1",
            "T2",
            "R1",
            "#1",
            "LOC 0 3",
            "LOC 2 8;9 12",
            "Arg1:T1 Arg2:T2",
            "\t",
            " ",
            "صادرات",
            "AnnotatorNotes T1",
            '{"score": 2}',
            "\n",
            "\r",
            "O",
            "B-LOC",
            "# id =",
        ]
    )
)


@settings(max_examples=80, deadline=None)
@given(COLUMNS.map("".join), COLUMNS.map("\t".join))
def test_any_columns(one: str, other: str) -> None:
    for content in (one, other):
        stream = BytesIO()
        with ZipFile(stream, "w") as archive:
            archive.writestr("a.txt", TEXT)
            archive.writestr("a.ann", content)
        check("brat", stream.getvalue())
        check("conll", content.encode())


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = write(Format.SPACY, tmp_path_factory.mktemp("spacy") / "out", gold()[:1])
    found: dict[str, Any] = srsly.msgpack_loads(zlib.decompress((folder / "00000.spacy").read_bytes()))
    return found


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_docbin_with_a_part_replaced(packed: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(packed)))
    kept = packed[name]
    other = st.none() | st.integers(-5, 2**40) | st.binary(max_size=40) | st.lists(st.integers(0, 100) | st.just("a"))
    if isinstance(kept, bytes):
        at, byte = data.draw(st.integers(0, len(kept) - 1)), data.draw(st.integers(0, 255))
        other |= st.just(kept[:at] + bytes([byte]) + kept[at + 1 :]) | st.just(kept[:at])
    check("spacy", zlib.compress(srsly.msgpack_dumps({**packed, name: data.draw(other)})))
