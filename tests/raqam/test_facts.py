"""Facts: the indicator of a figure, by where they stand in their sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.facts import link
from raqam.figures import read_values
from raqam.records import Span
from raqam.text import normalize

ROOT: Final = Path(__file__).resolve().parents[2]
MARK: Final = re.compile(r"\[([^\]|]+)\|([A-Z]{3})\]")

#: Text with its spans marked → (indicator, figure) by their words.
CASES: Final[Mapping[str, list[tuple[str, str]]]] = {
    "[صادرات|IND] استان به [۲ میلیارد دلار|MON] رسید": [("صادرات", "۲ میلیارد دلار")],
    "[تولید|IND] از [۵|QTY] به [۷ میلیون تن|QTY] رسید": [("تولید", "۵"), ("تولید", "۷ میلیون تن")],
    "[۴۷ درصد|PCT] [سرمایه‌گذاری خارجی|IND] و [نرخ بیکاری|IND] [۹ درصد|PCT]": [
        ("سرمایه‌گذاری خارجی", "۴۷ درصد"),
        ("نرخ بیکاری", "۹ درصد"),
    ],
    "پرداخت [۲۲۰۰ میلیارد ریال|MON] [تسهیلات|IND] به صنعتگران": [("تسهیلات", "۲۲۰۰ میلیارد ریال")],
    "[اشتغال|IND] این طرح [۲۰۰۰ نفر|CNT] است": [("اشتغال", "۲۰۰۰ نفر")],
    # Another sentence, a length of time, and a count that names what it counts.
    "[تسهیلات|IND] کم است. [۵ درصد|PCT] رشد کرد": [],
    "[اعتبار|IND] این طرح بزرگ عمرانی طی مراحل قانونی در [سه روز|QTY] ابلاغ شد": [],
    "با این [اعتبار|IND] در سراسر استان کار ساخت [۳۰ مدرسه|CNT] تمام شد": [],
    "[۱۲.۵ درصد|PCT] از [فروش|IND]": [("فروش", "۱۲.۵ درصد")],
}


def parsed(marked: str) -> tuple[str, list[Span]]:
    """The text of *marked* and its spans, with their values."""
    text, spans, at = "", [], 0
    for match in MARK.finditer(marked):
        text += marked[at : match.start()]
        spans.append(Span(len(text), len(text) + len(match[1]), match[2], match[1], 1.0))
        text, at = text + match[1], match.end()
    return text + marked[at:], read_values(normalize(text + marked[at:]), spans)


@pytest.mark.parametrize(("marked", "expected"), CASES.items())
def test_a_figure_measures_the_indicator_it_stands_with(marked: str, expected: list[tuple[str, str]]) -> None:
    text, spans = parsed(marked)
    assert [(spans[fact.indicator].text, spans[fact.figure].text) for fact in link(text, spans)] == expected


@pytest.mark.parametrize("path", sorted((ROOT / "annotations" / "gold").glob("*.json")), ids=lambda path: path.stem)
def test_the_facts_of_the_seeds_are_found(path: Path) -> None:
    article: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    text = article["text"]
    spans = [Span(row["start"], row["end"], row["label"], row["text"], 1.0, row["value"]) for row in article["spans"]]
    found = sorted((fact.to_dict() for fact in link(text, spans)), key=lambda fact: fact["figure"])
    assert found == sorted(article["facts"], key=lambda fact: fact["figure"])


@given(
    st.text(alphabet="اب .\n", max_size=60), st.lists(st.sampled_from(["IND", "MON", "CNT", "QTY", "PER"]), max_size=12)
)
def test_facts_join_an_indicator_and_a_figure(text: str, labels: list[str]) -> None:
    width = max(1, len(text) // (len(labels) or 1))
    spans = [Span(at * width, at * width + width, label, "", 1.0) for at, label in enumerate(labels)]
    for fact in link(text, spans):
        assert spans[fact.indicator].label == "IND"
        assert spans[fact.figure].label in {"MON", "CNT", "QTY"}


def test_without_spans_there_are_no_facts() -> None:
    assert link("متن", []) == ()
