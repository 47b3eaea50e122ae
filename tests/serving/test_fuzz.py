"""Whatever is sent, the answer is a record or a problem: never a status of 500 or more, always JSON in UTF-8."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from serving.schemas import ProblemOut, RecordOut, RecordsOut, RefusalOut

HEADERS = {"Content-Type": "application/json"}
PERSIAN = st.text(st.sampled_from("استاندرهمقم يك‌\u200d\u200f\u0640\u064b۱۲٣4٪،.\n\r\0📈\ud800\udfff\ufeff﷼\u2028"))
TEXTS = PERSIAN | st.text(st.characters(), max_size=50)
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
