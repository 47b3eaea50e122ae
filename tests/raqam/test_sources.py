"""Readers: what each kind of input gives, and that a bad row is named and costs nothing else."""

from __future__ import annotations

import codecs
import datetime as dt
import io
import json
import sys
from pathlib import Path

import pytest

from raqam.errors import SourceError
from raqam.lines import LINE_LIMIT, read_lines
from raqam.records import MAX_CHARACTERS, Article
from raqam.sources import Row, Source, find_sources

TEXT = "استاندار همدان امروز آمد."


def read(path: Path) -> list[Article | SourceError]:
    """Everything *path* holds, in order."""
    return [row.found for source in find_sources([str(path)]) for row in _rows(source)]


def _rows(source: Source | SourceError) -> list[Row]:
    assert isinstance(source, Source), source
    return list(source.rows())


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def ids(found: list[Article | SourceError]) -> list[str | None]:
    return [article.id for article in found if isinstance(article, Article)]


def errors(found: list[Article | SourceError]) -> list[str]:
    return [str(error) for error in found if isinstance(error, SourceError)]


class TestText:
    def test_is_one_article_named_after_its_file(self, tmp_path: Path) -> None:
        assert read(write(tmp_path, "a.txt", TEXT)) == [Article(TEXT, "a.txt")]

    @pytest.mark.parametrize("text", ["a\r\nb\r\n", "a\rb\x85c\u2028d\x0be", " a\n\n", "a\x00b"])
    def test_keeps_every_character(self, tmp_path: Path, text: str) -> None:
        assert read(write(tmp_path, "a.txt", text)) == [Article(text, "a.txt")]

    @pytest.mark.parametrize(
        "content",
        [
            codecs.BOM_UTF8 + TEXT.encode(),
            codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
            codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        ],
        ids=["utf-8", "utf-16-le", "utf-16-be"],
    )
    def test_a_byte_order_mark_is_no_part_of_it(self, tmp_path: Path, content: bytes) -> None:
        assert read(write(tmp_path, "a.txt", content)) == [Article(TEXT, "a.txt")]

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "'text' is blank"),
            (b" \r\n\t", "'text' is blank"),
            (b"a\n\xe9t\xe9", "a.txt:2: not valid UTF-8: byte 0xE9 at offset 2; save the text as UTF-8."),
            (codecs.BOM_UTF8 + b"a\xff", "byte 0xFF at offset 4"),
            (b"\xed\xa0\x80", "byte 0xED at offset 0"),
            (codecs.BOM_UTF16_LE + b"a\x00\x00\xd8", "lone surrogate (U+D800) at character 1"),
            (codecs.BOM_UTF16_LE + b"a\x00b", "a.txt:1: not valid UTF-16: truncated data."),
            (b"a" * (MAX_CHARACTERS + 1), "'text' has 200,001 characters; the limit is 200,000."),
            (b"a\n" * MAX_CHARACTERS, "'text' has 400,000 characters"),
            (b"a\n" * LINE_LIMIT, "over 3,200,000 characters; the limit is 200,000."),
            (b"a" * (LINE_LIMIT + 1), "the line has over 3,200,000 bytes; an article has at most 200,000 characters."),
        ],
        ids=range(11),
    )
    def test_what_cannot_be_annotated_is_named(self, tmp_path: Path, content: bytes, why: str) -> None:
        path = write(tmp_path, "a.txt", content)
        (error,) = errors(read(path))
        assert error.startswith(f"{path}:")
        assert why in error

    def test_of_the_greatest_length_is_read(self, tmp_path: Path) -> None:
        (article,) = read(write(tmp_path, "a.txt", "\N{GRINNING FACE}" * MAX_CHARACTERS))
        assert isinstance(article, Article)
        assert len(article.text) == MAX_CHARACTERS


