"""Plain text: one article, every character of it."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from raqam.readers.lines import LINE_LIMIT
from raqam.records import MAX_CHARACTERS, Article
from tests.raqam.readers.reading import TEXT, errors, read, write


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
