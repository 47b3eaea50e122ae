from __future__ import annotations

import copy
import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest

from raqam.errors import RaqamError
from raqam.records import Fact
from training.gold import (
    GoldError,
    GoldSpan,
    problems_of,
    read_folder,
    read_gold,
    read_jsonl,
    underline,
    value_string,
    write_scoring_jsonl,
)

GOLD = Path(__file__).parents[2] / "annotations" / "gold"
TEXT = "بودجه یزد به بیش از ۱۲ میلیارد تومان رسید."
MONEY = {"kind": "money", "number": "12000000000", "currency": "IRT", "irr": "120000000000", "bound": "more_than"}
PLACE = {"kind": "place", "country": "IR", "province": "IR-21"}


def span(start: int, end: int, label: str, value: object = None) -> dict[str, Any]:
    return {"start": start, "end": end, "label": label, "text": TEXT[start:end], "value": value}


def article() -> dict[str, Any]:
    return copy.deepcopy(
        {
            "id": "yazd",
            "published": "2025-09-25",
            "text": TEXT,
            "spans": [span(0, 5, "IND"), span(6, 9, "LOC", PLACE), span(20, 36, "MON", MONEY)],
            "facts": [{"indicator": 0, "figure": 2}],
        }
    )


def save(folder: Path, row: object, name: str = "yazd.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    return path


def messages(row: object) -> list[str]:
    return [problem.message for problem in problems_of(row, "yazd.json")]


def test_a_gold_file_is_read_into_values(tmp_path: Path) -> None:
    read = read_gold(save(tmp_path, article()))
    assert (read.id, read.text, read.published) == ("yazd", TEXT, dt.date(2025, 9, 25))
    assert read.spans == (GoldSpan(0, 5, "IND"), GoldSpan(6, 9, "LOC", PLACE), GoldSpan(20, 36, "MON", MONEY))
    assert read.facts == (Fact(0, 2),)


def test_a_span_that_does_not_match_is_underlined(tmp_path: Path) -> None:
    row = article()
    row["spans"][2]["text"] = "۱۲ میلیارد ریال"
    with pytest.raises(GoldError) as caught:
        read_gold(save(tmp_path, row))
    first, line, carets = str(caught.value).split("\n")
    assert first.endswith("yazd.json: span 2 (MON, 20 to 36): text «۱۲ میلیارد ریال» does not match the article")
    assert line == f"   {TEXT}"
    assert carets == " " * 23 + "^" * 16
    assert isinstance(caught.value, RaqamError)


def change(*path: object, to: object) -> Any:
    def changed(row: dict[str, Any]) -> None:
        place: Any = row
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return changed


WRONG = [
    (change("id", to=""), "id must be a string"),
    (change("text", to=" "), "'text' is blank"),
    (change("published", to="25/9"), "'published' must be an ISO date"),
    (change("model", to="x"), "has unknown fields: model"),
    (change("spans", to={}), "spans must be an array"),
    (change("spans", 1, to="LOC"), "span 1 must be an object, not str"),
    (change("spans", 1, to={"start": 6, "end": 9}), "span 1 lacks label, text, value"),
    (change("spans", 1, "score", to=0.9), "span 1 has unknown fields: score"),
    (change("spans", 1, "start", to=True), "span 1 has start True and end 9: both must be integers"),
    (change("spans", 1, "end", to=900), "span 1 goes from 6 to 900: outside the text"),
    (change("spans", 1, "end", to=6), "span 1 goes from 6 to 6: outside the text"),
    (change("spans", 1, "label", to="CITY"), "label 'CITY' is not one of PER, TTL"),
    (change("spans", 1, "label", to=["LOC"]), "span 1 has label ['LOC']: it must be a string"),
    (change("spans", 1, to=span(5, 9, "LOC")), "there is white space at an edge"),
    (change("spans", 1, to=span(4, 9, "LOC")), "it starts before 5"),
    (change("spans", 0, "value", to=PLACE), "a IND span takes no value"),
    (change("spans", 2, "value", to=None), "the value must be an object with kind money, not null"),
    (change("spans", 2, "value", "kind", to="percent"), "the value must be an object with kind money"),
    (change("facts", 0, "figure", to=1), "fact 0 has figure 1, a LOC span"),
    (change("facts", 0, "indicator", to=2), "fact 0 has indicator 2, a MON span"),
    (change("facts", 0, "figure", to=3), "fact 0 has figure 3: it must be the index of a span, 0 to 2"),
    (change("facts", 0, to={"figure": 2}), "fact 0 lacks indicator"),
    (change("facts", to=[{"indicator": 0, "figure": 2}] * 2), "fact 1 repeats indicator 0 and figure 2"),
    (change("facts", to=[]), "span 0 (IND): no fact says which figure measures it"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_is_wrong_is_named(wrong: Any, message: str) -> None:
    row = article()
    wrong(row)
    assert any(message in found for found in messages(row)), messages(row)


def test_a_right_article_has_no_problems() -> None:
    assert messages(article()) == []


@pytest.mark.parametrize("row", [None, [], "text", 3])
def test_an_article_must_be_an_object(row: object) -> None:
    assert "the article must be an object" in messages(row)[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"{", r"is not JSON: .* at line 1, column 2"), (b"", "is not JSON"), (b"\xff", "is not UTF-8 at byte 0")],
)
def test_a_file_that_is_not_json_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(GoldError, match=message):
        read_gold(path)


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=re.escape(f"{tmp_path / 'x.json'}: cannot be read: No such file")):
        read_gold(tmp_path / "x.json")
    with pytest.raises(GoldError, match="there are no gold articles"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("text", "start", "end", "lines"),
    [
        ("سرمایه\u200cگذاری خارجی", 0, 13, ("سرمایه\u200cگذاری خارجی", "^" * 12)),
        ("نهایتاً\u064b رسید", 8, 12, None),
        ("الف\nب", 3, 4, ("الف⏎ب", "   ^")),
        ("😀 یزد", 2, 5, ("😀 یزد", "   ^^^")),
        ("یزد", 3, 3, ("یزد", "   ^")),
    ],
)
def test_underline_counts_columns(text: str, start: int, end: int, lines: tuple[str, str] | None) -> None:
    shown, carets = underline(text, start, end).split("\n")
    if lines:
        assert (shown, carets) == lines
    else:
        assert carets.index("^") < start


