"""Parquet, read by pyarrow and by pandas: every field of every record comes back, exact and typed."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from raqam.formats import Annotated, Format, parquet
from raqam.formats.parquet import VALUE
from tests.raqam.formats.items import EVERY, ITEMS, VALUES, spans_of, write

#: The fields that a kind always has, null where there is nothing to say.
ALWAYS = {"money": "irr", "count": "of", "place": "province"}


def value_of(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The value of the record format that a row of Parquet stands for."""
    if row is None:
        return None
    rials = {name: row[f"irr_{name}"] for name in ("low", "high") if row[f"irr_{name}"] is not None}
    flat = {**row, "irr": rials or row["irr"]}
    kept = {
        name: cell.isoformat() if isinstance(cell, dt.date) else cell
        for name, cell in flat.items()
        if cell is not None and not name.startswith("irr_")
    }
    return {**({ALWAYS[row["kind"]]: None} if row["kind"] in ALWAYS else {}), **kept}


def check(rows: Sequence[Mapping[str, Any]], items: Sequence[Annotated]) -> None:
    """Every one of *rows* is the article and the record of its item."""
    assert len(rows) == len(items)
    for row, item in zip(rows, items, strict=True):
        assert (row["text"], row["published"]) == (item.article.text, item.article.published)
        spans = [{**span, "value": value_of(span["value"])} for span in row["spans"]]
        record = {name: row[name] for name in ("id", "model", "facts")} | {"spans": spans}
        assert record == item.record.to_dict()
        assert [(span["start"], span["end"], span["label"], span["text"]) for span in spans] == spans_of(item)


def test_every_record_comes_back(tmp_path: Path) -> None:
    check(pq.read_table(write(Format.PARQUET, tmp_path / "out", EVERY)).to_pylist(), EVERY)


@settings(max_examples=30)
@given(items=ITEMS)
def test_so_do_random_ones(items: Sequence[Annotated]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(pq.read_table(write(Format.PARQUET, Path(folder) / "out", items)).to_pylist(), items)


def test_every_field_of_every_value_has_its_place() -> None:
    names = {name for values in VALUES.values() for value in values if value for name in value}
    assert names <= set(VALUE)


def test_is_typed(tmp_path: Path) -> None:
    schema = pq.read_schema(write(Format.PARQUET, tmp_path / "out", ()))
    span = schema.field("spans").type.value_type
    assert [str(span.field(name).type) for name in ("start", "end", "label", "text", "score")] == [
        "int32",
        "int32",
        "string",
        "string",
        "double",
    ]
    assert str(schema.field("published").type) == "date32[day]"
    assert str(span.field("value").type.field("number").type) == "string"


def test_pandas_reads_it(tmp_path: Path) -> None:
    frame = pd.read_parquet(write(Format.PARQUET, tmp_path / "out", EVERY))
    spans = frame[["spans"]].explode("spans").dropna()["spans"]
    assert [(span["start"], span["end"], span["label"], span["text"]) for span in spans] == [
        span for item in EVERY for span in spans_of(item)
    ]


@pytest.mark.parametrize(("rows", "characters", "groups"), [(4, 10**9, -(-len(EVERY) // 4)), (1000, 1, len(EVERY))])
def test_a_row_group_is_bounded(
    rows: int, characters: int, groups: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "GROUP_ROWS", rows)
    monkeypatch.setattr(parquet, "GROUP_CHARACTERS", characters)
    file = pq.ParquetFile(write(Format.PARQUET, tmp_path / "out", EVERY, cut=5))
    assert file.num_row_groups == groups
    check(file.read().to_pylist(), EVERY)
