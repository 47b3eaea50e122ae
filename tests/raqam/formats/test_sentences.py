"""Sentences and words of an article as it is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from raqam.formats.sentences import sentences, words
from raqam.records import Span
from raqam.text import normalize
from raqam.tokens import sentence_ends
from tests.texts import TEXTS


def cut(text: str, *edges: int) -> list[str]:
    return [text[start:end] for start, end in words(text, 0, len(text), frozenset(edges))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" \n\t", []),
        ("می‌شود، آمد.", ["می‌شود", "،", "آمد", "."]),
        ("۴۷٪ و ۳٫۵ و 1,250.5", ["۴۷", "٪", "و", "۳٫۵", "و", "1,250.5"]),
        ("قِیمَت خانهٔ", ["قِیمَت", "خانهٔ"]),
        ("\u200fقم\u200e، \u202bیزد\u202c", ["\u200fقم\u200e", "،", "\u202bیزد\u202c"]),
        ("«\u200cقم", ["«\u200c", "قم"]),
        ("👍\ufe0f!!", ["👍\ufe0f", "!", "!"]),
        ("a_b-c ـــ", ["a_b", "-", "c", "ـــ"]),
        ("۵تومان", ["۵تومان"]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert cut(text) == found


def test_edges_cut_words() -> None:
    assert cut("استان‌همدان", 2, 5) == ["اس", "تان", "‌همدان"]
    assert cut("قم یزد", 0, 2, 3, 6) == ["قم", "یزد"]


@given(text=TEXTS)
def test_words_hold_all_but_white_space(text: str) -> None:
    assert "".join(cut(text)) == "".join(text.split())
    found = list(words(text, 0, len(text), frozenset(range(0, len(text), 3))))
    assert all(start < end for start, end in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(found))
    assert not any(start < at < end for start, end in found for at in range(0, len(text), 3))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("آمد", ["آمد"]),
        ("رشد 4.5 بود.  رفت؟\nآمد", ["رشد 4.5 بود.", "  رفت؟", "\n", "آمد"]),
        ("آمد\u2028رفت\r\nشد", ["آمد\u2028", "رفت\r\n", "شد"]),
        ("سرمايه‌گذاري شد. رفت", ["سرمايه‌گذاري شد.", " رفت"]),
    ],
)
def test_sentences(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text, ())] == found


def test_no_sentence_ends_inside_a_span() -> None:
    text = "رشد. تولید آمد. رفت"
    spans = (Span(0, 10, "PLN", text[:10], 1.0), Span(11, 15, "EVT", text[11:15], 1.0))
    assert sentences(text, spans) == [(0, 15), (15, 19)]


@given(text=TEXTS)
def test_sentences_end_where_those_of_the_windows_do(text: str) -> None:
    found = sentences(text, ())
    assert "".join(text[start:end] for start, end in found) == text
    normalized = normalize(text)
    ends = {int(normalized.ends[end - 1]) for end in sentence_ends(normalized.text)}
    assert {end for _, end in found} - {len(text)} == ends - {len(text)}
