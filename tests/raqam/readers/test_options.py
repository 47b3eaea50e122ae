"""Options: names of columns, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from raqam.errors import SourceError
from raqam.readers import Options
from raqam.records import Article
from tests.raqam.readers.reading import errors, read, write


class TestNames:
    def test_of_fields(self, tmp_path: Path) -> None:
        path = write(tmp_path, "a.jsonl", '{"متن": "قم", "کد": "ب", "id": "x", "روز": "2025-09-25", "تیتر": []}')
        assert read(path, text="متن", id="کد", published="روز") == [Article("قم", "ب", dt.date(2025, 9, 25))]

    def test_of_columns_in_persian(self, tmp_path: Path) -> None:
        path = write(tmp_path, "a.csv", "تیتر,متن\u200cخبر ,تیتر\nالف,ب,پ\n")
        assert read(path, text="متن\u200cخبر") == [Article("ب", "a.csv:2")]

    def test_that_are_not_given_are_the_usual_ones(self, tmp_path: Path) -> None:
        path = write(tmp_path, "a.csv", "id,body,published,other\n1,a,,z\n")
        assert read(path, text="body") == [Article("a", "1")]

    def test_that_are_missing_are_named(self, tmp_path: Path) -> None:
        lines = write(tmp_path, "a.jsonl", '{"text": "a"}')
        assert errors(read(lines, text="متن")) == [f"{lines}:1: 'متن' is missing."]
        table = write(tmp_path, "a.csv", "text\na\n")
        assert errors(read(table, text="متن")) == [f"{table}:1: there is no column 'متن' in the header (text)."]

    def test_a_column_that_is_read_must_be_one(self, tmp_path: Path) -> None:
        table = write(tmp_path, "a.csv", "body,body\na,b\n")
        assert "a column is named twice in the header (body,body)." in errors(read(table, text="body"))[0]


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "\r", "😀", "\ud800", "space"])
def test_a_delimiter_that_is_none_is_refused(delimiter: str) -> None:
    with pytest.raises(SourceError, match=r"^The delimiter must be one character such as"):
        Options(delimiter=delimiter)


@pytest.mark.parametrize(
    ("delimiter", "separator"), [(None, None), (";", ";"), ("tab", "\t"), (r"\t", "\t"), ("\t", "\t"), ("،", "،")]
)
def test_delimiters(delimiter: str | None, separator: str | None) -> None:
    assert Options(delimiter=delimiter).separator == separator
