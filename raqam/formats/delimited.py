"""CSV of figures: one row a figure, as Excel opens it in Persian and without running anything."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import BinaryIO, Final

from raqam.formats.figures import COLUMNS, NUMBERS, Figure, figures
from raqam.formats.kinds import Annotated
from raqam.formats.streams import StreamWriter

#: What spreadsheets read as the beginning of a formula, or as an escaped one; full-width forms too.
_FORMULA: Final = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def open_csv(output: BinaryIO) -> StreamWriter:
    """Write figures to *output*: UTF-8 with a byte order mark, RFC 4180."""
    return StreamWriter(output, _encode, head=b"\xef\xbb\xbf" + _lines([COLUMNS]))


def harmless(cell: str) -> str:
    """*cell* with an apostrophe before it where a spreadsheet would run it; other texts stay as they are.

    What begins with apostrophes and then so gets one more: exactly one is to be taken away again.

    >>> harmless("=1+1"), harmless("همدان"), harmless("'=1")
    ("'=1+1", 'همدان', "''=1")
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _encode(item: Annotated) -> bytes:
    return _lines(map(_row, figures(item)))


def _row(figure: Figure) -> list[str]:
    cells = ((column, getattr(figure, column)) for column in COLUMNS)
    return [
        "" if cell is None else harmless(cell) if isinstance(cell, str) and column not in NUMBERS else str(cell)
        for column, cell in cells
    ]


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
