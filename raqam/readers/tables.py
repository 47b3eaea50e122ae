"""Separated values, CSV and TSV, with a header; a quoted field may hold line ends and doubled quotes."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from raqam.errors import SourceError
from raqam.readers.encodings import SAMPLE, Encoding, find_encoding
from raqam.readers.lines import LINE_LIMIT, Line, read_lines
from raqam.readers.options import Options
from raqam.readers.rows import START, Cut, Mark, Values, refused
from raqam.records import MAX_CHARACTERS

_DELIMITERS: Final = (",", ";", "\t", "|")

#: Lines of one row; its bytes are limited as those of a line are.
_MOST_LINES: Final = MAX_CHARACTERS

#: What the parser says of a quote that nothing closes.
_OPEN: Final = "unexpected end of data"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: the line it begins on, that line's offset, its bytes, and its fields or what is wrong with it.

    A row of one line without quotes is not split yet: it has its ``raw`` bytes.
    """

    line: int
    offset: int
    size: int
    raw: bytes | None = None
    fields: Sequence[str] = ()
    error: SourceError | None = None


@dataclass(frozen=True, slots=True)
class _Table:
    """How the rows of one table are split, and where in them the fields of an article stand."""

    encoding: Encoding
    delimiter: str
    columns: Mapping[str, int]
    width: int

    def values(self, row: TableRow) -> Values:
        """The values of *row*; empty ids and dates are none. Raises :class:`SourceError`."""
        fields = split(row, self.encoding, self.delimiter)
        if len(fields) != self.width:
            why = f"expected {self.width} fields, as in the header, found {len(fields)}."
            raise SourceError(why, reason="invalid_csv")
        found = {field: fields[at] for field, at in self.columns.items()}
        return {field: value if value or field == "text" else None for field, value in found.items()}


def cut_table(
    stream: io.BufferedReader, options: Options, start: Mark, *, delimiter: str | None = None
) -> Iterator[Cut]:
    """The rows of *stream* from *start*, below the header that each entry reads again."""
    sample = stream.peek()
    encoding = find_encoding(sample, options.encoding)
    delimiter = options.separator or delimiter or _sniffed(sample, encoding, options)
    rows = read_rows(read_lines(stream, encoding), encoding, delimiter)
    header = next(rows, None)
    if header is None:
        why = "the file is empty; a CSV file begins with the header id,text,published."
        yield refused(START, SourceError(why, reason="empty"))
        return
    try:
        names = [name.strip() for name in split(header, encoding, delimiter)]
        table = _Table(encoding, delimiter, options.columns(names), len(names))
    except SourceError as error:
        yield refused(Mark(0, header.line, header.offset), error, header.line, header.size)
        return
    if start.offset:
        stream.seek(start.offset)
        rows = read_rows(read_lines(stream, encoding, start), encoding, delimiter)
    for number, row in enumerate(rows, start.row if start.offset else 0):
        yield Cut(Mark(number, row.line, row.offset), row.size, row.line, partial(table.values, row))


def read_rows(lines: Iterable[Line], encoding: Encoding, delimiter: str) -> Iterator[TableRow]:
    r"""Yield the rows of *lines*; blank lines are passed over, and a row that is not valid has an error.

    >>> lines = [Line(b"a,b\n", 1, 0, 4), Line(b'"1\n', 2, 4, 3), Line(b'2",3\n', 3, 7, 5)]
    >>> [(row.line, row.raw, row.fields) for row in read_rows(lines, Encoding(), ",")]
    [(1, b'a,b\n', ()), (2, None, ['1\n2', '3'])]
    """
    csv.field_size_limit(max(csv.field_size_limit(), LINE_LIMIT))
    ahead = _Ahead(iter(lines), encoding, delimiter)
    while (line := ahead.pop()) is not None:
        if line.error is None and len(encoding.newline) == 1 and b'"' not in line.raw:
            if line.raw.strip(b"\r\n"):
                yield TableRow(line.number, line.offset, line.size, line.raw)
            continue
        row = _quoted_row(line, ahead)
        if row.fields or row.error is not None:
            yield row


