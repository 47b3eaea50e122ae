"""The whole reader: figures that lend each other what they leave out, the seed articles, and anything at all."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raqam import Span
from raqam.figures import VALUED, read_values, reading
from raqam.figures.bounds import _AFTER, _BEFORE
from raqam.figures.objects import value_problems
from raqam.figures.words import CARDINALS, ENDINGS, ORDINALS, PARTS, SCALES, SIGNS, TO, VAGUE
from raqam.labels import CODES
from raqam.text import normalize
from tests.raqam.figures.cases import KINDS, check_all, load, marked, parameters, read_all, read_one, rials
from tests.texts import ARABIC_DIGITS, ARABIC_LETTERS, LATIN_DIGITS, LOST_JOINERS, TEXTS

ROOT: Final = Path(__file__).resolve().parents[3]
GOLD: Final = sorted((ROOT / "annotations" / "gold").glob("*.json"))
NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
BOUNDS: Final = {"exact", *_BEFORE, *_AFTER}
FIELDS: Final = {"money": {"currency", "irr"}, "quantity": {"unit"}, "count": {"of"}}
FIELDS_OF_FIGURES: Final = ("MON", "PCT", "QTY", "CNT", "RNK")
FILES: Final = {"money": "MON", "percent": "PCT", "quantities": "QTY", "counts": "CNT", "ranks": "RNK"}


@pytest.mark.parametrize(("surface", "case"), parameters("ellipsis"))
def test_cases(surface: str, case: dict[str, Any]) -> None:
    check_all(surface, case)


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem)
def test_the_seed_articles_are_read_as_gold_has_them(path: Path) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    published = dt.date.fromisoformat(record["published"]) if "published" in record else None
    spans = [Span(span["start"], span["end"], span["label"], span["text"], 1.0) for span in record["spans"]]
    found = read_values(normalize(record["text"]), spans, published)
    assert [span.value and dict(span.value) for span in found] == [span["value"] for span in record["spans"]]
    assert all(span.value is not None for span in found if span.label in VALUED)


def test_there_are_five_seed_articles() -> None:
    assert len(GOLD) == 5


@pytest.mark.parametrize(
    ("variant", "name"),
    [
        (variant, name)
        for variant in ("lost joiners", "Arabic letters", "Arabic digits", "Latin digits")
        for name in FILES
    ],
)
def test_variants_of_a_text_give_the_same_values(variant: str, name: str) -> None:
    tables: dict[str, Any] = {
        "lost joiners": LOST_JOINERS,
        "Arabic letters": ARABIC_LETTERS,
        "Arabic digits": ARABIC_DIGITS,
        "Latin digits": LATIN_DIGITS,
    }
    for case in load(name):
        for surface in case["surfaces"]:
            if variant == "Latin digits" and "/" in surface:
                continue  # stands for a decimal back to front
            changed = surface.translate(tables[variant])
            around = {key: case.get(key, "").translate(tables[variant]) for key in ("before", "after")}
            label = FILES[name]
            assert alike(read_one(changed, label, around)) == alike(read_one(surface, label, case))


def alike(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """*value* with the noun as every variant of the text has it."""
    return value if not value or not value.get("of") else {**value, "of": normalize(value["of"]).text}


def check(span: Span) -> None:
    """The value of *span* is one that its label can have."""
    value = span.value
    if value is None:
        return
    assert span.label in {*VALUED, "LOC"}
    kind = value["kind"]
    if span.label in KINDS:
        assert kind == KINDS[span.label] or (span.label, kind) == ("PCT", "ratio")
        check_figure(kind, value)
    elif span.label == "DAT":
        assert kind == "date"
        assert set(value) <= {"kind", "calendar", "date", "relative", "start", "end"}
        assert value["calendar"] in {"jalali", "gregorian", "islamic"}
        assert ("date" in value) != ("relative" in value)
        assert ("start" in value) == ("end" in value)
        if "start" in value:
            assert dt.date.fromisoformat(value["start"]) <= dt.date.fromisoformat(value["end"])
    else:
        assert set(value) == {"kind", "country", "province"}


def check_figure(kind: str, value: Mapping[str, Any]) -> None:
    """Exactly the keys of its kind, exact decimal strings, and a range in order."""
    parts = set(value) & {"number", "low", "high"}
    assert parts in (set(), {"number"}, {"low", "high"})
    assert set(value) == {"kind", "bound", *FIELDS.get(kind, ()), *parts}
    assert value["bound"] in BOUNDS
    assert all(NUMBER.fullmatch(value[part]) for part in parts)
    if "low" in parts:
        assert Decimal(value["low"]) < Decimal(value["high"])
    if kind == "money":
        assert re.fullmatch("[A-Z]{3}", value["currency"])
        assert value["irr"] == rials(dict(value))
    if kind == "quantity":
        assert re.fullmatch("[A-Za-z0-9/%]+", value["unit"])
    if kind == "count":
        assert value["of"] is None or value["of"] == value["of"].strip() != ""
    if kind == "rank":
        assert all(value[part].isdigit() for part in parts)


def check_reading(text: str, spans: list[Span], published: dt.date | None = None) -> None:
    """The same spans come back in order, each with a value it may have."""
    found = read_values(normalize(text), spans, published)
    assert [(each.start, each.end, each.label, each.text, each.score) for each in found] == [
        (each.start, each.end, each.label, each.text, each.score) for each in spans
    ]
    for span in found:
        check(span)


DAYS: Final = st.none() | st.dates()


@st.composite
def articles(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> tuple[str, list[Span]]:
    """A text and spans of it, in order and apart, with any labels, at any characters."""
    text = draw(texts)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=16)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    labels = draw(st.lists(st.sampled_from([*CODES]), min_size=len(pairs), max_size=len(pairs)))
    return text, [Span(*pair, label, text[slice(*pair)], 0.5) for pair, label in zip(pairs, labels, strict=True)]


@given(articles(TEXTS), DAYS)
@settings(max_examples=500)
def test_any_spans_of_any_text(article: tuple[str, list[Span]], published: dt.date | None) -> None:
    check_reading(*article, published)


NUMERALS: Final = (*CARDINALS, *SCALES, *PARTS, *ORDINALS, *VAGUE, *SIGNS, *TO, *ENDINGS)
OTHERS: Final = [
    "و", "،", ",", "-", "/", ".", "٪", "%", "(", ")", "«", "»", "بین", "از", "به", "در", "هر", "۵", "12", "۱۲۰۰",
    "۳/۵", "8/19", "۰.۵", "۱,۲۵۰", "۱۲.۵۰۰", "0", "۰۹۱۲", "4×100", "تومان", "ریال", "دلار", "یورو", "سنت", "همت",
    "تن", "متر", "مترمربع", "بشکه", "روز", "سال", "ساعت", "دقیقه", "درجه", "واحد", "کیلو", "گرم", "درصد", "برابر",
    "نفر", "معدن", "شرکت", "دهستان", "سیاسی", "رتبه", "مقام", "حدود", "بیش", "کمتر", "حداقل", "بالا", "بیشتر",
    "شاخص", "عربستان", "امروز", "۱۴۰۴", "خرداد", "همدان", "$", "€", "\n",
]  # fmt: skip
PIECES: Final = st.one_of(st.sampled_from(NUMERALS), st.sampled_from(OTHERS), st.sampled_from(OTHERS))


@st.composite
def recombined(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """Words of the grammar with and without spaces between them, and spans of several of them."""
    text, spans = "", list[Span]()
    for _ in range(draw(st.integers(1, 6))):
        text += draw(st.sampled_from(["", " ", " و ", " به ", ". ", " تا "]))
        between = draw(st.sampled_from([" ", " ", "", "\N{ZERO WIDTH NON-JOINER}"]))
        words = between.join(draw(st.lists(PIECES, min_size=1, max_size=8)))
        label = draw(st.sampled_from([*VALUED, "LOC", "O"]))
        if label != "O" and words.strip():
            spans.append(Span(len(text), len(text) + len(words), label, words, 0.5))
        text += words
    return text, spans


@given(recombined(), DAYS)
@settings(max_examples=1_000)
def test_words_of_the_grammar_in_any_order(article: tuple[str, list[Span]], published: dt.date | None) -> None:
    check_reading(*article, published)


LONG: Final = {
    "digits": "1" * 100_000,
    "groups": "1," * 50_000,
    "spaced groups": "111 " * 25_000,
    "slashes": "1/" * 50_000,
    "a sum without end": "سه و " * 20_000,
    "joined words": "سه" * 50_000,
    "scales": "هزار " * 20_000,
    "spaces": "5" + " " * 100_000 + "تومان",
    "marks of direction": "\N{RIGHT-TO-LEFT MARK}۵\N{LEFT-TO-RIGHT EMBEDDING}" * 20_000,
}


@pytest.mark.parametrize("name", LONG)
def test_long_spans(name: str) -> None:
    text = LONG[name]
    check_reading(text, [Span(0, len(text), "MON", text, 0.5)])
    for label in CODES:
        check_reading(text[:20_000], [Span(0, 20_000, label, text[:20_000], 0.5)])


def test_many_spans_are_read_in_one_pass() -> None:
    text = "۵ میلیارد تومان و ۳ " * 2_000
    spans = [Span(at, at + 1, "MON", text[at], 0.5) for at in range(0, len(text), 20) if text[at].isdigit()]
    check_reading(text, spans)


def test_no_spans() -> None:
    assert read_values(normalize("متن"), []) == []


def test_marks_are_taken_out() -> None:
    text, [span] = marked("از ⟦MON:۵ تومان⟧ تا")
    assert (text, text[span.start : span.end]) == ("از ۵ تومان تا", "۵ تومان")
    assert read_all("⟦PCT:۵ درصد⟧") == [{"kind": "percent", "number": "5", "bound": "exact"}]


@pytest.mark.parametrize("label", sorted(FIELDS_OF_FIGURES))
def test_only_what_is_near_is_looked_at(label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many figures as there are, each looks at those within reach alone."""
    seen: list[int] = []
    parted = reading._Reading._is_parted

    def count(self: Any, end: int, start: int) -> bool:
        seen.append(start)
        return parted(self, end, start)

    monkeypatch.setattr(reading._Reading, "_is_parted", count)
    text = "۷ . ۵ نفر . " * 300
    spans = [Span(at, at + 1, label, text[at], 1.0) for at in range(0, len(text), 12)]
    spans += [Span(at, at + 5, label, text[at : at + 5], 1.0) for at in range(4, len(text), 12)]
    read_values(normalize(text), sorted(spans, key=lambda span: span.start))
    assert len(seen) <= 2 * 60 * len(spans)


def test_a_control_character_is_in_no_noun() -> None:
    text = "۳ نف\x07ر"
    (found,) = read_values(normalize(text), [Span(0, len(text), "CNT", text, 1.0)])
    assert found.value is None or not list(value_problems("CNT", found.value))
