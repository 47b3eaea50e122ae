"""Excel of figures, read by openpyxl."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from raqam.formats import Annotated, Format
from raqam.formats.excel import ExcelWriter
from raqam.formats.figures import COLUMNS, NUMBERS, figures
from raqam.labels import FIGURES
from tests.raqam.formats.items import EVERY, HOSTILE, ITEMS, annotated, spans_of, write

TEXTS = ("article", "place", "indicator", "text", "sentence", "unit")


def read(source: Path | io.BytesIO) -> Iterator[dict[str, Any]]:
    """The rows of every sheet, as values of their types."""
    for sheet in load_workbook(source).worksheets:
        header, *rows = sheet.iter_rows()
        assert tuple(cell.value for cell in header) == COLUMNS
        for row in rows:
            assert all(cell.data_type in "snd" for cell in row)  # no formulas, no errors
            assert not any(cell.hyperlink for cell in row)
            yield {name: cell.value for name, cell in zip(COLUMNS, row, strict=True)}


def lines(text: str | None) -> str | None:
    """*text* with the line ends that XML keeps; an empty one is none."""
    return text.replace("\r\n", "\n").replace("\r", "\n") or None if text is not None else None


def check(rows: Sequence[dict[str, Any]], items: Sequence[Annotated]) -> None:
    expected = [figure for item in items for figure in figures(item)]
    assert [(row["start"], row["end"], row["label"]) for row in rows] == [
        span[:3] for item in items for span in spans_of(item) if span[2] in FIGURES
    ]
    for row, figure in zip(rows, expected, strict=True):
        for column in COLUMNS:
            cell = getattr(figure, column)
            if column in TEXTS:
                assert lines(unescape(row[column]) if row[column] else None) == lines(cell), column
            elif column in NUMBERS and isinstance(row[column], int | float):
                assert float(cell) == row[column]
                assert len(cell.strip("-0").replace(".", "")) <= 15
            elif column == "date" and cell:
                assert row[column] == dt.datetime.combine(cell, dt.time())
            else:
                assert row[column] == cell


def test_every_figure_comes_back(tmp_path: Path) -> None:
    check(list(read(write(Format.EXCEL, tmp_path / "out.xlsx", EVERY))), EVERY)


@settings(max_examples=20)
@given(items=ITEMS)
def test_so_do_random_ones(items: Sequence[Annotated]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(list(read(write(Format.EXCEL, Path(folder) / "out.xlsx", items))), items)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("66000000000000", 66_000_000_000_000),
        ("3.7", 3.7),
        ("-0.1", -0.1),
        ("123456789012345", 123_456_789_012_345),
        ("1234567890123450", 1_234_567_890_123_450),
        ("1234567890123456", "1234567890123456"),
        ("0.1234567890123456", "0.1234567890123456"),
    ],
)
def test_numbers_are_numbers_where_excel_keeps_every_digit(number: str, shown: object, tmp_path: Path) -> None:
    value = {"kind": "percent", "number": number, "bound": "exact"}
    item = annotated("۵ درصد", ("۵ درصد", "PCT", value))
    (row,) = read(write(Format.EXCEL, tmp_path / "out.xlsx", [item]))
    assert row["value"] == shown


def test_sheets_run_from_right_to_left_below_a_header_that_stays(tmp_path: Path) -> None:
    book = load_workbook(write(Format.EXCEL, tmp_path / "out.xlsx", ()))
    (sheet,) = book.worksheets
    assert (sheet.title, sheet.sheet_view.rightToLeft, sheet.freeze_panes, sheet.max_row) == ("figures", True, "A2", 1)


@pytest.mark.parametrize("rows", [2, 3, 4])
def test_a_full_sheet_is_followed_by_another(rows: int) -> None:
    output = io.BytesIO()
    writer = ExcelWriter(output, rows=rows)
    writer.write(HOSTILE)
    writer.close()
    titles = load_workbook(output).sheetnames
    found = list(read(output))
    assert titles == ["figures", *(f"figures {number}" for number in range(2, len(titles) + 1))]
    assert len(titles) == -(-len(found) // (rows - 1))
    check(found, HOSTILE)


def test_a_long_sentence_ends_where_a_cell_does(tmp_path: Path) -> None:
    item = annotated("۵ شهر" + " شد" * 15_000 + "😀" * 10_000, ("۵ شهر", "CNT"))
    (row,) = read(write(Format.EXCEL, tmp_path / "out.xlsx", [item]))
    assert len(row["sentence"].encode("utf-16-le")) // 2 in {32_766, 32_767}
    assert item.article.text.startswith(row["sentence"])


def test_a_day_before_the_calendar_of_excel_is_text(tmp_path: Path) -> None:
    item = annotated("۵ شهر", ("۵ شهر", "CNT"), published=dt.date(1899, 12, 31))
    (row,) = read(write(Format.EXCEL, tmp_path / "out.xlsx", [item]))
    assert row["date"] == "1899-12-31"


def test_a_full_disk_is_an_error_of_the_system() -> None:
    class Full(io.BytesIO):
        def write(self, content: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left on device"):
        ExcelWriter(Full()).close()
