"""Parquet: columns of many types, rows read in constant memory, and damage that costs what it damages."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from raqam.errors import SourceError
from raqam.readers import Row, Source
from raqam.records import MAX_CHARACTERS, Article
from tests.raqam.readers.reading import errors, ids, marks, read, write

DAY = dt.date(2025, 9, 25)


def table(folder: Path, columns: dict[str, Any], name: str = "a.parquet", **options: Any) -> Path:
    path = folder / name
    pq.write_table(pa.table(columns), path, **options)
    return path


def test_gives_an_article_a_row(tmp_path: Path) -> None:
    path = table(tmp_path, {"id": ["یک", None, ""], "text": ["می‌خواهم 😀", "كتاب", None]}, "خبر.parquet")
    found = read(path)
    assert found[:2] == [Article("می‌خواهم 😀", "یک"), Article("كتاب", "خبر.parquet:2")]
    assert errors(found) == [f"{path}:3: 'text' must be a string, not null."]


@pytest.mark.parametrize(
    "type",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.binary(),
        pa.large_binary(),
        pa.dictionary(pa.int32(), pa.string()),
        pa.dictionary(pa.int8(), pa.large_string()),
    ],
    ids=str,
)
def test_types_of_text(tmp_path: Path, type: pa.DataType) -> None:
    texts = pa.array(["همدان", "a\x00b", None], pa.binary() if pa.types.is_binary(type) else pa.string()).cast(type)
    found = read(table(tmp_path, {"text": texts}))
    assert found[:2] == [Article("همدان", "a.parquet:1"), Article("a\x00b", "a.parquet:2")]
    assert len(errors(found)) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([7, 2**63 - 1, None], pa.int64()), ["7", "9223372036854775807", "a.parquet:3"]),
        (pa.array([0, 255, None], pa.uint8()), ["0", "255", "a.parquet:3"]),
        (pa.array([7, 7, 8]).dictionary_encode(), ["7", "7", "8"]),
        (pa.array(["x", "", None]), ["x", "a.parquet:2", "a.parquet:3"]),
    ],
    ids=["int64", "uint8", "dictionary", "string"],
)
def test_types_of_ids(tmp_path: Path, values: pa.Array, expected: list[str]) -> None:
    assert ids(read(table(tmp_path, {"id": values, "text": ["a", "b", "c"]}))) == expected


@pytest.mark.parametrize(
    "values",
    [
        pa.array([DAY, None]),
        pa.array([DAY, None], pa.date64()),
        pa.array([dt.datetime(2025, 9, 25, 23, 59), None], pa.timestamp("ms")),
        pa.array([dt.datetime(2025, 9, 24, 22, 0), None], pa.timestamp("ns", "Asia/Tehran")),
        pa.array(["2025-09-25", None]),
        pa.array(["2025-09-25", ""]).dictionary_encode(),
    ],
    ids=lambda values: str(values.type),
)
def test_types_of_dates(tmp_path: Path, values: pa.Array) -> None:
    found = read(table(tmp_path, {"published": values, "text": ["a", "b"]}))
    assert found == [Article("a", "a.parquet:1", DAY), Article("b", "a.parquet:2")]


def test_a_bad_row_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    columns = {
        "text": pa.array([b"a", b"\xff", b" ", b"d", b"e"]),
        "published": pa.array([0, 0, 0, 2**31 - 1, 0], pa.int32()).cast(pa.date32()),
    }
    path = table(tmp_path, columns)
    found = read(path)
    assert ids(found) == ["a.parquet:1", "a.parquet:5"]
    assert errors(found) == [
        f"{path}:2: 'text' is not valid UTF-8.",
        f"{path}:3: 'text' is blank: there is nothing to annotate.",
        f"{path}:4: 'published' must be a day of the years 1 to 9999.",
    ]


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"body": ["a"]}, "there is no column 'text' in the header (body)."),
        ({"text": ["a"], "body": ["a"]}, "unknown column 'body'; allowed are id, text, published."),
        ({"text": [7]}, "the column 'text' must hold text, not int64."),
        ({"text": [["a"]]}, "the column 'text' must hold text, not list<"),
        ({"text": ["a"], "id": [1.5]}, "the column 'id' must hold text or whole numbers, not double."),
        ({"text": ["a"], "published": [20250925]}, "the column 'published' must hold days, or text such as 2025-09-25"),
    ],
)
def test_columns_that_make_no_article_are_one_row(tmp_path: Path, columns: dict[str, Any], why: str) -> None:
    path = table(tmp_path, columns)
    (error,) = errors(read(path))
    assert error.startswith(f"{path}: {why}")
    assert len(marks(Source(path))) == 1


def test_columns_by_name(tmp_path: Path) -> None:
    columns = {"متن": ["قم"], "متادیتا": [{"a": 1}], "کد": [5]}
    assert read(table(tmp_path, columns), text="متن", id="کد") == [Article("قم", "5")]


def test_a_column_that_is_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["text", "text"]), path)
    assert "a column is named twice in the header (text,text)." in errors(read(path, text="text"))[0]


def test_what_pandas_adds_is_passed_over(tmp_path: Path) -> None:
    assert read(table(tmp_path, {"text": ["a"], "__index_level_0__": [3]})) == [Article("a", "a.parquet:1")]


def test_no_rows(tmp_path: Path) -> None:
    assert read(table(tmp_path, {"text": pa.array([], pa.string())})) == []


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no Parquet at all", b"PAR1" + b"\xff" * 99 + b"PAR1"])
def test_what_is_none(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, "a.parquet", content)
    assert errors(read(path)) == [f"{path}: not a Parquet file, or a damaged one."]
    assert len(marks(Source(path))) == 1


def test_a_damaged_row_group_costs_its_own_rows(tmp_path: Path) -> None:
    texts = [f"{number} {'خبر' * number}" for number in range(3000)]
    path = table(tmp_path, {"text": texts}, row_group_size=1000, use_dictionary=False)
    group = pq.ParquetFile(path).metadata.row_group(1).column(0)
    content = bytearray(path.read_bytes())
    at = group.data_page_offset + group.total_compressed_size // 2
    content[at : at + 64] = b"\xff" * 64
    path.write_bytes(content)
    source = Source(path)
    rows = list(source.rows())
    bad = [at for at, row in enumerate(rows) if isinstance(row.found, SourceError)]
    assert bad == list(range(bad[0], 2000))
    assert bad[0] >= 1000
    assert "the row group is damaged from here on." in str(rows[bad[0]].found)
    found = marks(source)
    assert len(found) == 3000
    for start in (1999, 1000, 0, 1500):
        assert [str(row) for row in source.rows(found[start][0], 40)] == [str(row) for row in rows[start : start + 40]]


@pytest.mark.parametrize("rows", [3, 5000])
def test_a_long_value_that_rows_share_is_not_taken_for_each(tmp_path: Path, rows: int) -> None:
    texts = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, None] + [0] * (rows - 3), pa.int32()), pa.array(["ا" * 5_000_000, "همدان"])
    )
    path = table(tmp_path, {"text": texts, "id": texts}, store_schema=False, compression="zstd")
    before = pa.total_allocated_bytes()
    peak = 0
    for at, row in enumerate(Source(path).rows()):
        peak = max(peak, pa.total_allocated_bytes() - before)
        if at == 1:
            assert row == Row(Article("همدان", "همدان"), 10, 2)
        else:
            assert isinstance(row.found, SourceError)
            assert (row.size, row.line) == (0, at + 1)
    assert peak < 150_000_000
    assert sum(size for _, size in marks(Source(path))) == 10


def test_sizes_are_those_of_the_texts_that_rows_share(tmp_path: Path) -> None:
    path = table(tmp_path, {"text": ["ا" * MAX_CHARACTERS] * 300}, row_group_size=200)
    assert [size for _, size in marks(Source(path))] == [2 * MAX_CHARACTERS] * 300
    assert {len(row.found.text) for row in Source(path).rows() if isinstance(row.found, Article)} == {MAX_CHARACTERS}


def test_packed(tmp_path: Path) -> None:
    target = io.BytesIO()
    pq.write_table(pa.table({"text": ["a", "b"]}), target)
    path = write(tmp_path, "a.parquet.gz", gzip.compress(target.getvalue()))
    assert read(path) == [Article("a", "a.parquet.gz:1"), Article("b", "a.parquet.gz:2")]
    assert "the archive is cut off here" in errors(read(write(tmp_path, "b.parquet.gz", path.read_bytes()[:-1])))[0]


def test_pyarrow_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.parquet", "")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert errors(read(path)) == [f"{path}: reading Parquet needs the package pyarrow: pip install 'raqam[parquet]'."]
