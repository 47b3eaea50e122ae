"""``POST /annotate`` as a caller sees it, over a socket."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from raqam import Annotator, Article
from raqam.annotator import Prepared
from serving.schemas import ProblemOut, RecordOut, RecordsOut
from tests.serving.conftest import SEEDS, Serve

NDJSON = {"Content-Type": "application/x-ndjson"}
TEXT = "استاندار همدان 📈 در قم"
HEAD = "POST /annotate HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
PIECE = b"2711\r\n" + b" " * 10_001 + b"\r\n"  # of a chunked body: one byte more than the limit of the tests
PLACES = [(0, 8, "TTL"), (9, 14, "LOC"), (20, 22, "LOC")]


def places(record: dict[str, Any]) -> list[tuple[int, int, str]]:
    return [(span["start"], span["end"], span["label"]) for span in record["spans"]]


def problem(response: httpx.Response) -> dict[str, Any]:
    """The problem that *response* is, checked to be one."""
    assert response.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = response.json()
    ProblemOut.model_validate(content)
    assert content["status"] == response.status_code
    return content


def connected(client: httpx.Client) -> socket.socket:
    """A bare connection to the service of *client*."""
    return socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=60)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_a_seed_article_gets_its_record(client: httpx.Client, annotator: Annotator, seed: Path) -> None:
    text = seed.read_bytes().decode()
    response = client.post("/annotate", json={"text": text, "id": seed.stem, "published": "2025-09-25"})
    assert response.status_code == 200
    record = response.json()
    assert record == annotator.annotate(Article.checked(text, seed.stem, "2025-09-25")).to_dict()
    assert RecordOut.model_validate(record).spans
    assert all(text[span["start"] : span["end"]] == span["text"] for span in record["spans"])


def test_several_articles_come_back_in_order(client: httpx.Client, annotator: Annotator) -> None:
    articles = [{"text": f"{number} نفر در همدان", "id": str(number)} for number in range(100)]
    response = client.post("/annotate", json={"articles": articles})
    assert response.json() == {
        "articles": [annotator.annotate(Article(each["text"], each["id"])).to_dict() for each in articles]
    }
    assert client.post("/annotate", json={"articles": []}).json() == {"articles": []}


def test_a_wrong_article_does_not_cost_the_others_theirs(serve: Serve) -> None:
    articles = [{"text": TEXT, "id": "a"}, {"text": " ", "id": "b"}, {"text": TEXT}]
    response = serve().post("/annotate", json={"articles": articles})
    assert response.status_code == 200
    RecordsOut.model_validate(response.json())
    first, second, third = response.json()["articles"]
    assert (first["id"], third["id"]) == ("a", None)
    assert places(first) == places(third) == PLACES
    assert second == {
        "id": "b",
        "error": {
            "type": "/problems/blank-text",
            "title": "The text is blank",
            "status": 422,
            "detail": "'text' is blank: there is nothing to annotate.",
            "field": "articles[1].text",
        },
    }


def test_lines_in_give_lines_out(serve: Serve) -> None:
    lines = [json.dumps({"text": TEXT, "id": "a"}), "", "{", json.dumps({"text": TEXT}, ensure_ascii=False)]
    response = serve().post("/annotate", content="\n".join(lines).encode(), headers=NDJSON)
    assert response.headers["content-type"] == "application/x-ndjson"
    assert response.text.endswith("\n")
    first, second, third, fourth = map(json.loads, response.text.splitlines())
    assert places(first) == places(fourth) == PLACES
    for number, line in ((2, second), (3, third)):
        assert (line["id"], line["error"]["type"], line["error"]["line"]) == (None, "/problems/invalid-json", number)


def test_many_lines_are_streamed(serve: Serve) -> None:
    body = "".join(json.dumps({"text": TEXT, "id": str(number)}) + "\n" for number in range(500))
    with serve().stream("POST", "/annotate", content=body.encode(), headers=NDJSON) as response:
        assert "content-length" not in response.headers
        records = [json.loads(line) for line in response.iter_lines()]
    assert [record["id"] for record in records] == [str(number) for number in range(500)]
    assert all(places(record) == PLACES for record in records)


def test_offsets_in_utf16(serve: Serve) -> None:
    client = serve()
    units = TEXT.encode("utf-16-le")
    for body, headers in [
        (json.dumps({"text": TEXT}), {"Content-Type": "application/json"}),
        (json.dumps({"articles": [{"text": TEXT}]}), {"Content-Type": "application/json"}),
        (json.dumps({"text": TEXT}), NDJSON),
    ]:
        content = client.post("/annotate?offsets=utf16", content=body, headers=headers).json()
        record = content.get("articles", [content])[0]
        assert places(record) == [(0, 8, "TTL"), (9, 14, "LOC"), (21, 23, "LOC")]
        for span in record["spans"]:
            assert units[2 * span["start"] : 2 * span["end"]].decode("utf-16-le") == span["text"]
    assert places(client.post("/annotate?offsets=codepoint", json={"text": TEXT}).json()) == PLACES


@pytest.mark.parametrize("query", ["offsets=utf8", "offsets=", "offset=utf16", "%ff=1", "offsets=utf16&x=y"])
def test_a_wrong_parameter_is_named(client: httpx.Client, query: str) -> None:
    found = problem(client.post(f"/annotate?{query}", json={"text": "a"}))
    assert (found["type"], found["status"]) == ("/problems/wrong-parameter", 422)
    assert found["field"]


@pytest.mark.parametrize(
    ("body", "status", "kind", "field"),
    [
        (b'{"text": " "}', 422, "blank-text", "text"),
        (b'{"text": "\\ud800"}', 422, "invalid-unicode", "text"),
        (b'{"text": "a", "published": "tomorrow"}', 422, "wrong-published", "published"),
        (b'{"text": "a", "body": "b"}', 422, "unknown-field", "body"),
        (b'{"text": NaN}', 400, "invalid-json", None),
        (b"\xff", 400, "invalid-utf8", None),
        (b"[" * 10_000, 400, "too-deep", None),
        (json.dumps({"text": "ا" * 200_001}).encode(), 413, "text-too-long", "text"),
        (json.dumps({"articles": [{}] * 1001}).encode(), 413, "too-many-articles", "articles"),
    ],
)
def test_bad_input_gets_a_problem(client: httpx.Client, body: bytes, status: int, kind: str, field: str | None) -> None:
    response = client.post("/annotate", content=body, headers={"Content-Type": "application/json"})
    found = problem(response)
    assert (response.status_code, found["type"], found.get("field")) == (status, f"/problems/{kind}", field)


def test_the_longest_text_is_annotated(serve: Serve) -> None:
    text = ("قم " * 66_667)[:200_000]
    assert len(serve().post("/annotate", json={"text": text}).json()["spans"]) == 66_667


def test_other_types_are_refused(client: httpx.Client) -> None:
    response = client.post("/annotate", content=b'{"text": "a"}', headers={"Content-Type": "text/plain"})
    assert problem(response)["type"] == "/problems/unsupported-media-type"
    assert response.status_code == 415


def test_other_paths_and_methods_are_problems_too(client: httpx.Client) -> None:
    assert problem(client.get("/nothing"))["status"] == 404
    response = client.get("/annotate")
    assert problem(response)["status"] == 405
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ("Content-Length: 2000000", b""),
        ("Transfer-Encoding: chunked", PIECE),
        ("Content-Length: 10\r\nTransfer-Encoding: chunked", PIECE),
    ],
)
def test_a_body_over_the_limit_is_refused_while_it_is_read(serve: Serve, headers: str, sent: bytes) -> None:
    """The answer comes although the body never ends: what would follow is not waited for."""
    with connected(serve(max_body_bytes=10_000)) as connection:
        connection.sendall(f"{HEAD}{headers}\r\n\r\n".encode() + sent)
        response = HTTPResponse(connection)
        response.begin()
        found = json.loads(response.read())
    assert (response.status, found["type"], found["limit"]) == (413, "/problems/body-too-large", 10_000)


def test_a_body_at_the_limit_is_read(serve: Serve) -> None:
    body = json.dumps({"text": TEXT}).encode().ljust(10_000)
    headers = {"Content-Type": "application/json"}
    client = serve(max_body_bytes=10_000)
    assert client.post("/annotate", content=body, headers=headers).status_code == 200
    assert client.post("/annotate", content=iter([body]), headers=headers).status_code == 200
    assert client.post("/annotate", content=iter([body, b" "]), headers=headers).status_code == 413


def test_answers_are_utf8_and_not_escaped(client: httpx.Client) -> None:
    content = client.post("/annotate", json={"text": "در همدان", "id": "الف \u2028 📈"}).content
    assert "الف \u2028 📈".encode() in content


def test_requests_side_by_side_get_the_same_records(serve: Serve) -> None:
    client = serve()
    texts = [f"{number} میلیارد تومان در همدان و قم" for number in range(40)]
    alone = [client.post("/annotate", json={"text": text}).json() for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: client.post("/annotate", json={"text": text}).json(), texts))
    assert together == alone


class Failing(Annotator):
    """Has a bug that shows on articles with the word «خطا»."""

    def prepare(self, article: Article) -> Prepared:
        if "خطا" in article.text:
            raise RuntimeError(article.text)
        return super().prepare(article)


def test_a_mistake_of_ours_costs_one_article_and_tells_no_text(
    serve: Serve, tiny_model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Failing.load(tiny_model) as annotator:
        client = serve(annotator)
        found = problem(client.post("/annotate", json={"text": "خطا در قم", "id": "a"}))
        assert (found["type"], found["status"]) == ("/problems/internal", 500)
        several = client.post("/annotate", json={"articles": [{"text": TEXT}, {"text": "خطا"}, {"text": TEXT}]})
        first, second, third = several.json()["articles"]
    assert places(first) == places(third) == PLACES
    assert second["error"]["type"] == "/problems/internal"
    assert "خطا" not in json.dumps([found, second], ensure_ascii=False)
    assert "RuntimeError was not handled" in caplog.text
    assert "خطا" not in caplog.text


class Slow(Annotator):
    """Begins to annotate, and goes on when it is told to."""

    begun: Event
    go_on: Event
    seen: list[str | None]

    def prepare(self, article: Article) -> Prepared:
        self.seen.append(article.id)
        if article.id == "first":
            self.begun.set()
            assert self.go_on.wait(300)
        return super().prepare(article)


def test_several_articles_that_nobody_waits_for_are_not_annotated(serve: Serve, tiny_model: Path) -> None:
    articles = [{"text": TEXT, "id": "first"}, *[{"text": TEXT}] * 199]
    body = json.dumps({"articles": articles}).encode()
    with Slow.load(tiny_model, threads=1) as annotator:
        annotator.begun, annotator.go_on, annotator.seen = Event(), Event(), []
        client = serve(annotator)
        annotator.seen.clear()
        with connected(client) as connection:
            connection.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert annotator.begun.wait(300)
        while 'raqam_request_seconds_count{path="/annotate"}' not in (metrics := client.get("/metrics").text):
            pass
        client.get("/livez")  # by then the service has also given up what was left of the request
        annotator.go_on.set()
    assert 'raqam_requests_total{path="/annotate",status="0"} 1.0' in metrics
    assert annotator.seen == ["first"]
