"""Excel of figures: one row a figure, on right-to-left sheets, in constant memory."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, BinaryIO, Final

from raqam.formats.figures import COLUMNS, NUMBERS, Figure, figures
from raqam.formats.kinds import Annotated, Format, load

#: The rows of a sheet, its header among them: as many as Excel has.
MOST_ROWS: Final = 1_048_576

#: The digits that Excel keeps of a number; one of more is written as text.
_DIGITS: Final = 15

#: Days before this one have another number, or none, in Excel.
_FIRST_DAY: Final = dt.date(1900, 3, 1)

#: When the workbook was made, as it says itself: the same figures give the same bytes.
_CREATED: Final = dt.datetime(2000, 1, 1)

_WIDTHS: Final = {"article": 24, "date": 12, "value": 22, "irr": 24, "text": 30, "sentence": 80}


class _Output:
    """A stream that can be taken away from the workbook, whose archive would write once more when it is forgotten."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class ExcelWriter:
    """Writes figures to a workbook, one sheet of at most *rows* after another; *output* gets it when it is closed."""

    def __init__(self, output: BinaryIO, *, rows: int = MOST_ROWS) -> None:
        library = load("xlsxwriter", Format.EXCEL)
        self._errors = load("xlsxwriter.exceptions", Format.EXCEL)
        self._output = _Output(output)
        self._book = library.Workbook(self._output, {"constant_memory": True, "use_zip64": True})
        self._book.set_properties({"created": _CREATED})
        self._whole = self._book.add_format({"num_format": "#,##0"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._head = self._book.add_format({"bold": True})
        self._rows = rows
        self._begin()

    def write(self, items: Sequence[Annotated]) -> None:
        for item in items:
            for figure in figures(item):
                if self._row == self._rows:
                    self._begin()
                self._put(figure)
                self._row += 1

    def close(self) -> None:
        try:
            self._book.close()
        except self._errors.FileCreateError as error:
            self._output.stream = io.BytesIO()
            raise error.args[0] from None  # the OSError that it hides

    def _begin(self) -> None:
        """Begin a sheet."""
        number = len(self._book.worksheets()) + 1
        self._sheet: Any = self._book.add_worksheet("figures" if number == 1 else f"figures {number}")
        self._sheet.right_to_left()
        self._sheet.freeze_panes(1, 0)
        for at, column in enumerate(COLUMNS):
            self._sheet.set_column(at, at, _WIDTHS.get(column, 14))
            self._sheet.write_string(0, at, column, self._head)
        self._row = 1

    def _put(self, figure: Figure) -> None:
        for at, column in enumerate(COLUMNS):
            cell = getattr(figure, column)
            if cell is None:
                continue
            if isinstance(cell, dt.date) and cell >= _FIRST_DAY:
                self._sheet.write_datetime(self._row, at, cell, self._day)
            elif isinstance(cell, int | float):
                self._sheet.write_number(self._row, at, cell)
            elif column in NUMBERS and _fits(cell):
                self._sheet.write_number(self._row, at, float(cell), self._whole if "." not in cell else None)
            else:  # never write(), which takes text for formulas and addresses
                self._sheet.write_string(self._row, at, str(cell))


def _fits(number: str) -> bool:
    """Whether Excel shows *number* as it is, to the last digit.

    >>> _fits("66000000000000"), _fits("3.7"), _fits("1234567890123456")
    (True, True, False)
    """
    return len(Decimal(number).normalize().as_tuple().digits) <= _DIGITS
