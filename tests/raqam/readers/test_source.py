"""Sources: that any partition by their marks is the whole, and what cannot be read."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import pickle
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from raqam.errors import SourceError
from raqam.readers import Mark, Options, Row, Source
from raqam.readers.lines import LINE_LIMIT
from raqam.readers.rows import START
from raqam.records import Article
from tests.raqam.readers.reading import PACKERS, TEXT, marks, read, shape, write

JSON_LINES = (
    '{"text": "می‌خواهم 😀 كتاب علي"}'.encode(),
    '{"text": "همدان", "id": "شناسه"}'.encode(),
    b'{"text": "a", "published": "2025-09-25"}',
    b'\xef\xbb\xbf{"text": "b"}',
    b'{"text": "\xe9"}',
    b'{"text": "a\x00b"}',
    b'{"text": "\\u0000"}',
    b'{"text": ',
    b"{}",
    b"",
    b" \t",
    "\u00a0".encode(),
    b"\x00",
    b"\xff\xfe",
)
CSV_ROWS = (
    "۱,می‌خواهم 😀 كتاب علي".encode(),
    '2,"یک\r\nدو, ""سه""\n\nچهار"'.encode(),
    b'3,"\xe9\nb"',
    b"4,\xe9",
    b'5,"a"b',
    b'6,"never closed',
    b"7,a\rb",
    b"8,a,b",
    b",",
    b"9",
    b"",
    b'"10\n",a\x00b',
    b'11","open again',
    b'"",""',
    b'"',
)
ENDS = st.sampled_from([b"\n", b"\r\n"])


def joined(pool: tuple[bytes, ...], first: bytes = b"") -> st.SearchStrategy[bytes]:
    """Lines of *pool*, with a mark before and an end behind, or without."""
    lines = st.lists(st.tuples(st.sampled_from(pool), ENDS).map(b"".join), max_size=12).map(b"".join)
    return st.builds(
        lambda mark, body, cut: (mark + first + body)[: -1 if cut else None],
        st.sampled_from([b"", b"\xef\xbb\xbf"]),
        lines,
        st.booleans(),
    )


def wide(content: bytes) -> bytes:
    return content.decode("utf-8", "replace").encode("utf-16")


def parquet(rows: list[str | None]) -> bytes:
    target = io.BytesIO()
    table = pa.table({"text": pa.array(rows, pa.string()), "id": pa.array(range(len(rows)))})
    pq.write_table(table, target, row_group_size=3)
    return target.getvalue()


CONTENTS = st.one_of(
    st.tuples(st.sampled_from([".jsonl", ".ndjson"]), st.one_of(joined(JSON_LINES), joined(JSON_LINES).map(wide))),
    st.tuples(st.just(".csv"), st.one_of(joined(CSV_ROWS, b"id,text\n"), joined(CSV_ROWS), st.binary(max_size=20))),
    st.tuples(st.just(".csv"), joined(CSV_ROWS, b'id,"text"\r\n').map(wide)),
    st.tuples(st.just(".tsv"), joined(CSV_ROWS, b"id\ttext\n").map(lambda content: content.replace(b",", b"\t"))),
    st.tuples(st.just(".txt"), joined(JSON_LINES)),
    st.tuples(st.just(".parquet"), st.lists(st.sampled_from(["همدان", "", None, "می‌خواهم"]), max_size=8).map(parquet)),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    CONTENTS,
    st.sampled_from(["", *PACKERS]),
    st.integers(0, 40),
    st.lists(st.integers(0, 12)),
    st.randoms(use_true_random=False),
)
def test_any_partition_is_the_whole(
    content: tuple[str, bytes], packing: str, lost: int, bounds: list[int], order: random.Random
) -> None:
    kind, data = content
    packed = PACKERS[packing](data) if packing else data
    packed = packed[: len(packed) - max(0, lost - 20)] if packing else packed
    with tempfile.TemporaryDirectory() as folder:
        source = Source(write(Path(folder), f"خبر{kind}{packing}", packed))
        whole = list(source.rows())
        found = marks(source)
        assert [(mark.row, size) for mark, size in found] == [(at, row.size) for at, row in enumerate(whole)]
        assert all(row.line in (None, mark.line) for (mark, _), row in zip(found, whole, strict=True) if kind != ".txt")
        assert dict(in_pieces(source, found, bounds, order)) == dict(enumerate(map(shape, whole)))


def in_pieces(
    source: Source, found: list[tuple[Mark, int]], bounds: list[int], order: random.Random
) -> Iterator[tuple[int, object]]:
    """The rows of *source* by their number, read piece by piece in any order."""
    cuts = sorted({0, len(found), *(bound for bound in bounds if bound < len(found))})
    pieces = list(itertools.pairwise(cuts))
    order.shuffle(pieces)
    for start, end in pieces:
        rows = list(source.rows(found[start][0], end - start))
        assert len(rows) == end - start
        yield from enumerate(map(shape, rows), start)


def test_sizes_add_up_to_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", f'id,text\n1,"{TEXT}\n{TEXT}"\n2\n3,\xe9\n'.encode())
    rows = list(Source(path).rows())
    assert Source(path).size == len("id,text\n") + sum(row.size for row in rows)


@pytest.mark.parametrize("name", ["absent.jsonl", "a.jsonl.gz", "a.parquet", "-"])
def test_no_size_where_rows_do_not_add_up_to_it(tmp_path: Path, name: str) -> None:
    for present in ("a.jsonl.gz", "a.parquet"):
        write(tmp_path, present, b"x")
    assert Source(None if name == "-" else tmp_path / name).size is None


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".txt", ".parquet", ".html", ".jsonl.zst", ".parquet.gz"])
class TestUnreadable:
    @staticmethod
    def refused(path: Path, start: Mark = START) -> str:
        (row,) = Source(path).rows(start, 5)
        assert isinstance(row.found, SourceError)
        assert row.found.reason == "unreadable"
        return str(row.found)

    def test_a_file_that_goes_away(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"a{suffix}"
        assert self.refused(path) == f"{path}: cannot be read: No such file or directory."
        assert list(Source(path).scan(hashlib.sha256())) == [(Mark(), 0)]
        assert self.refused(path, Mark(3, 4, 100)).endswith("cannot be read: No such file or directory.")

    def test_a_folder_in_its_place(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"a{suffix}"
        path.mkdir()
        assert self.refused(path) == f"{path}: cannot be read: Is a directory."
        assert list(Source(path).scan(hashlib.sha256())) == [(Mark(), 0)]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_a_file_without_permission(self, tmp_path: Path, suffix: str) -> None:
        path = write(tmp_path, f"a{suffix}", "x")
        path.chmod(0)
        assert self.refused(path) == f"{path}: cannot be read: Permission denied."


def test_an_unknown_kind_is_one_row(tmp_path: Path) -> None:
    path = write(tmp_path, "a.doc", "x\ny")
    (error,) = read(path)
    assert "a.doc: the kind of a file is told by its suffix" in str(error)
    assert len(marks(Source(path))) == 1


def test_names_that_are_no_text_are_made_printable(tmp_path: Path) -> None:
    source = Source(tmp_path / "a\x1b\udcffb.txt")
    assert source.id_at() == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b.txt"
    assert source.place(3).endswith("b.txt:3")


def test_a_name_of_bytes_that_are_no_utf8_is_read(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.txt")
    path.write_text(TEXT, "utf-8")
    assert read(path) == [Article(TEXT, "\N{REPLACEMENT CHARACTER}.txt")]


@pytest.mark.parametrize("suffix", ["", *PACKERS])
def test_a_file_that_became_shorter(tmp_path: Path, suffix: str) -> None:
    pack = PACKERS.get(suffix, bytes)
    source = Source(write(tmp_path, f"a.jsonl{suffix}", pack(b'{"text": "a"}\n' * 9)))
    mark = marks(source)[5][0]
    assert len(list(source.rows(mark, 2))) == 2
    write(tmp_path, f"a.jsonl{suffix}", pack(b'{"text": "a"}\n'))
    (row,) = source.rows(mark, 2)
    assert "the file has changed since it was scanned; it has no more than 5 rows now." in str(row.found)


def test_rows_end_where_they_are_told_to(tmp_path: Path) -> None:
    source = Source(write(tmp_path, "a.jsonl", '{"text": "a"}\n' * 3))
    assert [len(list(source.rows(count=count))) for count in (-1, 0, 1, 2, 5)] == [0, 0, 1, 2, 3]


def test_a_line_of_a_hundred_megabytes_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as stream:
        stream.write(b'{"text": "a"}\n')
        stream.truncate(100_000_000)
        stream.seek(0, io.SEEK_END)
        stream.write(b'\n{"text": "b"}\n')
    first, bad, last = Source(path).rows()
    assert (first.line, last.line) == (1, 3)
    assert f"a.jsonl:2: the line has over {LINE_LIMIT:,} bytes" in str(bad.found)
    assert [size for _, size in marks(Source(path))] == [first.size, bad.size, last.size]


def test_can_be_sent_to_another_process() -> None:
    source = Source(Path("خبر.jsonl.gz"), Options(text="متن"))
    assert pickle.loads(pickle.dumps(source)) == source
    row = Row(Article("a", "b"), 1, 2)
    assert pickle.loads(pickle.dumps(row)) == row
