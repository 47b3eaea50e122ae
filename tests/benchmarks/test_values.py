from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import values
from raqam import Span
from raqam.text import NormalizedText
from training.gold import GoldArticle, read_jsonl

EXACT = {"bound": "exact"}
TOMAN = {"kind": "money", "number": "5000000000", "currency": "IRT", "irr": "50000000000", **EXACT}
PLACE = {"kind": "place", "country": "IR", "province": "IR-25"}
ROW = {
    "id": "a",
    "text": "۵ میلیارد تومان و ۳ نفر در قم",
    "published": "2025-09-25",
    "spans": [
        {"start": 0, "end": 15, "label": "MON", "value": "5e9 IRT"},
        {"start": 18, "end": 23, "label": "CNT", "value": "4"},
        {"start": 27, "end": 29, "label": "LOC"},
    ],
}


@pytest.fixture(autouse=True)
def _reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads the amount and nothing else, whatever the spans are."""

    def read(text: NormalizedText, spans: Sequence[Span], published: object) -> list[Span]:
        return [replace(span, value=TOMAN if span.label == "MON" else None) for span in spans]

    monkeypatch.setattr(values, "read_values", read)


SAME: list[tuple[Any, Mapping[str, Any] | None]] = [
    ("5e9 IRT", TOMAN),
    ("5000000000.0 IRT", TOMAN),
    ("2e9..3e9 USD", {"kind": "money", "low": "2000000000", "high": "3000000000", "currency": "USD", "irr": None}),
    ("? USD", {"kind": "money", "currency": "USD", "irr": None}),
    ("?", {"kind": "count", "of": None, **EXACT}),
    ("x2", {"kind": "ratio", "number": "2", **EXACT}),
    ("-2.50", {"kind": "percent", "number": "-2.5", **EXACT}),
    ("3e6 bbl/day", {"kind": "quantity", "number": "3000000", "unit": "bbl/day", **EXACT}),
    ("g1975..g1999", {"kind": "date", "calendar": "gregorian", "date": "1975..1999"}),
    ("1394-01..1394-10", {"kind": "date", "calendar": "jalali", "date": "1394-01..1394-10"}),
    ("rel", {"kind": "date", "calendar": "jalali", "relative": True}),
    (PLACE, PLACE),
    (None, None),
]
OTHERS: list[tuple[Any, Mapping[str, Any] | None]] = [
    ("5e9 IRR", TOMAN),
    ("5e8 IRT", TOMAN),
    ("2", {"kind": "ratio", "number": "2", **EXACT}),
    ("2..3", {"kind": "count", "number": "2", "of": None, **EXACT}),
    ("g1404", {"kind": "date", "calendar": "jalali", "date": "1404"}),
    ("--06", {"kind": "date", "calendar": "jalali", "date": "1404-06"}),
    ("rel", None),
    ({**TOMAN, "bound": "about"}, TOMAN),
    (None, PLACE),
]


@pytest.mark.parametrize(("gold", "found"), SAME)
def test_the_same_value(gold: Any, found: Mapping[str, Any] | None) -> None:
    assert values.same(gold, found)


@pytest.mark.parametrize(("gold", "found"), OTHERS)
def test_another_value(gold: Any, found: Mapping[str, Any] | None) -> None:
    assert not values.same(gold, found)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(ROW), encoding="utf-8")
    return path


def test_rows_are_compared_by_label_and_misses_shown(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert values.main([str(rows)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:6] == [
        "| label | values | right | accuracy | unread |",
        "|---|---:|---:|---:|---:|",
        "| MON | 1 | 1 | 100.00% | 0 |",
        "| CNT | 1 | 0 | 0.00% | 1 |",
        "",
        "a  CNT  «۳ نفر»  4  None",
    ]


def test_what_was_read_can_be_written_out(rows: Path, tmp_path: Path) -> None:
    written = tmp_path / "read.jsonl"
    assert values.main([str(rows), "-o", str(written)]) == 0
    row = json.loads(written.read_text(encoding="utf-8"))
    assert {key: row[key] for key in ("id", "text", "published")} == {
        key: ROW[key] for key in ("id", "text", "published")
    }
    assert row["spans"] == [
        {"start": 0, "end": 15, "label": "MON", "text": "۵ میلیارد تومان", "value": TOMAN},
        {"start": 18, "end": 23, "label": "CNT", "text": "۳ نفر", "value": None},
        {"start": 27, "end": 29, "label": "LOC", "text": "قم", "value": None},
    ]


def test_in_gold_of_objects_null_is_the_value_of_a_place(rows: Path) -> None:
    (article,) = read_jsonl(rows)
    money, *others = article.spans
    found = list(values.read(replace(article, spans=(replace(money, value=TOMAN), *others)), []))
    assert [(reading.counts, reading.right) for reading in found] == [(True, True), (True, False), (True, True)]
    found = list(values.read(article, []))
    assert [reading.counts for reading in found] == [True, True, False]


def test_gold_records_of_a_folder_are_read(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = Path(__file__).resolve().parents[2] / "annotations" / "gold"
    assert values.main([str(gold), "--time", "--model", str(tiny_model)]) == 0
    printed = capsys.readouterr().out
    places = [span for article in values.load(gold) for span in article.spans if span.label == "LOC"]
    assert f"| LOC | {len(places)} |" in printed
    assert "ms (median, one thread): reading is " in printed
    assert len(values.load(sorted(gold.glob("*.json"))[0])) == 1


def test_a_file_that_is_wrong_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert values.main([str(tmp_path / "nothing.jsonl")]) == 2
    assert "nothing.jsonl" in capsys.readouterr().err


def test_an_article_without_spans_has_nothing_to_report() -> None:
    assert list(values.read(GoldArticle("a", "متن", ()), [])) == []
    assert values.report([]).count("\n") == 2