def test_underline_shortens_long_text() -> None:
    shown, carets = underline("ا" * 100 + "یزد" + "ا" * 100, 100, 103).split("\n")
    assert shown == "… " + "ا" * 24 + "یزد" + "ا" * 24 + " …"
    assert carets == " " * 26 + "^^^"


ROW = {
    "id": "r1",
    "text": TEXT,
    "spans": [
        {"start": 0, "end": 5, "label": "IND", "link": 1},
        {"start": 20, "end": 36, "label": "MON", "value": "12e9 IRT", "link": 1},
    ],
}


def test_rows_with_links_become_articles_with_facts(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW) + "\n\n" + json.dumps({**ROW, "id": "r2", "spans": []}) + "\n", encoding="utf-8")
    first, second = read_jsonl(path)
    assert first.spans == (GoldSpan(0, 5, "IND"), GoldSpan(20, 36, "MON", "12e9 IRT"))
    assert first.facts == (Fact(0, 1),)
    assert (second.id, second.spans, second.facts) == ("r2", (), ())


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**ROW, "spans": [{"start": 0, "end": 5}]}, "span 0 lacks label"),
        ({**ROW, "spans": [{"start": 0, "end": 6, "label": "IND"}]}, "there is white space at an edge"),
        ({**ROW, "spans": [{"start": 0, "end": 5, "label": "MON", "value": 3}]}, "value must be a string, not 3"),
        ({**ROW, "spans": [{"start": 0, "end": 5, "label": "IND", "link": "1"}]}, "link must be an integer, not '1'"),
        ({"id": "r1"}, "the article lacks spans, text"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(tmp_path: Path, row: object, message: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW) + "\n" + json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(GoldError, match=rf"rows\.jsonl:2: .*{re.escape(message)}"):
        read_jsonl(path)


def test_scoring_rows_carry_string_values_and_facts(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    write_scoring_jsonl([read_gold(save(tmp_path, article()))], path)
    (row,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert row["spans"] == [
        {"start": 0, "end": 5, "label": "IND"},
        {"start": 6, "end": 9, "label": "LOC"},
        {"start": 20, "end": 36, "label": "MON", "value": "12000000000 IRT"},
    ]
    assert row["facts"] == [{"indicator": 0, "figure": 2}]


def test_the_gold_seeds_are_read() -> None:
    articles = read_folder(GOLD)
    assert len(articles) == 5
    labels = {span.label for article in articles for span in article.spans}
    assert len(labels) == 15
    valued = [span.value for article in articles for span in article.spans if span.label in ("MON", "PCT", "QTY")]
    assert all(value_string(value) for value in valued)
