"""Lines of a byte stream, cut without decoding them, so that a line that is not valid text leaves the others alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from raqam.errors import SourceError
from raqam.readers.encodings import Encoding
from raqam.readers.failures import MACHINE, unreadable
from raqam.readers.rows import START, Mark
from raqam.records import MAX_CHARACTERS

LINE_LIMIT: Final = 16 * MAX_CHARACTERS
"""Characters of one line: room for an article whose every character is a JSON escape of a surrogate pair (12)."""


@dataclass(frozen=True, slots=True)
class Line:
    r"""The bytes of a line with its line end as it was, its number from 1, its offset and its bytes in the source.

    Where ``error`` is set, the line cannot be read, and ``raw`` is empty.
    """

    raw: bytes
    number: int
    offset: int
    size: int
    error: SourceError | None = None


def read_lines(stream: io.BufferedReader, encoding: Encoding, start: Mark = START) -> Iterator[Line]:
    r"""Yield the lines of *stream*, which stands at *start*, ended by ``\n`` alone.

    What cannot be read, such as the end of a damaged archive, is one last line with an error. Raises
    :class:`SourceError` where the machine fails, which says nothing of what follows.

    >>> stream = io.BufferedReader(io.BytesIO(b"a\r\nb"))
    >>> [(line.raw, line.number, line.offset) for line in read_lines(stream, Encoding())]
    [(b'a\r\n', 1, 0), (b'b', 2, 3)]
    """
    number, offset = start.line, start.offset
    limit = LINE_LIMIT * len(encoding.newline)
    readline = stream.readline if len(encoding.newline) == 1 else _WideLines(stream, encoding.newline).readline
    try:
        while raw := readline(limit):
            size = len(raw)
            if size >= limit and not raw.endswith(encoding.newline):
                while part := readline(limit):
                    size += len(part)
                    if part.endswith(encoding.newline):
                        break
                yield Line(b"", number, offset, size, _too_long(limit))
            else:
                yield Line(raw, number, offset, size)
            number += 1
            offset += size
    except OSError as error:
        found = unreadable(error)
        if found.reason in MACHINE:
            raise found from error
        yield Line(b"", number, offset, 0, found)


def _too_long(limit: int) -> SourceError:
    why = f"the line has over {limit:,} bytes; an article has at most {MAX_CHARACTERS:,} characters."
    return SourceError(why, reason="too_long")


class _WideLines:
    """Lines of an encoding whose units are of several bytes: a byte 0x0A is no line end elsewhere in a unit."""

    def __init__(self, stream: io.BufferedReader, newline: bytes) -> None:
        self._stream = stream
        self._newline = newline
        self._before = newline.index(b"\n")

    def readline(self, limit: int) -> bytes:
        """The bytes to the end of the line, or about *limit* of them, always whole units except at the end."""
        width = len(self._newline)
        raw = bytearray()
        while len(raw) < limit:
            part = self._stream.readline(limit - len(raw))
            raw += part
            over = len(raw) % width
            if part and over:
                raw += self._stream.read(width - over)
            if not part or (part.endswith(b"\n") and raw.endswith(self._newline)):
                break
        return bytes(raw)
