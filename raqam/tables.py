"""Rows of comma-separated values, each with the line it begins on, so that a broken one can be named."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from raqam.lines import LINE_LIMIT, Line


@dataclass(frozen=True, slots=True)
class TableRow:
    """The fields of one row, the line it begins on, its bytes, and what is wrong with it, if anything."""

    fields: Sequence[str]
    line: int
    size: int
    error: str | None


def read_table(lines: Iterable[Line]) -> Iterator[TableRow]:
    r"""Yield the rows of *lines*; blank lines are passed over, and a row that is not valid has an error.

    >>> lines = [Line("a,b\n", 1, 4), Line('"1\n', 2, 3), Line('2",3\n', 3, 5)]
    >>> [(row.line, row.fields) for row in read_table(lines)]
    [(1, ['a', 'b']), (2, ['1\n2', '3'])]
    """
    csv.field_size_limit(max(csv.field_size_limit(), LINE_LIMIT))
    taken: list[Line] = []  # the lines of the row that is being parsed

    def texts() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line.text

    reader = csv.reader(texts(), strict=True)
    while True:
        fields: Sequence[str] = ()
        error = None
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as caught:
            error = _csv_error(str(caught))
        error = next((line.error for line in taken if line.error is not None), error)
        if fields or error:
            yield TableRow(fields, taken[0].number, sum(line.size for line in taken), error)
        taken.clear()


def _csv_error(message: str) -> str:
    if message.startswith("unexpected end"):
        return "not valid CSV: a quote opens here that nothing closes."
    if message.startswith("field larger"):
        return f"not valid CSV: a field has over {LINE_LIMIT:,} characters; is a closing quote missing?"
    return f"not valid CSV: {message}; inside a quoted field a quote is written twice."
