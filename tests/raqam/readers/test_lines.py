"""Lines: cut at line ends alone, numbered, with their offsets, in bounded memory."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.readers.encodings import Encoding, find_encoding
from raqam.readers.lines import LINE_LIMIT, read_lines
from raqam.readers.rows import Mark

WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


def buffered(content: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(content))


@pytest.mark.parametrize("content", [b"", b"\n", b"a", b"a\n", b"a\n\n b\r\n"])
def test_join_to_what_was_read(content: bytes) -> None:
    lines = list(read_lines(buffered(content), Encoding()))
    assert b"".join(line.raw for line in lines) == content
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert [line.offset for line in lines] == [sum(line.size for line in lines[:at]) for at in range(len(lines))]


@given(st.text(st.sampled_from("a\n\r\u0a0a\u0a00\u010a\U00010a0aب\u200c")), st.sampled_from(WIDE))
def test_of_wide_encodings_are_those_of_the_text(text: str, name: str) -> None:
    content = text.encode(name)
    lines = list(read_lines(buffered(content), find_encoding(content, name)))
    assert "".join(line.raw.decode(name) for line in lines) == text
    assert len(lines) == len(io.StringIO(text, newline="\n").readlines())


@pytest.mark.parametrize("name", ["utf-8", "utf-16-be", "utf-32-le"])
def test_an_over_long_line_is_passed_over(name: str) -> None:
    content = ("x" * (3 * LINE_LIMIT) + "\nب\n").encode(name)
    long, short = read_lines(buffered(content), find_encoding(b"", name))
    assert (long.raw, long.error is None, short.raw) == (b"", False, "ب\n".encode(name))
    assert (short.number, short.offset) == (2, long.size)


def test_begin_at_a_mark() -> None:
    stream = buffered("الف\nب\n".encode())
    stream.seek(7)
    (line,) = read_lines(stream, Encoding(), Mark(1, 2, 7))
    assert (line.raw, line.number, line.offset) == ("ب\n".encode(), 2, 7)
