from __future__ import annotations

import datetime as dt
import json

import pytest

from raqam import Article
from serving.bodies import Refusal, chunks, media_type, parse, read_json, read_lines
from serving.problems import ProblemError
from serving.settings import Settings
from serving.streams import Lines

SETTINGS = Settings()


def cut(body: bytes) -> list[bytes | None]:
    """The lines of *body*, as a stream of it gives them."""
    lines = Lines(1000)
    return [*lines.feed(body), *lines.end()]


def refused(body: bytes) -> tuple[str, str, str | None]:
    with pytest.raises(ProblemError) as caught:
        read_json(body, SETTINGS)
    problem = caught.value.problem
    return problem.kind, problem.detail, problem.field


def test_one_article_with_everything() -> None:
    body = json.dumps({"text": " قم\r\n", "id": "۱", "published": "2025-09-25"}).encode()
    assert read_json(body, SETTINGS) == Article(" قم\r\n", "۱", dt.date(2025, 9, 25))


def test_null_is_as_good_as_absent() -> None:
    assert read_json(b'{"text": "a", "id": null, "published": null}', SETTINGS) == Article("a")


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_json(b'\xef\xbb\xbf{"text": "a"}', SETTINGS) == Article("a")


@pytest.mark.parametrize(
    ("body", "kind", "where"),
    [
        (b"", "invalid-json", "column 1"),
        (b'{"text":}', "invalid-json", "column 9"),
        (b'{\n"text":}', "invalid-json", "line 2, column 8"),
        (b'{"text": NaN}', "invalid-json", "NaN"),
        (b'{"text": -Infinity}', "invalid-json", "-Infinity"),
        (b'{"text": "a"} {}', "invalid-json", "column 15"),
        (b'{"text": "\n"}', "invalid-json", "line 1, column 11"),
        (b'{"text": ' + b"9" * 5000 + b"}", "invalid-json", "digits"),
        (b'{"text": "\xd9"}', "invalid-utf8", "Byte 10 (0xd9)"),
        (b"[" * 100_000, "too-deep", "levels"),
        (b'{"articles":' * 100_000, "too-deep", "levels"),
    ],
)
def test_a_body_that_cannot_be_read_says_where(body: bytes, kind: str, where: str) -> None:
    found, detail, field = refused(body)
    assert (found, field) == (kind, None)
    assert where in detail


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        (b"[]", "wrong-type", None),
        (b'"text"', "wrong-type", None),
        (b"null", "wrong-type", None),
        (b"{}", "missing-field", "text"),
        (b'{"id": "1"}', "missing-field", "text"),
        (b'{"text": null}', "wrong-type", "text"),
        (b'{"text": 1e999}', "wrong-type", "text"),
        (b'{"text": ["a"]}', "wrong-type", "text"),
        (b'{"text": ""}', "blank-text", "text"),
        (b'{"text": " \\n\\u00a0"}', "blank-text", "text"),
        (b'{"text": "a\\ud800b"}', "invalid-unicode", "text"),
        (b'{"text": "a", "id": 7}', "wrong-type", "id"),
        (b'{"text": "a", "id": true}', "wrong-type", "id"),
        (b'{"text": "a", "id": "\\udfff"}', "invalid-unicode", "id"),
        (b'{"text": "a", "published": "1404-13-01"}', "wrong-published", "published"),
        (b'{"text": "a", "published": "2025-09-25T10:00:00"}', "wrong-published", "published"),
        (b'{"text": "a", "published": 20250925}', "wrong-type", "published"),
        (b'{"text": "a", "published": ' + b"[" * 900 + b"]" * 900 + b"}", "wrong-type", "published"),
        (b'{"text": "a", "txt": "b"}', "unknown-field", "txt"),
        (b'{"text": "a", "\\ud800": "b"}', "unknown-field", "\\ud800"),
        (b'{"text": "a", "articles": []}', "unknown-field", "text"),
        (b'{"articles": {}}', "wrong-type", "articles"),
        (b'{"articles": null}', "wrong-type", "articles"),
    ],
)
def test_a_field_that_is_wrong_is_named(body: bytes, kind: str, field: str | None) -> None:
    assert refused(body)[::2] == (kind, field)


