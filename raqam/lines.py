"""Lines of a byte stream, decoded one by one, so that a line that is not valid text leaves the others alone."""

from __future__ import annotations

import codecs
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from raqam.records import MAX_CHARACTERS

LINE_LIMIT: Final = 16 * MAX_CHARACTERS
"""Bytes of one line: room for an article whose every character is a JSON escape of a surrogate pair (12 bytes)."""

_TOO_LONG: Final = f"the line has over {LINE_LIMIT:,} bytes; an article has at most {MAX_CHARACTERS:,} characters."


@dataclass(frozen=True, slots=True)
class Line:
    r"""A decoded line with its line end as it was (``\n`` or ``\r\n``), its number from 1 and its bytes.

    Where ``error`` is set, the line is not valid: it says why, and ``text`` only keeps the shape (quotes, commas).
    """

    text: str
    number: int
    size: int
    error: str | None = None


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    r"""Yield the lines of *stream*, ended by ``\n`` alone: UTF-8, or UTF-16 with a byte order mark.

    >>> [line.text for line in read_lines(io.BytesIO(b"\xef\xbb\xbfa\r\nb"))]
    ['a\r\n', 'b']
    """
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, stream))
    wide = buffered.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return _wide_lines(buffered) if wide else _narrow_lines(buffered)


def _narrow_lines(stream: BinaryIO) -> Iterator[Line]:
    """Lines of UTF-8; an error names the byte and its offset in the stream, from 0."""
    offset = 0
    for number in itertools.count(1):
        raw = stream.readline(LINE_LIMIT)
        if not raw:
            return
        if len(raw) == LINE_LIMIT and not raw.endswith(b"\n"):
            line = Line("", number, len(raw) + _skip_line(stream), _TOO_LONG)
        else:
            line = _decoded(raw, number, offset)
        yield line
        offset += line.size


def _decoded(raw: bytes, number: int, offset: int) -> Line:
    mark = len(codecs.BOM_UTF8) if offset == 0 and raw.startswith(codecs.BOM_UTF8) else 0
    try:
        return Line(raw[mark:].decode(), number, len(raw))
    except UnicodeDecodeError as error:
        at = mark + error.start
        why = f"not valid UTF-8: byte 0x{raw[at]:02X} at offset {offset + at}; save the text as UTF-8."
        return Line(raw[mark:].decode(errors="surrogateescape"), number, len(raw), why)


def _wide_lines(stream: BinaryIO) -> Iterator[Line]:
    """Lines of UTF-16; lone surrogates pass, for the check of the text to name them."""
    text = io.TextIOWrapper(stream, "utf-16", errors="surrogatepass", newline="\n")
    number = 1
    try:
        while part := text.readline(LINE_LIMIT):
            if len(part) == LINE_LIMIT and not part.endswith("\n"):
                yield Line("", number, 2 * (len(part) + _skip_line(text)), _TOO_LONG)
            else:
                yield Line(part, number, 2 * len(part))
            number += 1
    except UnicodeDecodeError as error:
        yield Line("", number, 0, f"not valid UTF-16: {error.reason}.")
    finally:
        text.detach()


def _skip_line(stream: BinaryIO | io.TextIOWrapper) -> int:
    """Read to the end of the current line and return how much that was."""
    skipped = 0
    while part := stream.readline(LINE_LIMIT):
        skipped += len(part)
        if part[-1:] in (b"\n", "\n"):
            break
    return skipped
