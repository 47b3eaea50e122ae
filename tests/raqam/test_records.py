from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.errors import InputError, PublishedError, TextError
from raqam.records import MAX_CHARACTERS, Article, Fact, Record, Span, check_published, check_text
from tests.texts import TEXTS


@given(TEXTS.filter(str.strip))
def test_a_text_that_can_be_annotated_is_left_as_it_is(text: str) -> None:
    assert Article.checked(text) == Article(text)


@pytest.mark.parametrize("text", ["", " ", "\r\n\t", "\xa0\u2028\u3000"])
def test_a_blank_text_is_refused(text: str) -> None:
    with pytest.raises(TextError, match="'text' is blank") as caught:
        check_text(text)
    assert (caught.value.field, caught.value.reason) == ("text", "blank")


def test_the_limit_is_in_characters_and_named() -> None:
    assert check_text("📈" * MAX_CHARACTERS)
    with pytest.raises(TextError, match=r"'text' has 200,001 characters; the limit is 200,000\.") as caught:
        check_text("ا" * (MAX_CHARACTERS + 1))
    assert caught.value.reason == "too_long"
    with pytest.raises(TextError, match=r"6 characters; the limit is 5\."):
        check_text("همدان.", 5)


@given(st.text(max_size=10), st.characters(categories=["Cs"]), st.text(max_size=10))
def test_a_lone_surrogate_is_refused_at_its_place(before: str, surrogate: str, after: str) -> None:
    name = rf"\(U\+{ord(surrogate):04X}\) at character {len(before)};"
    with pytest.raises(TextError, match=name) as caught:
        check_text(before + surrogate + after)
    assert caught.value.reason == "surrogate"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"), (True, "a boolean"), (1, "a number"), (1.5, "a number"), (["ا"], "an array"), ({}, "an object"),
        (b"x", "bytes"),
    ],
)  # fmt: skip
def test_a_value_that_is_no_string_is_called_by_its_name_in_json(value: object, kind: str) -> None:
    with pytest.raises(TextError, match=f"'text' must be a string, not {kind}") as text:
        Article.checked(value)
    assert text.value.reason == "not_a_string"
    if value is not None:
        with pytest.raises(InputError, match=f"'id' must be a string, not {kind}") as other:
            Article.checked("قم", id=value)
        assert (other.value.field, other.value.reason) == ("id", "not_a_string")


def test_an_id_is_any_string_that_can_be_written() -> None:
    assert Article.checked("قم", id="").id == ""
    assert Article.checked("قم", id="\0📈").id == "\0📈"
    with pytest.raises(InputError, match="'id' holds a lone surrogate"):
        Article.checked("قم", id="a\udfff")


@given(st.dates())
def test_a_date_is_taken_as_a_date_and_as_iso(date: dt.date) -> None:
    assert check_published(date) == check_published(date.isoformat()) == date
    assert check_published(dt.datetime.combine(date, dt.time(23, 59))) == date


@pytest.mark.parametrize(
    "value",
    [
        "", "2025-9-25", "20250925", "2025-02-30", "2025-09-25T10:00", " 2025-09-25", "2025-09-25\n", "۲۰۲۵-۰۹-۲۵",
        "1404/07/03", "0000-01-01", 20250925, True, ["2025-09-25"], "\ud800",
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_shown(value: object) -> None:
    with pytest.raises(PublishedError, match=r"'published' must be an ISO date such as 2025-09-25, not ") as caught:
        check_published(value)
    assert repr(value)[:40] in str(caught.value)
    assert str(caught.value).encode()
    assert (caught.value.field, caught.value.reason) == ("published", "not_a_date")


def test_a_long_value_is_shown_short() -> None:
    with pytest.raises(PublishedError) as caught:
        check_published("9" * 1_000_000)
    assert len(str(caught.value)) < 120


@given(TEXTS, st.floats(0, 1, exclude_min=True), st.none() | st.just({"kind": "percent", "number": "47"}))
def test_a_record_goes_through_json(text: str, score: float, value: dict[str, Any] | None) -> None:
    span = Span(0, len(text), "PCT", text, score, value)
    record = Record(text, "tiny@1", (span,), (Fact(0, 0),))
    again = json.loads(json.dumps(record.to_dict()))
    assert again == record.to_dict()
    assert list(again) == ["id", "model", "spans", "facts"]
    assert list(again["spans"][0]) == ["start", "end", "label", "text", "score", "value"]
    assert again["spans"][0]["score"] == pytest.approx(score, abs=0.0005)
    assert again["spans"][0]["value"] is not value or value is None


def test_values_cannot_be_changed() -> None:
    for value, name in [(Article("قم"), "text"), (Fact(0, 1), "figure"), (Record(None, "m", ()), "id")]:
        with pytest.raises(AttributeError):
            setattr(value, name, "x")