class _Ahead:
    """Lines, of which some are read ahead to see where a quote that is open is closed.

    All lines that are held, but perhaps the last, leave an open quote open. So what was found for one row holds for
    those that begin within it, if it comes to them, and is not looked for again.
    """

    def __init__(self, lines: Iterator[Line], encoding: Encoding, delimiter: str) -> None:
        self.encoding = encoding
        self.delimiter = delimiter
        self._lines = lines
        self._limit = LINE_LIMIT * len(encoding.newline)
        self._held: deque[Line] = deque()
        self._size = 0
        self._ends = False
        self._wrong: str | None = None

    def pop(self) -> Line | None:
        """The next line, None at the end."""
        if not self._held:
            return next(self._lines, None)
        line = self._held.popleft()
        self._size -= line.size
        self._ends = self._ends and bool(self._held)
        return line

    def close(self, first: Line) -> list[Line]:
        """Take the lines up to where the quote is closed that *first* leaves open.

        Raises :class:`SourceError`, and takes none, where it is not closed, or not within the limits of a row.
        """
        while not self._ends and self._fits(first) and (line := next(self._lines, None)) is not None:
            self._held.append(line)
            self._size += line.size
            self._wrong = self._wrong_behind(line)
            self._ends = self._wrong != _OPEN
        if not self._fits(first):
            why = f"a quote opens here that is not closed within {self._limit:,} bytes or {_MOST_LINES:,} lines."
            raise SourceError(f"not valid CSV: {why}", reason="too_long")
        if not self._ends or self._wrong is not None:
            raise _csv_error(self._wrong if self._ends and self._wrong else _OPEN)
        lines = list(self._held)
        self._held.clear()
        self._size, self._ends = 0, False
        return lines

    def _fits(self, first: Line) -> bool:
        return first.size + self._size <= self._limit and len(self._held) < _MOST_LINES

    def _wrong_behind(self, line: Line) -> str | None:
        """What is wrong at the end of *line* behind a quote that is open; None where a row ends there."""
        if line.error is None and b'"' not in line.raw:
            return _OPEN
        return _parsed('"' + _shape(line, self.encoding)[0], self.delimiter)[1]


def _quoted_row(first: Line, ahead: _Ahead) -> TableRow:
    """The row that begins with the line *first* and takes as many of those *ahead* as its quotes say.

    A row that is not valid takes the first alone: where its quote is to be closed nobody knows.
    """
    text, wrong = _shape(first, ahead.encoding)
    fields, message = _parsed(text, ahead.delimiter)
    size = first.size
    try:
        if message == _OPEN:
            lines = ahead.close(first)
            shapes = [_shape(line, ahead.encoding) for line in lines]
            wrong = wrong or next((error for _, error in shapes if error is not None), None)
            fields = next(csv.reader([text, *(text for text, _ in shapes)], delimiter=ahead.delimiter, strict=True))
            size += sum(line.size for line in lines)
        elif message is not None:
            raise _csv_error(message)
    except SourceError as error:
        wrong = wrong or error
    return TableRow(first.number, first.offset, size, None, fields, wrong)


def _parsed(text: str, delimiter: str) -> tuple[Sequence[str], str | None]:
    """The fields of a row of one line, and what is wrong with it: :data:`_OPEN` where a quote is left open."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True)), None
    except csv.Error as error:
        return (), str(error)


def _shape(line: Line, encoding: Encoding) -> tuple[str, SourceError | None]:
    """The text of *line* as far as quotes and delimiters go, and what is wrong with it."""
    try:
        return ("", line.error) if line.error is not None else (encoding.decode(line.raw, line.offset), None)
    except SourceError as error:
        return encoding.shape(line.raw, line.offset), error


def split(row: TableRow, encoding: Encoding, delimiter: str) -> Sequence[str]:
    """The fields of *row*; raises its :class:`SourceError`."""
    if row.error is not None:
        raise row.error
    if row.raw is None:
        return row.fields
    try:
        return next(csv.reader([encoding.decode(row.raw, row.offset)], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _csv_error(str(error)) from error


def _sniffed(sample: bytes, encoding: Encoding, options: Options) -> str:
    """The delimiter with which the first row of *sample* names the column of the texts; a comma in doubt."""
    text = encoding.shape(sample[:SAMPLE], 0)
    wanted = options.names()["text"]
    for delimiter in _DELIMITERS:
        try:
            header = next(filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), [])
        except csv.Error:
            continue
        if wanted in (name.strip() for name in header):
            return delimiter
    return _DELIMITERS[0]


def _csv_error(message: str) -> SourceError:
    if message == _OPEN:
        return SourceError("not valid CSV: a quote opens here that nothing closes.", reason="invalid_csv")
    why = f"not valid CSV: {message}; inside a quoted field a quote is written twice."
    return SourceError(why, reason="invalid_csv")
