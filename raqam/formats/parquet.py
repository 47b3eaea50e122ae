"""Parquet: a row for each article, with its spans and facts nested and typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, Final

from raqam.formats.kinds import Annotated, Format, load

#: A row group ends with so many rows, or once its texts hold so many characters: whichever comes first.
GROUP_ROWS: Final = 1_000
GROUP_CHARACTERS: Final = 4_000_000

#: The fields of a value: of every kind, each null where its kind has none. Numbers are exact decimal strings.
VALUE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("kind", "number", "low", "high", "bound", "currency", "irr", "irr_low", "irr_high"), "string"),
    **dict.fromkeys(("unit", "of", "calendar", "date"), "string"),
    "relative": "bool",
    "start": "date",
    "end": "date",
    "country": "string",
    "province": "string",
}


class ParquetWriter:
    """Writes rows to *output*; only those of one row group are held in memory."""

    def __init__(self, output: BinaryIO) -> None:
        self._arrow = load("pyarrow", Format.PARQUET)
        self._schema = _schema(self._arrow)
        self._file = load("pyarrow.parquet", Format.PARQUET).ParquetWriter(output, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._characters = 0

    def write(self, items: Sequence[Annotated]) -> None:
        for item in items:
            self._rows.append(_row(item))
            self._characters += len(item.article.text)
            if len(self._rows) == GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
                self._flush()

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._file.close()

    def _flush(self) -> None:
        table = self._arrow.Table.from_pylist(self._rows, schema=self._schema)
        self._file.write_table(table, row_group_size=len(self._rows))
        self._rows, self._characters = [], 0


def _schema(arrow: Any) -> Any:
    types = {"string": arrow.string(), "bool": arrow.bool_(), "date": arrow.date32()}
    span = arrow.struct(
        [
            arrow.field("start", arrow.int32(), nullable=False),
            arrow.field("end", arrow.int32(), nullable=False),
            arrow.field("label", arrow.string(), nullable=False),
            arrow.field("text", arrow.string(), nullable=False),
            arrow.field("score", arrow.float64(), nullable=False),
            arrow.field("value", arrow.struct([arrow.field(name, types[kind]) for name, kind in VALUE.items()])),
        ]
    )
    fact = arrow.struct([arrow.field(name, arrow.int32(), nullable=False) for name in ("indicator", "figure")])
    return arrow.schema(
        [
            arrow.field("id", arrow.string()),
            arrow.field("model", arrow.string(), nullable=False),
            arrow.field("published", arrow.date32()),
            arrow.field("text", arrow.string(), nullable=False),
            arrow.field("spans", arrow.list_(arrow.field("element", span, nullable=False)), nullable=False),
            arrow.field("facts", arrow.list_(arrow.field("element", fact, nullable=False)), nullable=False),
        ]
    )


def _row(item: Annotated) -> dict[str, Any]:
    row = item.record.to_dict()
    spans = [{**span, "value": _value(span["value"])} for span in row["spans"]]
    return {**row, "spans": spans, "published": item.article.published, "text": item.article.text}


def _value(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if value is None:
        return None
    flat = dict(value)
    if isinstance(irr := flat.get("irr"), Mapping):
        flat |= {"irr": None, "irr_low": irr["low"], "irr_high": irr["high"]}
    days = {name: dt.date.fromisoformat(flat[name]) for name in ("start", "end") if flat.get(name)}
    return flat | days
