"""Rows of figures: the place, the indicator and the sentence that each one gets."""

from __future__ import annotations

import pytest

from raqam.formats.figures import COLUMNS, Figure, figures
from raqam.records import Span
from tests.raqam.formats.items import DAY, MONEY, VALUES, Value, annotated, gold

HAMADAN: Value = {"kind": "place", "country": "IR", "province": "IR-13"}
IRAQ: Value = {"kind": "place", "country": "IQ", "province": None}


def only(*args: object, **kwargs: object) -> Figure:
    (figure,) = figures(annotated(*args, **kwargs))  # type: ignore[arg-type]
    return figure


def test_a_row_says_all_that_is_known() -> None:
    text = "خبر آمد.\nاعتبارات استان همدان ۶۶۰۰ میلیارد تومان شد. چنین گفت"
    marks = (("اعتبارات", "IND"), ("استان همدان", "LOC", HAMADAN), ("۶۶۰۰ میلیارد تومان", "MON", MONEY))
    assert only(text, *marks, facts=[(0, 2)]) == Figure(
        article="a1",
        date=DAY,
        place="استان همدان",
        place_code="IR-13",
        indicator="اعتبارات",
        label="MON",
        kind="money",
        value="6600000000000",
        unit="IRT",
        low=None,
        high=None,
        bound="more_than",
        irr="66000000000000",
        irr_low=None,
        irr_high=None,
        text="۶۶۰۰ میلیارد تومان",
        sentence="اعتبارات استان همدان ۶۶۰۰ میلیارد تومان شد.",
        start=30,
        end=48,
        score=0.993,
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("قم و یزد ۵ شهر و ساوه", "یزد"),  # before, nearer
        ("قم و شهرهای ۵ شهر یزد", "یزد"),  # behind, nearer
        ("قم ۵ شهر یزد", "قم"),  # as near: the one before
        ("قم آمد. در یزد ساوه. ۵ شهر شد", "قم"),  # none in its sentence: the first of the article
        ("۵ شهر شد. قم و یزد", "قم"),
        ("در ۵ شهر", None),
    ],
)
def test_the_place_is_the_nearest_of_the_sentence_else_the_first(text: str, place: str | None) -> None:
    names = sorted((text.index(name), name, "LOC") for name in ("قم", "یزد", "ساوه") if name in text)
    marks = sorted([*names, (text.index("۵ شهر"), "۵ شهر", "CNT")])
    assert only(text, *(mark[1:] for mark in marks)).place == place


def test_a_place_without_a_province_has_its_country() -> None:
    assert only("عراق ۵ شهر", ("عراق", "LOC", IRAQ), ("۵ شهر", "CNT")).place_code == "IQ"


@pytest.mark.parametrize(
    ("label", "at", "cells"),
    [
        ("MON", 0, (None, None, None, None, None, None, None, None, None)),
        ("MON", 2, ("money", None, "IRR", "5", "7.50", "exact", None, "5", "7.5")),
        ("MON", 3, ("money", "-12345678901234567890.5", "USD", None, None, "at_most", None, None, None)),
        ("PCT", 0, ("percent", "-0.1", "%", None, None, "about", None, None, None)),
        ("PCT", 1, ("ratio", None, None, "2", "3", "exact", None, None, None)),
        ("QTY", 0, ("quantity", "2600", "MW", None, None, "less_than", None, None, None)),
        ("CNT", 1, ("count", None, None, None, None, "exact", None, None, None)),
        ("RNK", 0, ("rank", "6", None, None, None, "exact", None, None, None)),
    ],
)
def test_values_of_every_kind(label: str, at: int, cells: tuple[str | None, ...]) -> None:
    value = VALUES[label][at]
    figure = only("شد ۵ شهر", ("۵ شهر", label, value) if value else ("۵ شهر", label))
    names = ("kind", "value", "unit", "low", "high", "bound", "irr", "irr_low", "irr_high")
    assert tuple(getattr(figure, name) for name in names) == cells


def test_a_sentence_goes_on_through_a_figure() -> None:
    assert only("آمد. رشد ۴. ۵ درصد شد. رفت", ("۴. ۵ درصد", "PCT")).sentence == "رشد ۴. ۵ درصد شد."


def test_every_figure_of_the_gold_articles_has_a_row() -> None:
    for item in gold():
        spans = {(span.start, span.end): span for span in item.record.spans}
        rows = list(figures(item))
        assert [(row.start, row.end) for row in rows] == [at for at, span in spans.items() if is_figure(span)]
        for row in rows:
            assert row.text == spans[row.start, row.end].text == item.article.text[row.start : row.end]
            assert row.text in row.sentence
            assert row.sentence in item.article.text
        linked = {item.record.spans[fact.figure].start for fact in item.record.facts}
        assert {row.start for row in rows if row.indicator} == linked


def is_figure(span: Span) -> bool:
    return span.label in {"MON", "PCT", "QTY", "CNT", "RNK"}


def test_columns_are_in_this_order() -> None:
    assert ",".join(COLUMNS) == (
        "article,date,place,place_code,indicator,label,kind,value,unit,low,high,bound,irr,irr_low,irr_high,"
        "text,sentence,start,end,score"
    )
