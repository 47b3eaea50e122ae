"""Doccano: what its importer of sequence labelling takes, line for line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given

from raqam.formats import Annotated, Format, doccano
from tests.raqam.formats.items import EVERY, ITEMS, spans_of, write


def check(lines: Sequence[dict[str, Any]], items: Sequence[Annotated]) -> None:
    """Every line has a text that is not empty and labels of two offsets and a name, apart and in order."""
    for line, item in zip(lines, items, strict=True):
        text, record = line["text"], item.record
        assert text == item.article.text
        assert [(start, end, label, text[start:end]) for start, end, label in line["label"]] == spans_of(item)
        assert all(type(edge) is int for *edges, _ in line["label"] for edge in edges)
        spans = [span.to_dict() for span in record.spans]
        assert [line[name] for name in ("id", "model", "spans", "facts")] == [
            record.id,
            record.model,
            spans,
            [fact.to_dict() for fact in record.facts],
        ]
        assert line["published"] == (str(item.article.published) if item.article.published else None)


def test_every_span_comes_back(tmp_path: Path) -> None:
    with write(Format.DOCCANO, tmp_path / "out", EVERY).open(encoding="utf-8") as file:  # as doccano opens it
        check([json.loads(line.rstrip()) for line in file], EVERY)


@given(items=ITEMS)
def test_so_do_random_ones(items: Sequence[Annotated]) -> None:
    lines = b"".join(map(doccano.encode, items)).decode().splitlines()
    check([json.loads(line) for line in lines], items)


def test_every_line_has_the_same_fields(tmp_path: Path) -> None:
    """Those that some lines lack would come to doccano as numbers that JSON does not have."""
    lines = write(Format.DOCCANO, tmp_path / "out", EVERY).read_bytes().splitlines()
    assert {tuple(json.loads(line)) for line in lines} == {
        ("text", "label", "id", "published", "model", "spans", "facts")
    }
