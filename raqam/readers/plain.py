"""Plain text: the whole of a source is one article."""

from __future__ import annotations

import io
from collections.abc import Iterator

from raqam.errors import SourceError
from raqam.readers.encodings import Encoding, find_encoding
from raqam.readers.lines import LINE_LIMIT, Line, read_lines
from raqam.readers.options import Options
from raqam.readers.rows import START, Cut, Mark, refused
from raqam.records import MAX_CHARACTERS


def cut_text(stream: io.BufferedReader, options: Options, _start: Mark) -> Iterator[Cut]:
    """The whole of *stream* as one cut; line ends stay as they are."""
    encoding = find_encoding(stream.peek(), options.encoding)
    yield text_cut(read_lines(stream, encoding), encoding)


def text_cut(lines: Iterator[Line], encoding: Encoding) -> Cut:
    """All *lines* as one article, or the first mistake in them."""
    parts: list[str] = []
    size = length = 0
    for line in lines:
        size += line.size
        try:
            parts.append(_text_of(line, encoding))
        except SourceError as error:
            return refused(START, error, line.number, size)
        length += len(parts[-1])
        if length > LINE_LIMIT:
            why = f"the text has over {LINE_LIMIT:,} characters; the limit is {MAX_CHARACTERS:,}."
            return refused(START, SourceError(why, reason="too_long", field="text"), None, size)
    text = "".join(parts)
    return Cut(START, size, None, lambda: {"text": text})


def _text_of(line: Line, encoding: Encoding) -> str:
    if line.error is not None:
        raise line.error
    return encoding.decode(line.raw, line.offset)
