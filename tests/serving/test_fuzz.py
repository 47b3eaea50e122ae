"""Whatever is sent, the answer is a record or a problem: never a status of 500 or more, always JSON in UTF-8."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from raqam.records import MAX_CHARACTERS
from serving.schemas import ProblemOut, RecordOut, RecordsOut, RefusalOut
from tests.serving.conftest import Serve

HEADERS = {"Content-Type": "application/json"}
PERSIAN = st.text(st.sampled_from("استاندرهمقم يك‌\u200d\u200f\u0640\u064b۱۲٣4٪،.\n\r\0📈\ud800\udfff\ufeff﷼\u2028"))
BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
JOINED = st.lists(st.sampled_from(["استاندار", "می", "۶۶۰۰", "میلیارد", "تومان", "\u200c", "\u200d", *BIDI])).map(
    "".join
)
TEXTS = PERSIAN | JOINED | st.text(st.characters(), max_size=50)
NUMBERS = st.integers() | st.floats() | st.just(10**400)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
ARTICLES = st.fixed_dictionaries(
    {"text": TEXTS | VALUES},
    optional={
        "id": TEXTS | VALUES,
        "published": st.dates().map(str) | TEXTS | VALUES,
        "artikel": VALUES,
    },
)
BODIES = ARTICLES | st.fixed_dictionaries({"articles": st.lists(ARTICLES | VALUES, max_size=4) | VALUES}) | VALUES
MEGABYTE = 2**20
#: Bodies no caller means to send, with the type of problem that each is; None is a record.
EDGES: list[tuple[str, bytes, str | None]] = [
    ("half a surrogate pair", rb'{"text": "\ud83d"}', "invalid-unicode"),
    ("half a pair as an id", rb'{"text": "a", "id": "\udcc8"}', "invalid-unicode"),
    ("a pair the wrong way round", rb'{"text": "\udcc8\ud83d"}', "invalid-unicode"),
    ("a pair", rb'{"text": "\ud83d\udcc8"}', None),
    ("a surrogate in UTF-8", b'{"text": "\xed\xa0\xbd"}', "invalid-utf8"),
    ("a zero, escaped", rb'{"text": "\u0000"}', None),
    ("a zero as it is", b'{"text": "\0"}', "invalid-json"),
    ("a zero after the end", b'{"text": "a"}\0', "invalid-json"),
    ("joiners alone", json.dumps({"text": "\u200c\u200d" * 1000}).encode(), None),
    ("signs of direction alone", json.dumps({"text": BIDI * 100}).encode(), None),
    ("a token of a megabyte", b'{"text": "%s"}' % (b"a" * MEGABYTE), "text-too-long"),
    ("an id of a megabyte", b'{"text": "a", "id": "%s"}' % (b"a" * MEGABYTE), None),
    ("a name of a megabyte", b'{"text": "a", "%s": 1}' % (b"a" * MEGABYTE), "unknown-field"),
    ("a day of a megabyte", b'{"text": "a", "published": "%s"}' % (b"1" * MEGABYTE), "wrong-published"),
    ("spaces of a megabyte", b'{"text": "a"%s}' % (b" " * MEGABYTE), None),
    ("deep arrays", b"[" * 100_000 + b"]" * 100_000, "too-deep"),
    ("deep arrays without an end", b"[" * 100_000, "too-deep"),
    ("deep objects", b'{"text":' * 100_000 + b"1" + b"}" * 100_000, "too-deep"),
    ("a deep text", b'{"text": %s%s}' % (b"[" * 500, b"]" * 500), "wrong-type"),
    ("a number of many digits", b'{"text": %s}' % (b"9" * 100_000), "invalid-json"),
    ("a number that is not finite", b'{"text": 1e999}', "wrong-type"),
    ("a number with a long exponent", b'{"text": 1e%s}' % (b"9" * 1000), "wrong-type"),
    ("no number", b'{"text": NaN}', "invalid-json"),
    ("a name twice, the last of them counts", b'{"text": "", "text": "a"}', None),
    ("a name twice, the last of them blank", b'{"text": "a", "text": ""}', "blank-text"),
    ("a mark of the order of bytes", b'\xef\xbb\xbf{"text": "a"}', None),
    ("UTF-16", '{"text": "a"}'.encode("utf-16"), "invalid-utf8"),
]
PATIENT = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(content: bytes) -> Any:
    """The value of *content*, which must be strict JSON in strict UTF-8."""
    return json.loads(content.decode("utf-8"), parse_constant=lambda name: 1 / 0)


def check(response: httpx.Response) -> Any:
    content = read(response.content)
    if response.status_code == 200:
        (RecordsOut if "articles" in content else RecordOut).model_validate(content)
    else:
        assert 400 <= response.status_code < 500
        assert response.headers["content-type"] == "application/problem+json"
        assert ProblemOut.model_validate(content).status == response.status_code
    return content


@PATIENT
@given(st.binary(max_size=200))
@example(b'{"text": "\xed\xa0\x80"}')
@example(b'{"text": "a", "text": ""}')
@example(b'{"text": "a"}\0')
def test_any_bytes(client: httpx.Client, body: bytes) -> None:
    check(client.post("/annotate", content=body, headers=HEADERS))


@PATIENT
@given(BODIES, st.booleans(), st.sampled_from(["codepoint", "utf16"]))
def test_any_value(client: httpx.Client, body: object, escaped: bool, unit: str) -> None:
    raw = json.dumps(body, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    content = check(client.post(f"/annotate?offsets={unit}", content=raw, headers=HEADERS))
    if isinstance(body, dict) and isinstance(articles := body.get("articles"), list) and "articles" in content:
        assert len(content["articles"]) == len(articles)


@pytest.mark.parametrize(("body", "problem"), [pytest.param(*edge, id=name) for name, *edge in EDGES])
def test_what_no_caller_means_to_send(client: httpx.Client, body: bytes, problem: str | None) -> None:
    content = check(client.post("/annotate", content=body, headers=HEADERS))
    assert content.get("type") == (problem and f"/problems/{problem}")
    assert len(json.dumps(content)) < 1000 or problem is None


def test_the_same_as_lines(client: httpx.Client) -> None:
    bodies = [body for _, body, _ in EDGES]
    response = client.post("/annotate", content=b"\n".join(bodies), headers={"Content-Type": "application/x-ndjson"})
    answers = [read(line) for line in response.content.split(b"\n")[:-1]]
    assert len(answers) == len(EDGES)
    for number, ((name, _, problem), answer) in enumerate(zip(EDGES, answers, strict=True), start=1):
        assert answer.get("error", {}).get("type") == (problem and f"/problems/{problem}"), name
        assert answer.get("error", {}).get("line", number) == number


@pytest.mark.parametrize("sign", ["a", "۱", "\u200c", "\u202e", "ﷺ", "\u064b", "📈", "\0", "."])
def test_a_text_of_one_sign_as_long_as_allowed(serve: Serve, sign: str) -> None:
    text = sign * MAX_CHARACTERS
    content = check(serve().post("/annotate?offsets=utf16", json={"text": text}))
    assert content["model"].startswith("tiny")


@PATIENT
@given(st.lists(ARTICLES.map(json.dumps).map(str.encode) | st.binary(max_size=50), max_size=6))
def test_any_lines(client: httpx.Client, lines: list[bytes]) -> None:
    body = b"\n".join(lines)
    response = client.post("/annotate", content=body, headers={"Content-Type": "application/x-ndjson"})
    assert response.status_code == 200
    answers = [read(line) for line in response.content.split(b"\n")[:-1]]
    assert len(answers) == len(body.removesuffix(b"\n").split(b"\n") if body else [])
    for answer in answers:
        (RefusalOut if "error" in answer else RecordOut).model_validate(answer)


@PATIENT
@given(st.text(st.characters(max_codepoint=255), max_size=40), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_type_and_parameter(client: httpx.Client, kind: str, parameter: str) -> None:
    value = "".join(character for character in kind if character.isprintable()).strip().encode("latin-1")
    response = client.post("/annotate", params={parameter: "x"}, content=b"{}", headers={b"Content-Type": value})
    check(response)


@PATIENT
@given(st.binary(min_size=1, max_size=40))
def test_any_path(client: httpx.Client, path: bytes) -> None:
    response = client.get("/x" + quote(path))
    assert response.status_code == 404
    check(response)
