"""CSV and TSV: headers, quotes, delimiters, and rows that are no rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from raqam.readers import Source
from raqam.readers.lines import LINE_LIMIT
from raqam.records import MAX_CHARACTERS, Article
from tests.raqam.readers.reading import errors, ids, marks, read, shape, write


class TestCsv:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_gives_an_article_a_row(self, tmp_path: Path, encoding: str, end: str) -> None:
        rows = ["published, text ,id", '2025-09-25,"یک، ""دو""\n, سه",x', "", ",چهار,"]
        found = read(write(tmp_path, "a.csv", end.join(rows).encode(encoding)))
        assert found == [Article('یک، "دو"\n, سه', "x", dt.date(2025, 9, 25)), Article("چهار", "a.csv:5")]

    @pytest.mark.parametrize(
        ("header", "why"),
        [
            ("id,body", "there is no column 'text' in the header (id,body)."),
            ("id;texts", "there is no column 'text' in the header (id;texts)."),
            ("text,body", "unknown column 'body'; allowed are id, text, published."),
            ("text,id,text", "a column is named twice in the header (text,id,text)."),
            ('"text', "a quote opens here that nothing closes."),
        ],
    )
    def test_a_wrong_header_is_one_error(self, tmp_path: Path, header: str, why: str) -> None:
        path = write(tmp_path, "a.csv", header + "\n1,2\n3,4\n")
        (error,) = read(path)
        assert str(error).startswith(f"{path}:1: ")
        assert why in str(error)

    def test_an_empty_file_lacks_its_header(self, tmp_path: Path) -> None:
        (error,) = errors(read(write(tmp_path, "a.csv", "")))
        assert error.endswith("the file is empty; a CSV file begins with the header id,text,published.")

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            ("only one", "expected 3 fields, as in the header, found 1."),
            ("a,b,,c", "expected 3 fields, as in the header, found 4."),
            ('a,"b"c,', "not valid CSV: ',' expected after '\"'"),
            ("a, ,", "'text' is blank"),
            ("a,b,1404/01/01", "'published' must be an ISO date"),
            (b'a,"\xe9\nb",', "not valid UTF-8: byte 0xE9 at offset 29;"),
            ("a," + "b" * (MAX_CHARACTERS + 1) + ",", "200,001 characters"),
            ("a," + "b" * LINE_LIMIT + ",", "the line has over 3,200,000 bytes"),
        ],
        ids=range(8),
    )
    def test_a_bad_row_is_named_and_the_rest_goes_on(self, tmp_path: Path, row: str | bytes, why: str) -> None:
        bad = row if isinstance(row, bytes) else row.encode()
        path = write(tmp_path, "a.csv", b"id,text,published\n,first,\n" + bad + b"\nz,last,\n")
        found = read(path)
        assert ids(found) == ["a.csv:2", "z"]
        (error,) = errors(found)
        assert error.startswith(f"{path}:3: ")
        assert why in error

    @pytest.mark.parametrize(
        ("rows", "good", "bad"),
        [
            ('first\n"open\nlast\n', [2, 4], {3: "a quote opens here that nothing closes"}),
            ('"open\nb\n"c\nd"\ne\n', [3, 4, 6], {2: "',' expected after '\"'"}),
            ('"open\nb\n"c\n"d\ne', [3, 6], {2: "',' expected", 4: "',' expected", 5: "nothing closes"}),
            ('"open\n"\n"a\nb"\n', [2, 4], {}),
            ('"open\n\n\nd\n', [5], {2: "nothing closes"}),
        ],
    )
    def test_a_quote_that_is_never_closed_costs_its_line(
        self, tmp_path: Path, rows: str, good: list[int], bad: dict[int, str]
    ) -> None:
        path = write(tmp_path, "a.csv", "text\n" + rows)
        found = read(path)
        assert ids(found) == [f"a.csv:{line}" for line in good]
        for (line, why), error in zip(bad.items(), errors(found), strict=True):
            assert error.startswith(f"{path}:{line}: not valid CSV: ")
            assert why in error

    @pytest.mark.parametrize("line", ["open" * 100 + "\n", "\n"])
    def test_a_row_without_end_costs_its_line(self, tmp_path: Path, line: str) -> None:
        count = LINE_LIMIT // len(line) + 1 if line.strip() else MAX_CHARACTERS
        path = write(tmp_path, "a.csv", 'text\n"' + line * count + "last\n")
        first, *_, last = read(path)
        why = "a quote opens here that is not closed within 3,200,000 bytes or 200,000 lines."
        assert str(first) == f"{path}:2: not valid CSV: {why}"
        assert last == Article("last", f"a.csv:{count + 2}")

    def test_a_long_row_is_read_up_to_the_limit(self, tmp_path: Path) -> None:
        body = "a\n" * (MAX_CHARACTERS // 4)
        (article,) = read(write(tmp_path, "a.csv", f'text,note\n"{body}","{body}{"b" * 2_000_000}"\n'), text="text")
        assert article == Article(body, "a.csv:2")

    @pytest.mark.parametrize("line", ['x","\n', '"open\n', 'x,"\n"\n', '"a\n"",b\n'])
    def test_every_line_opens_a_quote(self, tmp_path: Path, line: str) -> None:
        source = Source(write(tmp_path, "a.csv", "id,text\n" + line.replace("\n", "y" * 200 + "\n") * 30_000))
        rows = list(source.rows())
        found = marks(source)
        assert len(found) == len(rows)
        for at in (0, 1, len(rows) // 2, len(rows) - 1):
            assert list(map(shape, source.rows(found[at][0], 3))) == list(map(shape, rows[at : at + 3]))

    def test_a_field_above_the_default_limit_of_the_parser_is_read(self, tmp_path: Path) -> None:
        (article,) = read(write(tmp_path, "a.csv", "text\n" + "ب" * MAX_CHARACTERS))
        assert isinstance(article, Article)


class TestDelimiters:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_are_told_by_the_header(self, tmp_path: Path, delimiter: str, encoding: str) -> None:
        text = "می‌خواهم, 😀; |\t"
        table = f'id{delimiter}"text"\r\n1{delimiter}"{text}"\r\n'
        assert read(write(tmp_path, "a.csv", table.encode(encoding))) == [Article(text, "1")]

    def test_of_tsv_are_tabs(self, tmp_path: Path) -> None:
        assert read(write(tmp_path, "a.tsv", "id\ttext\n1\ta,b\n")) == [Article("a,b", "1")]
        (error,) = errors(read(write(tmp_path, "b.tsv", "id,text\n1,b\n")))
        assert "there is no column 'text' in the header (id,text)." in error

    def test_can_be_named(self, tmp_path: Path) -> None:
        path = write(tmp_path, "a.csv", "id،text\n1،a;b\n")
        assert read(path, delimiter="،") == [Article("a;b", "1")]
        assert read(write(tmp_path, "b.tsv", "id|text\n1|a\n"), delimiter="|") == [Article("a", "1")]


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    for content in ("id,text", "id,text\n", "\n\nid,text\r\n\r\n"):
        path = write(tmp_path, "a.csv", content)
        assert (read(path), marks(Source(path))) == ([], [])
