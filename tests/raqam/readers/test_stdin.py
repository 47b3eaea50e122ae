"""Standard input: JSON Lines or one text."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

import pytest

from raqam.errors import SourceError
from raqam.readers import Source
from raqam.records import Article
from tests.raqam.readers.reading import TEXT, errors, ids, shape

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

OLD = "استاندار همدان به معادن كشور رفت."


class Dribble(io.BytesIO):
    """Bytes that come a few at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self._few = size

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        return super().readinto(memoryview(buffer)[: self._few])


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

    def test_json_lines_of_another_encoding_are_told_by_the_sample(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = ['{"text": "a"}', '{"text": "قم", "id": "شهر"}', f'{{"text": "{OLD}"}}'] * 3
        found = self.read(monkeypatch, "\n".join(lines).encode("cp1256"))
        assert [article for article in found if isinstance(article, Article)][1:3] == [
            Article("قم", "شهر"),
            Article(OLD, "stdin:3"),
        ]
        assert len(found) == 9

    def test_a_mistake_in_utf8_costs_its_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.read(
            monkeypatch,
            f'{{"text": "{TEXT}"}}\n{{"text": "\udce9 {TEXT}"}}\n{{"text": "a"}}'.encode("utf-8", "surrogateescape"),
        )
        assert ids(found) == ["stdin:1", "stdin:3"]

    @pytest.mark.parametrize("content", [b"", b"\n\n"])
    def test_nothing_is_a_blank_text(self, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
        assert errors(self.read(monkeypatch, content)) == [
            "standard input: 'text' is blank: there is nothing to annotate."
        ]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1256"])
    @pytest.mark.parametrize("kind", ["text", "lines"])
    def test_what_is_read_is_the_same_however_it_comes(
        self, monkeypatch: pytest.MonkeyPatch, encoding: str, kind: str
    ) -> None:
        lines = [
            "",
            " " if encoding == "cp1256" else " \u00a0",
            "{}",
            '{"text": "abc"}',
            f'{{"text": "{OLD}"}}',
            '{"text": "قم"}',
        ] * 4
        content = "\n".join(lines if kind == "lines" else [OLD, "قم", *lines]).encode(encoding)
        found = []
        for size in (len(content), 1, 3, 70):
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Dribble(content, size))))
            found.append(list(map(shape, Source(None).rows())))
        assert found == [found[0]] * 4
        assert len(found[0]) == (16 if kind == "lines" else 1)
        assert sum(isinstance(row[0], Article) for row in found[0]) == (12 if kind == "lines" else 1)

    def test_a_line_of_utf8_is_read_before_the_next_comes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        reading, writing = os.pipe()
        with open(reading, encoding="utf-8") as stdin, open(writing, "wb", buffering=0) as stdout:
            monkeypatch.setattr(sys, "stdin", stdin)
            rows = Source(None).rows()
            for number in range(1, 4):
                stdout.write(f'{{"text": "{TEXT}"}}\n'.encode())
                assert next(rows).found == Article(TEXT, f"stdin:{number}")

    def test_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", None)
        (row,) = Source(None).rows()
        assert str(row.found) == "standard input: cannot be read: it is closed."
