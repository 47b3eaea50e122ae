"""Separated values, CSV and TSV, with a header; a quoted field may hold line ends and doubled quotes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from raqam.errors import SourceError
from raqam.readers.encodings import SAMPLE, Encoding, find_encoding
from raqam.readers.lines import LINE_LIMIT, Line, read_lines
from raqam.readers.options import Options
from raqam.readers.rows import START, Cut, Mark, Values, refused

_DELIMITERS: Final = (",", ";", "\t", "|")

#: Bytes of one row: its fields are limited too, but not their number.
_ROW_LIMIT: Final = 4 * LINE_LIMIT


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
    rest = iter(lines)
    for line in rest:
        if line.error is None and len(encoding.newline) == 1 and b'"' not in line.raw:
            if line.raw.strip(b"\r\n"):
                yield TableRow(line.number, line.offset, line.size, line.raw)
            continue
        row = _quoted_row(line, rest, encoding, delimiter)
        if row.fields or row.error is not None:
            yield row


def _quoted_row(first: Line, rest: Iterator[Line], encoding: Encoding, delimiter: str) -> TableRow:
    """The row that begins with the line *first* and takes as many of the *rest* as its quotes say."""
    size = 0
    wrong: SourceError | None = None
    over = SourceError(f"not valid CSV: a row has over {_ROW_LIMIT:,} bytes.", reason="too_long")

    def texts() -> Iterator[str]:
        nonlocal size, wrong
        line: Line | None = first
        while line is not None:
            size += line.size
            text, error = _shape(line, encoding)
            wrong = wrong or error
            if size > _ROW_LIMIT and line is not first:
                raise over
            yield text
            line = next(rest, None)

    fields: Sequence[str] = ()
    try:
        fields = next(csv.reader(texts(), delimiter=delimiter, strict=True))
    except csv.Error as error:
        wrong = wrong or SourceError(_csv_error(str(error)), reason="invalid_csv")
    except SourceError as error:
        wrong = wrong or error
    return TableRow(first.number, first.offset, size, None, fields, wrong)


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
        raise SourceError(_csv_error(str(error)), reason="invalid_csv") from error


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


def _csv_error(message: str) -> str:
    if message.startswith("unexpected end"):
        return "not valid CSV: a quote opens here that nothing closes."
    if message.startswith("field larger"):
        return f"not valid CSV: a field has over {LINE_LIMIT:,} characters; is a closing quote missing?"
    return f"not valid CSV: {message}; inside a quoted field a quote is written twice."
