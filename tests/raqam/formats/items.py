"""Annotated articles for the tests of formats: the gold ones, hostile ones, and random ones."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from raqam.formats import Annotated, Format, open_writer
from raqam.labels import CODES, FIGURES
from raqam.records import Article, Fact, Record, Span
from tests.texts import TEXTS

Value = Mapping[str, Any]
Found = list[tuple[int, int, str, str]]

GOLD: Final = Path(__file__).resolve().parents[3] / "annotations" / "gold"
MODEL: Final = "tiny@1"
DAY: Final = dt.date(2025, 9, 25)

#: Values of every kind, with every field that a kind has.
VALUES: Final[Mapping[str, Sequence[Value | None]]] = {
    "MON": (
        None,
        {"kind": "money", "number": "6600000000000", "currency": "IRT", "irr": "66000000000000", "bound": "more_than"},
        {"kind": "money", "low": "5", "high": "7.50", "currency": "IRR", "irr": {"low": "5", "high": "7.5"},
         "bound": "exact"},
        {"kind": "money", "number": "-12345678901234567890.5", "currency": "USD", "irr": None, "bound": "at_most"},
        {"kind": "money", "currency": "IRT", "irr": None, "bound": "exact"},
    ),
    "PCT": (
        {"kind": "percent", "number": "-0.1", "bound": "about"},
        {"kind": "ratio", "low": "2", "high": "3", "bound": "exact"},
    ),
    "QTY": ({"kind": "quantity", "number": "2600", "unit": "MW", "bound": "less_than"},),
    "CNT": (
        {"kind": "count", "number": "30", "of": "معدن\u200cها\u2028", "bound": "at_least"},
        {"kind": "count", "of": None, "bound": "exact"},
    ),
    "RNK": ({"kind": "rank", "number": "6", "bound": "exact"}, {"kind": "rank", "bound": "exact"}),
    "DAT": (
        {"kind": "date", "calendar": "jalali", "date": "1404-06-16", "start": "2025-09-07", "end": "2025-09-07"},
        {"kind": "date", "calendar": "gregorian", "relative": True},
        {"kind": "date", "calendar": "jalali", "date": "--04-10"},
    ),
    "LOC": (
        None,
        {"kind": "place", "country": "IR", "province": "IR-13"},
        {"kind": "place", "country": "IQ", "province": None},
    ),
}  # fmt: skip


def annotated(
    text: str,
    *marks: tuple[str, str] | tuple[str, str, Value],
    id: str | None = "a1",
    published: dt.date | None = DAY,
    facts: Sequence[tuple[int, int]] = (),
) -> Annotated:
    """*text* with a span for each of *marks*: its words, which are looked for in turn, its label and its value."""
    spans: list[Span] = []
    for words, label, *value in marks:
        start = text.index(words, spans[-1].end if spans else 0)
        spans.append(Span(start, start + len(words), label, words, 0.993, value[0] if value else None))
    record = Record(id, MODEL, tuple(spans), tuple(Fact(*each) for each in facts))
    return Annotated(Article(text, id, published), record)


def gold() -> list[Annotated]:
    """The gold articles: real texts, values and facts."""
    items = []
    for path in sorted(GOLD.glob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        spans = tuple(Span(**span, score=0.5) for span in found["spans"])
        facts = tuple(Fact(**fact) for fact in found["facts"])
        published = dt.date.fromisoformat(found["published"]) if "published" in found else None
        record = Record(found["id"], MODEL, spans, facts)
        items.append(Annotated(Article(found["text"], record.id, published), record))
    return items


MONEY: Final[Value] = VALUES["MON"][1] or {}
SHARE: Final[Value] = VALUES["PCT"][0] or {}

HOSTILE: Final = (
    annotated("سرمایه‌گذاری ۴۷ درصد", ("سرمایه‌گذاری", "IND"), ("۴۷ درصد", "PCT", SHARE), facts=[(0, 1)]),
    annotated("هيچ چيز", id=None, published=None),
    annotated("علي رضايي در كرمان", ("علي رضايي", "PER"), ("كرمان", "LOC"), id=None),
    annotated("\u200fهمدان\u200e و \u202bقم\u202c", ("همدان", "LOC"), ("قم", "LOC"), id="a1"),
    annotated("📉👨‍👩‍👧 صادرات 📰𐎠𝟙 میلیارد تومان😀",
              ("صادرات", "IND"), ("𝟙 میلیارد تومان", "MON", MONEY), facts=[(0, 1)]),
    annotated("خبر\r\n\r\nبانک\r\nمرکزی ایران\rتهران\n", ("بانک\r\nمرکزی ایران", "ORG"), ("تهران", "LOC"), id="x/y\\z"),
    annotated("بانک \n \u2028 مرکزی\x85ایران\x0bو\x1cقم",
              ("بانک \n \u2028 مرکزی\x85ایران", "ORG"), ("قم", "LOC"), id="  "),
    annotated("قم", ("قم", "LOC"), id="همدان/خبر\t۱\n\"۲\".txt"),
    annotated("قم۵درصد", ("قم", "LOC"), ("۵", "CNT", VALUES["CNT"][0] or {}), ("درصد", "PCT"), id="../.." + "ن" * 300),
    annotated("  پیش  از\t\tمتن   \n\n", ("متن", "PLN")),
    annotated("=1+1 و -۵ درصد و @x\x01\x7f\ufeff",
              ("=1+1", "MON"), ("-۵ درصد", "PCT"), ("@x\x01", "CNT"), id="=HYPERLINK(1)"),
    annotated("#همدان _x0041_ http://a.ir <b>&amp;\ufffe",
              ("همدان", "LOC"), ("_x0041_", "RNK"), ("http://a.ir", "CNT")),
    annotated("در قم آمد. ۳۰ معدن! در یزد ۲ شهر", ("قم", "LOC"), ("۳۰ معدن", "CNT"), ("یزد", "LOC"), ("۲ شهر", "CNT")),
    annotated("طرح رشد. تولید آمد. رفت", ("رشد. تولید", "PLN")),
)  # fmt: skip

EVERY: Final = (*gold(), *HOSTILE)


@st.composite
def _items(draw: st.DrawFn) -> Annotated:
    text = draw(TEXTS).replace("\0", " ") + draw(st.sampled_from(["", "قم", " ۵ تومان"]))
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = []
    for first, last in pairwise(edges):
        piece = text[first:last]
        start = first + len(piece) - len(piece.lstrip())
        label = draw(st.sampled_from(CODES))
        if piece.strip():
            value = draw(st.sampled_from(VALUES.get(label, (None,))))
            spans.append(Span(start, start + len(piece.strip()), label, piece.strip(), draw(_SCORES), value))
    indicators = [at for at, span in enumerate(spans) if span.label == "IND"]
    facts = [Fact(indicators[-1], at) for at, span in enumerate(spans) if indicators and span.label in FIGURES]
    id = draw(st.sampled_from([None, "a1", "همدان/۱", "a\n", "#"]))
    published = draw(st.sampled_from([None, DAY]))
    return Annotated(Article(text, id, published), Record(id, MODEL, tuple(spans), tuple(facts)))


_SCORES: Final = st.sampled_from([1.0, 0.993, 0.001])
ITEMS: Final = st.lists(_items(), max_size=6)


def spans_of(item: Annotated) -> Found:
    """What a reader must give back of *item*."""
    return [(span.start, span.end, span.label, span.text) for span in item.record.spans]


def write(format: Format, target: Path, items: Sequence[Annotated], *, cut: int = 1000) -> Path:
    """Write *items* to *target*, *cut* a call."""
    with open_writer(format, target) as writer:
        for at in range(0, len(items), cut):
            writer.write(items[at : at + cut])
    return target
