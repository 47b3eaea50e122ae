"""JSON Lines: one object a line; blank lines are passed over."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from functools import partial

from raqam.errors import SourceError
from raqam.readers.encodings import Encoding, find_encoding
from raqam.readers.lines import Line, read_lines
from raqam.readers.options import Options
from raqam.readers.rows import Cut, Mark, Values

_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


def cut_json(stream: io.BufferedReader, options: Options, start: Mark) -> Iterator[Cut]:
    """The lines of *stream* from *start* that are not blank."""
    encoding = find_encoding(stream.peek(), options.encoding)
    if start.offset:
        stream.seek(start.offset)
    return json_cuts(read_lines(stream, encoding, start), encoding, options, start.row)


def json_cuts(lines: Iterable[Line], encoding: Encoding, options: Options, row: int = 0) -> Iterator[Cut]:
    """A cut for each of *lines* that is not blank; the first is row number *row*."""
    for line in lines:
        if line.error is not None or not is_blank(line, encoding):
            mark = Mark(row, line.number, line.offset)
            yield Cut(mark, line.size, line.number, partial(_values, line, encoding, options))
            row += 1


def is_blank(line: Line, encoding: Encoding) -> bool:
    """Whether *line* is white space alone; most lines tell by their first byte that they are not."""
    return not line.raw.startswith(b"{") and not encoding.shape(line.raw, line.offset).strip()


def _values(line: Line, encoding: Encoding, options: Options) -> Values:
    if line.error is not None:
        raise line.error
    # Files that were put together bring the marks at their starts into the middle.
    text = encoding.decode(line.raw, line.offset).removeprefix(_BYTE_ORDER_MARK)
    values = options.pick(_json_object(text))
    return {field: _plain(field, value) for field, value in values.items()}


def _plain(field: str, value: object) -> object:
    """*value* as tables give it: an id that is a whole number is text; ids and dates that are empty are none."""
    if field == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None if value == "" and field != "text" else value


def _json_object(text: str) -> Values:
    """The JSON object that *text* holds, or raise :class:`SourceError`."""
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(f"not valid JSON at column {error.colno}: {error.msg}.", reason="invalid_json") from error
    except RecursionError as error:
        raise SourceError("not valid JSON: it is nested too deeply.", reason="invalid_json") from error
    except ValueError as error:  # a number of more digits than Python converts
        raise SourceError("not valid JSON: a number has too many digits.", reason="invalid_json") from error
    if not isinstance(values, dict):
        raise SourceError('a line must be one JSON object such as {"text": "…"}.', reason="not_an_object")
    return values