class TestJsonLines:
    def test_gives_an_article_a_line(self, tmp_path: Path) -> None:
        lines = [{"text": "یک", "id": "x"}, {"text": "دو"}, {"text": "سه", "published": "2025-09-25", "id": None}]
        found = read(write(tmp_path, "a.jsonl", "".join(json.dumps(line) + "\n" for line in lines)))
        assert found == [
            Article("یک", "x"),
            Article("دو", "a.jsonl:2"),
            Article("سه", "a.jsonl:3", dt.date(2025, 9, 25)),
        ]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_blank_lines_line_ends_and_encodings(self, tmp_path: Path, encoding: str, end: str) -> None:
        content = end.join(['{"text": "a\u2028b"}', "", "  ", '{"text": "ب"}']).encode(encoding)
        assert read(write(tmp_path, "a.NDJSON", content)) == [
            Article("a\u2028b", "a.NDJSON:1"),
            Article("ب", "a.NDJSON:4"),
        ]

    def test_an_annotated_article_can_be_annotated_again(self, tmp_path: Path) -> None:
        line = '{"text": "a", "id": "b", "model": "m@1", "spans": [{"start": 0}], "facts": []}'
        assert read(write(tmp_path, "a.jsonl", line)) == [Article("a", "b")]

    @pytest.mark.parametrize(
        ("line", "why", "field"),
        [
            ('{"text": "a",}', "not valid JSON at column 14: ", "source"),
            ("[" * 100_000, "not valid JSON: it is nested too deeply.", "source"),
            ('{"text": ' + "1" * 5000 + "}", "not valid JSON: a number has too many digits.", "source"),
            ('["a"]', "a line must be one JSON object", "source"),
            ("null", "a line must be one JSON object", "source"),
            ("{}", "'text' is missing.", "text"),
            ('{"text": null}', "'text' must be a string, not null.", "text"),
            ('{"text": 7}', "'text' must be a string, not a number.", "text"),
            ('{"text": NaN}', "'text' must be a string, not a number.", "text"),
            ('{"text": "\\u200a "}', "'text' is blank", "text"),
            ('{"text": "a\\ud83d"}', "lone surrogate (U+D83D) at character 1", "text"),
            ('{"text": "' + "a" * (MAX_CHARACTERS + 1) + '"}', "200,001 characters", "text"),
            ('{"text": "' + "a" * LINE_LIMIT + '"}', "the line has over 3,200,000 bytes", "source"),
            ('{"text": "a", "id": 5}', "'id' must be a string, not a number.", "id"),
            ('{"text": "a", "title": ""}', "unknown field 'title'; allowed are id, text, published.", "title"),
            ('{"text": "a", "published": "2025-02-30"}', "'published' must be an ISO date", "published"),
            ('{"text": "a", "published": 20250225}', "'published' must be an ISO date", "published"),
            (b'{"text": "\xe9"}', "not valid UTF-8: byte 0xE9 at offset 26;", "source"),
        ],
        ids=range(18),
    )
    def test_a_bad_line_is_named_and_the_rest_goes_on(
        self, tmp_path: Path, line: str | bytes, why: str, field: str
    ) -> None:
        bad = line if isinstance(line, bytes) else line.encode()
        path = write(tmp_path, "a.jsonl", b'{"text": "one"}\n' + bad + b'\n{"text": "three"}')
        found = read(path)
        assert ids(found) == ["a.jsonl:1", "a.jsonl:3"]
        (error,) = [each for each in found if isinstance(each, SourceError)]
        assert str(error).startswith(f"{path}:2: ")
        assert why in str(error)
        assert error.field == field

    def test_an_escaped_article_of_the_greatest_length_is_read(self, tmp_path: Path) -> None:
        line = json.dumps({"text": "\N{GRINNING FACE}" * MAX_CHARACTERS})
        assert ids(read(write(tmp_path, "a.jsonl", line + "\n" + line))) == ["a.jsonl:1", "a.jsonl:2"]

    def test_a_broken_end_of_utf16_costs_the_last_line(self, tmp_path: Path) -> None:
        found = read(write(tmp_path, "a.jsonl", '{"text": "a"}\n{'.encode("utf-16") + b"x"))
        assert ids(found) == ["a.jsonl:1"]
        assert ["a.jsonl:2: not valid UTF-16" in error for error in errors(found)] == [True]

    def test_an_over_long_line_of_utf16_is_named(self, tmp_path: Path) -> None:
        lines = ['{"text": "' + "ا" * LINE_LIMIT + '"}', '{"text": "b"}']
        found = read(write(tmp_path, "a.jsonl", "\n".join(lines).encode("utf-16")))
        assert ids(found) == ["a.jsonl:2"]
        assert ["a.jsonl:1: the line has over" in error for error in errors(found)] == [True]


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
            ("id;text", "there is no column 'text' in the header (id;text)."),
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

    def test_a_quote_that_is_never_closed_is_named_where_it_opens(self, tmp_path: Path) -> None:
        found = read(write(tmp_path, "a.csv", 'text\nfirst\n"open\nlast\n'))
        assert ids(found) == ["a.csv:2"]
        assert ["a.csv:3: not valid CSV: a quote opens here" in error for error in errors(found)] == [True]

    def test_a_field_without_end_is_cut_off(self, tmp_path: Path) -> None:
        found = read(write(tmp_path, "a.csv", 'text\n"' + "open\n" * (LINE_LIMIT // 5 + 1)))
        assert "a.csv:2: not valid CSV: a field has over 3,200,000 characters" in errors(found)[0]

    def test_a_field_above_the_default_limit_of_the_parser_is_read(self, tmp_path: Path) -> None:
        (article,) = read(write(tmp_path, "a.csv", "text\n" + "ب" * MAX_CHARACTERS))
        assert isinstance(article, Article)


class TestStandardInput:
    @staticmethod
    def read(monkeypatch: pytest.MonkeyPatch, content: bytes) -> list[Article | SourceError]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return [row.found for source in find_sources(["-"]) for row in _rows(source)]

    def test_plain_text_is_one_article(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.read(monkeypatch, f"\r\n {TEXT}\n{{}}".encode()) == [Article(f"\r\n {TEXT}\n{{}}", "stdin")]

    def test_json_lines_begin_with_a_brace(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.read(monkeypatch, b'\n  \n {"text": "a"}\n7\n{"text": "b", "id": "c"}\n')
        assert ids(found) == ["stdin:3", "c"]
        assert errors(found) == ['standard input:4: a line must be one JSON object such as {"text": "…"}.']

    def test_json_lines_in_utf16(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert ids(self.read(monkeypatch, '{"text": "a"}\r\n{"text": "b"}'.encode("utf-16"))) == ["stdin:1", "stdin:2"]

    @pytest.mark.parametrize("content", [b"", b"\n\n"])
    def test_nothing_is_a_blank_text(self, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
        assert errors(self.read(monkeypatch, content)) == [
            "standard input: 'text' is blank: there is nothing to annotate."
        ]

    def test_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", None)
        (row,) = Source(None).rows()
        assert str(row.found) == "standard input: cannot be read: it is closed."


class TestFindSources:
    def test_a_folder_gives_its_files_by_name(self, tmp_path: Path) -> None:
        for name in ("b.txt", "a.csv", "c.jsonl", "d.ndjson", "e.TXT", "notes.md", "f.txt.bak"):
            write(tmp_path, name, "x")
        (tmp_path / "inner.txt").mkdir()
        found = find_sources([str(tmp_path), "-"])
        assert found == [
            *(Source(tmp_path / name) for name in ("a.csv", "b.txt", "c.jsonl", "d.ndjson", "e.TXT")),
            Source(None),
        ]

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("absent.txt", "there is no such file or folder."),
            ("a\x00b.txt", "there is no such file or folder."),
            ("empty", "the folder holds no .txt, .jsonl, .ndjson, .csv file."),
            ("a.parquet", "Parquet is not read; write the table as JSON Lines first"),
            ("a.doc", "the kind of a file is told by its suffix (.txt, .jsonl, .ndjson, .csv)"),
        ],
    )
    def test_what_is_no_source_is_named(self, tmp_path: Path, name: str, why: str) -> None:
        (tmp_path / "empty").mkdir()
        for present in ("a.parquet", "a.doc"):
            write(tmp_path, present, "x")
        (error,) = find_sources([str(tmp_path / name)])
        assert isinstance(error, SourceError)
        assert why in str(error)

    def test_an_empty_name_is_not_the_current_folder(self) -> None:
        assert [str(each) for each in find_sources([""])] == ["'': there is no such file or folder."]

    def test_a_file_that_goes_away_is_an_error(self, tmp_path: Path) -> None:
        (row,) = Source(tmp_path / "a.txt").rows()
        assert str(row.found) == f"{tmp_path / 'a.txt'}: cannot be read: No such file or directory."

    def test_names_that_are_no_text_are_made_printable(self, tmp_path: Path) -> None:
        source = Source(tmp_path / "a\x1b\udcffb.txt")
        assert source.id_at() == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b.txt"
        assert source.place(3).endswith("b.txt:3")


def test_sizes_add_up_to_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", f'id,text\n1,"{TEXT}\n{TEXT}"\n2\n3,\xe9\n'.encode())
    rows = list(Source(path).rows())
    assert Source(path).size == len("id,text\n") + sum(row.size for row in rows)


@pytest.mark.parametrize("content", [b"", b"\n", b"a", b"a\n", b"a\n\n b\r\n"])
def test_lines_join_to_what_was_read(content: bytes) -> None:
    lines = list(read_lines(io.BytesIO(content)))
    assert "".join(line.text for line in lines).encode() == content
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