def test_limits_are_named() -> None:
    small = Settings(max_characters=3, max_articles=2)
    for body, kind, limit in [
        (b'{"text": "abcd"}', "text-too-long", 3),
        (b'{"articles": [1, 2, 3]}', "too-many-articles", 2),
    ]:
        with pytest.raises(ProblemError) as caught:
            read_json(body, small)
        assert (caught.value.problem.kind, caught.value.problem.limit) == (kind, limit)
        assert f"the limit is {limit}" in caught.value.problem.detail


def test_an_article_of_several_keeps_its_problem_to_itself() -> None:
    values = [{"text": "a"}, {"text": "", "id": "b"}, 5, {"text": "c", "id": "\ud800"}, {"text": "d", "x": 1}]
    items = read_json(json.dumps({"articles": values}).encode(), SETTINGS)
    assert isinstance(items, list)
    assert items[0] == Article("a")
    refusals = [item for item in items if isinstance(item, Refusal)]
    assert [(item.id, item.problem.kind, item.problem.field) for item in refusals] == [
        ("b", "blank-text", "articles[1].text"),
        (None, "wrong-type", "articles[2]"),
        (None, "invalid-unicode", "articles[3].id"),
        (None, "unknown-field", "articles[4].x"),
    ]


def test_lines_are_numbered_as_an_editor_does() -> None:
    body = b'{"text": "a"}\r\n\n{"text":\n\xff\n{"text": "", "id": "e"}\n{"text": "f"}'
    items = read_lines(cut(body), SETTINGS)
    assert [item for item in items if isinstance(item, Article)] == [Article("a"), Article("f")]
    refusals = [item for item in items if isinstance(item, Refusal)]
    assert [(item.id, item.problem.kind, item.problem.line) for item in refusals] == [
        (None, "invalid-json", 2),
        (None, "invalid-json", 3),
        (None, "invalid-utf8", 4),
        ("e", "blank-text", 5),
    ]


def test_lines_of_a_text_are_not_lines_of_the_body() -> None:
    body = json.dumps({"text": "a\u2028b\u0085c"}, ensure_ascii=False).encode()
    assert read_lines(cut(body), SETTINGS) == [Article("a\u2028b\u0085c")]


@pytest.mark.parametrize(
    ("body", "number"),
    [(b"", 0), (b"{}", 1), (b"{}\n", 1), (b"{}\r\n", 1), (b"\n", 1), (b"{}\n\n", 2), (b"\n{}", 2), (b"{}\n ", 2)],
)
def test_every_line_counts_and_the_end_of_the_last_one_begins_none(body: bytes, number: int) -> None:
    assert len(cut(body)) == number


def test_a_blank_line_is_a_refusal_that_says_so() -> None:
    (item,) = read_lines(cut(b" \t\r\n"), SETTINGS)
    assert isinstance(item, Refusal)
    assert (item.problem.kind, item.problem.line) == ("invalid-json", 1)
    assert "blank" in item.problem.detail


def test_too_many_articles_are_counted_before_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.bodies.read_article", lambda *_: pytest.fail("read"))
    with pytest.raises(ProblemError, match="too-many-articles"):
        read_json(b'{"articles": [1, 2, 3]}', Settings(max_articles=2))


@pytest.mark.parametrize(
    "header",
    [
        "application/json",
        "Application/JSON ; Charset=UTF-8",
        'application/json;charset="utf-8"',
        "application/x-ndjson; charset=utf8",
    ],
)
def test_types_that_are_supported(header: str) -> None:
    assert media_type(header) in ("application/json", "application/x-ndjson")


@pytest.mark.parametrize("header", ["", "text/plain", "application/json; charset=windows-1256", "json", ";", "é" * 500])
def test_types_that_are_not(header: str) -> None:
    with pytest.raises(ProblemError, match="unsupported-media-type"):
        media_type(header)


def test_parse_keeps_lone_surrogates_for_the_article_to_report() -> None:
    assert parse(b'"\\ud800"') == "\ud800"


def test_chunks_keep_the_order_and_bound_the_text() -> None:
    items = [Article("x" * size) for size in (10, 10, 25, 1, 1, 1, 1)]
    parts = chunks(items, articles=3, characters=20)
    assert [item for part in parts for item in part] == items
    assert [len(part) for part in parts] == [2, 1, 3, 1]
    assert chunks([]) == []
