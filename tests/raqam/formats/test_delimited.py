"""CSV of figures, read by the csv module and by pandas."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raqam.formats import Annotated, Format
from raqam.formats.delimited import harmless
from raqam.formats.figures import COLUMNS, NUMBERS, figures
from raqam.labels import FIGURES
from tests.raqam.formats.items import EVERY, ITEMS, SHARE, annotated, spans_of, write


def shown(cell: str) -> str:
    """A cell without the apostrophe that makes it harmless."""
    return cell[1:] if re.match("'+[=+\\-@\t\r\n＝＋－＠]", cell) else cell


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def check(rows: Sequence[dict[str, str]], items: Sequence[Annotated]) -> None:
    found = [(int(row["start"]), int(row["end"]), row["label"], shown(row["text"])) for row in rows]
    assert found == [span for item in items for span in spans_of(item) if span[2] in FIGURES]
    for row, figure in zip(rows, (figure for item in items for figure in figures(item)), strict=True):
        for column in COLUMNS:
            cell = getattr(figure, column)
            assert (row[column] if column in NUMBERS else shown(row[column])) == ("" if cell is None else str(cell))


def test_every_figure_comes_back(tmp_path: Path) -> None:
    check(read(write(Format.CSV, tmp_path / "out", EVERY)), EVERY)


@settings(max_examples=50)
@given(items=ITEMS)
def test_so_do_random_ones(items: Sequence[Annotated]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(read(write(Format.CSV, Path(folder) / "out", items)), items)


def test_begins_with_a_byte_order_mark_and_a_header_even_without_figures(tmp_path: Path) -> None:
    header = b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n"
    assert write(Format.CSV, tmp_path / "out", ()).read_bytes() == header


def test_pandas_reads_numbers_as_numbers_and_ids_as_they_are(tmp_path: Path) -> None:
    item = annotated("رشد -۵ درصد", ("-۵ درصد", "PCT", SHARE), id="007")
    frame = pd.read_csv(write(Format.CSV, tmp_path / "out", [item]), dtype={"article": str}, parse_dates=["date"])
    assert frame.loc[0, ["article", "value", "unit"]].tolist() == ["007", -0.1, "%"]
    assert str(frame["date"].dt.date[0]) == "2025-09-25"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_text_is_a_formula(begin: str, tmp_path: Path) -> None:
    text = f"{begin}cmd|' /C calc'!A0"
    item = annotated(f"{text} ۵ شهر", ("۵ شهر", "CNT"), id=text)
    (row,) = read(write(Format.CSV, tmp_path / "out", [item]))
    assert row["article"] == f"'{text}"
    assert row["sentence"][0] not in "=+-@\t\r\n＝＋－＠"


def test_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    item = annotated("رشد -۵ درصد", ("-۵ درصد", "PCT", SHARE))
    (row,) = read(write(Format.CSV, tmp_path / "out", [item]))
    assert (row["value"], row["text"]) == ("-0.1", "'-۵ درصد")


@given(text=st.text("'=+-@\tق", max_size=5))
def test_exactly_one_apostrophe_is_to_be_taken_away(text: str) -> None:
    assert shown(harmless(text)) == text
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t"))
