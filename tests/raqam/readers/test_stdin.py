"""Standard input: JSON Lines or one text."""

from __future__ import annotations

import io
import sys

import pytest

from raqam.errors import SourceError
from raqam.readers import Source
from raqam.records import Article
from tests.raqam.readers.reading import TEXT, errors, ids


class TestStandardInput:
    @staticmethod
    def read(monkeypatch: pytest.MonkeyPatch, content: bytes) -> list[Article | SourceError]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return [row.found for row in Source(None).rows()]

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
