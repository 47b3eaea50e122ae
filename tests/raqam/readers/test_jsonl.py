"""JSON Lines: what each line gives, and that a bad one is named and costs nothing else."""

from __future__ import annotations

import codecs
import datetime as dt
import json
from pathlib import Path

import pytest

from raqam.errors import SourceError
from raqam.readers.lines import LINE_LIMIT
from raqam.records import MAX_CHARACTERS, Article
from tests.raqam.readers.reading import errors, ids, read, write


class TestJsonLines:
    def test_gives_an_article_a_line(self, tmp_path: Path) -> None:
        lines = [{"text": "یک", "id": "x"}, {"text": "دو"}, {"text": "سه", "published": "2025-09-25", "id": None}]
        found = read(write(tmp_path, "a.jsonl", "".join(json.dumps(line) + "\n" for line in lines)))
        assert found == [
            Article("یک", "x"),
            Article("دو", "a.jsonl:2"),
            Article("سه", "a.jsonl:3", dt.date(2025, 9, 25)),
        ]

    def test_ids_that_are_whole_numbers_and_empty_values_are_as_in_tables(self, tmp_path: Path) -> None:
        lines = ['{"text": "a", "id": 12345678901234567890}', '{"text": "b", "id": "", "published": ""}']
        found = read(write(tmp_path, "a.jsonl", "\n".join(lines)))
        assert found == [Article("a", "12345678901234567890"), Article("b", "a.jsonl:2")]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
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
            ('{"text": "a", "id": 5.0}', "'id' must be a string, not a number.", "id"),
            ('{"text": "a", "id": true}', "'id' must be a string, not a boolean.", "id"),
            ('{"text": "a", "title": ""}', "unknown field 'title'; allowed are id, text, published.", "title"),
            ('{"text": "a", "published": "2025-02-30"}', "'published' must be an ISO date", "published"),
            ('{"text": "a", "published": 20250225}', "'published' must be an ISO date", "published"),
            (b'{"text": "\xe9"}', "not valid UTF-8: byte 0xE9 at offset 26;", "source"),
        ],
        ids=range(19),
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

    def test_marks_in_the_middle_are_of_files_put_together(self, tmp_path: Path) -> None:
        part = codecs.BOM_UTF8 + b'{"text": "\xef\xbb\xbfa"}\n'
        assert read(write(tmp_path, "a.jsonl", part * 2)) == [
            Article("\ufeffa", "a.jsonl:1"),
            Article("\ufeffa", "a.jsonl:2"),
        ]
