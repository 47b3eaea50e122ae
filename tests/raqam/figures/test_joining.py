from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam import Span
from raqam.figures import join_parts

PARTS = re.compile(r"\[(.*?)\]")


def joined(marked: str, label: str = "QTY") -> list[str]:
    """What becomes of the spans that are in brackets."""
    text, spans = "", list[Span]()
    for at, piece in enumerate(PARTS.split(marked)):
        if at % 2:
            spans.append(Span(len(text), len(text) + len(piece), label, piece, 1 - len(spans) / 10))
        text += piece
    found = list(join_parts(text, spans))
    assert all(text[span.start : span.end] == span.text for span in found)
    return [span.text for span in found]


@pytest.mark.parametrize(
    ("marked", "wanted"),
    [
        ("[۱۲۵ تن] و [۴۱۰ کیلوگرم] برنج", ["۱۲۵ تن و ۴۱۰ کیلوگرم"]),
        ("[9تن] و[150 کیلوگرم] چای", ["9تن و150 کیلوگرم"]),
        ("[۲ ساعت] و [۳۰ دقیقه]", ["۲ ساعت و ۳۰ دقیقه"]),
        ("[یک سال] و [شش ماه] حبس", ["یک سال و شش ماه"]),
        ("[۲ ساعت] و [۳۰ دقیقه] و [۵ تن] و [۷ کیلو]", ["۲ ساعت و ۳۰ دقیقه", "۵ تن و ۷ کیلو"]),
        # a list: of one unit, of two kinds, the larger unit last, more of the smaller than makes one of the larger
        ("[۲ تن] و [۵ تن]", ["۲ تن", "۵ تن"]),
        ("[۲ تن] و [۵ متر]", ["۲ تن", "۵ متر"]),
        ("[۴۱۰ کیلوگرم] و [۱۲۵ تن]", ["۴۱۰ کیلوگرم", "۱۲۵ تن"]),
        ("[۲ کیلومتر] و [۱۵۰۰ متر]", ["۲ کیلومتر", "۱۵۰۰ متر"]),
        # told in turn, or with what there is of each
        ("به ترتیب [۲ تن] و [۵۰۰ کیلوگرم] تریاک و هروئین", ["۲ تن", "۵۰۰ کیلوگرم"]),
        ("بترتیب [۲ تن] و [۵۰۰ کیلوگرم] تریاک و هروئین", ["۲ تن", "۵۰۰ کیلوگرم"]),
        ("[۲ تن گندم] و [۵۰۰ کیلو جو]", ["۲ تن گندم", "۵۰۰ کیلو جو"]),
        ("[۲ تن]\nو [۵۰۰ کیلو]", ["۲ تن", "۵۰۰ کیلو"]),
        # more than «و» between them
        ("[۲ تن] برنج و [۵ کیلو]", ["۲ تن", "۵ کیلو"]),
        ("[۲ تن]، [۵ کیلو]", ["۲ تن", "۵ کیلو"]),
    ],
)
def test_a_quantity_in_two_units_is_one(marked: str, wanted: list[str]) -> None:
    assert joined(marked) == wanted


def test_other_figures_are_left_alone() -> None:
    assert joined("[۲ تن] و [۵ کیلو]", "CNT") == ["۲ تن", "۵ کیلو"]


def test_the_score_is_that_of_the_less_sure_part() -> None:
    text = "۲ تن و ۵ کیلو"
    [span] = join_parts(text, [Span(0, 4, "QTY", text[:4], 0.7), Span(7, 13, "QTY", text[7:], 0.9)])
    assert (span.start, span.end, span.score) == (0, 13, 0.7)


@given(st.text("۲5 وتنمترکیلوگرم‌\n،", max_size=40), st.lists(st.integers(0, 40), max_size=8, unique=True))
def test_any_spans_stay_in_order_and_lose_nothing(text: str, edges: list[int]) -> None:
    cuts = sorted(edge for edge in edges if edge <= len(text))
    spans = [Span(a, b, "QTY", text[a:b], 0.5) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    found = list(join_parts(text, spans))
    assert all(any(whole.start <= span.start and span.end <= whole.end for whole in found) for span in spans)
    assert {edge for whole in found for edge in (whole.start, whole.end)} <= set(cuts)
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))
