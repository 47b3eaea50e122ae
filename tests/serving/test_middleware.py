from __future__ import annotations

import json
import socket
import uuid
from contextlib import closing, nullcontext
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from raqam import Annotator
from serving.app import create_app
from serving.keys import AccessError, create
from serving.middleware import LimitBody
from serving.problems import ProblemError
from serving.settings import Settings
from tests.serving.conftest import Serve

ARTICLE = {"text": "استاندار همدان"}
OPEN = {"/", "/livez", "/readyz", "/docs", "/openapi.json", "/example", "/problems/{kind}", "/static", "/swagger"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A key of each scope, one that is not in the file, and where the file is."""
    file = tmp_path_factory.mktemp("keys") / "keys"
    made = {scope: create("admin" if scope == "admin" else "annotate") for scope in ("annotate", "admin", "other")}
    file.write_text("".join(f"{made[scope][1].line()}\n" for scope in ("annotate", "admin")), "utf-8")
    return {"file": str(file), **{scope: text for scope, (text, _) in made.items()}}


def bearer(key: str, scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {key}"}


def kind(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = response.json()
    assert content["status"] == response.status_code
    return str(content["type"]).removeprefix("/problems/")


def test_a_key_opens_what_it_is_for(serve: Serve, keys: dict[str, str]) -> None:
    client = serve(api_keys=keys["file"])
    for scope in ("annotate", "admin"):
        for scheme in ("Bearer", "bearer"):
            answered = client.post("/annotate", json=ARTICLE, headers=bearer(keys[scope], scheme))
            assert answered.status_code == 200
        assert client.get("/model", headers=bearer(keys[scope])).status_code == 200
    refused = client.post("/reload", headers=bearer(keys["annotate"]))
    assert (refused.status_code, kind(refused)) == (403, "forbidden")
    assert 'error="insufficient_scope", scope="admin"' in refused.headers["www-authenticate"]


def test_without_a_key_of_the_service_nothing_is_annotated(serve: Serve, keys: dict[str, str]) -> None:
    client = serve(api_keys=keys["file"])
    right = keys["annotate"]
    for headers, challenge in [
        ({}, 'Bearer realm="raqam"'),
        ({"Authorization": right}, 'Bearer realm="raqam"'),
        (bearer(right, "Basic"), 'Bearer realm="raqam"'),
        ({"Authorization": "Bearer"}, 'Bearer realm="raqam", error="invalid_token"'),
        (bearer(keys["other"]), 'Bearer realm="raqam", error="invalid_token"'),
        (bearer(right[:-1]), 'Bearer realm="raqam", error="invalid_token"'),
        (bearer(right.upper()), 'Bearer realm="raqam", error="invalid_token"'),
        ({"X-Api-Key": right}, 'Bearer realm="raqam"'),
    ]:
        refused = client.post("/annotate", json=ARTICLE, headers=headers)
        assert (refused.status_code, kind(refused)) == (401, "unauthorized")
        assert refused.headers["www-authenticate"] == challenge
        assert right not in refused.text
    assert client.post(f"/annotate?key={right}", json=ARTICLE).status_code == 401
    twice = [("Authorization", f"Bearer {right}"), ("Authorization", f"Bearer {keys['other']}")]
    assert client.post("/annotate", json=ARTICLE, headers=twice).status_code == 401
    counted = client.get("/metrics").text
    assert 'raqam_key_failures_total{reason="unknown"} 1.0' in counted
    assert 'raqam_requests_total{path="/annotate",status="401"}' in counted
    assert 'raqam_problems_total{type="unauthorized"}' in counted


def status(client: httpx.Client, method: str, path: str) -> int:
    """The status of a request for *path* as it is; httpx would tidy it up."""
    connection = HTTPConnection(client.base_url.host, client.base_url.port, timeout=300)
    with closing(connection):
        connection.request(method, path)
        return connection.getresponse().status


def paths(app: FastAPI) -> set[str]:
    """Every path and mount of *app*."""
    described = set(app.openapi()["paths"])
    return described | {path for route in app.routes if (path := getattr(route, "path", None))} | {"/metrics"}


def test_every_other_path_needs_a_key(serve: Serve, keys: dict[str, str], tiny_annotator: Annotator) -> None:
    client = serve(api_keys=keys["file"])
    protected = {path for path in paths(create_app(Settings(), tiny_annotator)) if path not in OPEN} - {"/metrics"}
    assert {"/annotate", "/model", "/reload"} <= protected
    variants = ("/annotate/", "//annotate", "/Annotate", "/livez/../annotate", "/%61nnotate", "/nothing", "/static")
    for path in (*protected, *variants):
        for method in ("GET", "HEAD", "POST"):
            assert status(client, method, path) == 401, (method, path)


def test_what_tells_nothing_needs_no_key(serve: Serve, keys: dict[str, str]) -> None:
    client = serve(api_keys=keys["file"])
    shown = ("/", "/docs", "/openapi.json", "/example", "/static/app.js", "/seeds")
    for path in (*shown, "/livez", "/readyz", "/metrics"):
        assert client.get(path).status_code == 200
    assert client.get("/problems/unauthorized").json()["status"] == 401
    for path in ("/static/../annotate", "/static/%2e%2e/model", "/problems/../model", "/static//annotate"):
        assert status(client, "GET", path) == 404


def test_metrics_need_a_key_where_others_can_reach_them(serve: Serve, keys: dict[str, str]) -> None:
    client = serve(api_keys=keys["file"], host="0.0.0.0")
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers=bearer(keys["annotate"])).status_code == 200
    assert client.get("/livez").status_code == 200


def test_a_service_without_keys_replaces_its_model_for_nobody(serve: Serve, keys: dict[str, str]) -> None:
    client = serve()
    assert client.post("/annotate", json=ARTICLE, headers=bearer("whatever")).status_code == 200
    for headers in ({}, bearer(keys["admin"])):
        refused = client.post("/reload", headers=headers)
        assert (refused.status_code, kind(refused)) == (403, "forbidden")


def test_a_body_without_a_key_is_not_waited_for(serve: Serve, keys: dict[str, str]) -> None:
    client = serve(api_keys=keys["file"])
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=300) as connection:
        connection.sendall(b"POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 401")


def test_keys_that_cannot_be_read_keep_the_application_from_starting(tmp_path: Path) -> None:
    with pytest.raises(AccessError):
        create_app(Settings(api_keys=tmp_path / "nothing"))


def test_every_answer_has_an_id(serve: Serve) -> None:
    client = serve()
    for response in (client.get("/livez"), client.get("/nothing"), client.post("/annotate"), client.get("/annotate")):
        assert uuid.UUID(hex=response.headers["x-request-id"]).version == 4
        assert response.headers.get_list("x-request-id", split_commas=True) == [response.headers["x-request-id"]]


@pytest.mark.parametrize("sent", ["a", "9f-" * 20, "!" * 128, "~#%&'\"\\"])
def test_the_id_of_the_caller_is_kept(serve: Serve, sent: str) -> None:
    assert serve().post("/annotate", headers={"X-Request-Id": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", [b"", b"a b", b"!" * 129, "متن".encode(), b"\xff", b"a\tb"])
def test_an_id_that_is_not_sane_is_replaced(serve: Serve, sent: bytes) -> None:
    answered = serve().get("/livez", headers={b"X-Request-Id": sent}).headers["x-request-id"]
    assert uuid.UUID(hex=answered).version == 4


def test_pages_of_other_origins_are_answered_only_where_told(serve: Serve) -> None:
    headers = {"Origin": "https://news.example"}
    preflight = {**headers, "Access-Control-Request-Method": "POST"}
    closed = serve()
    for response in (closed.get("/livez", headers=headers), closed.options("/annotate", headers=preflight)):
        assert not [name for name in response.headers if name.startswith("access-control-")]
    client = serve(cors_origins="https://news.example, https://desk.example")
    answered = client.get("/nothing", headers=headers)
    assert answered.headers["access-control-allow-origin"] == "https://news.example"
    assert "access-control-allow-credentials" not in answered.headers
    assert "X-Request-Id" in answered.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in client.get("/livez", headers={"Origin": "https://x.example"}).headers


def test_a_page_of_another_origin_may_send_a_key(serve: Serve, keys: dict[str, str]) -> None:
    client = serve(cors_origins="https://news.example", api_keys=keys["file"])
    preflight = {
        "Origin": "https://news.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    answered = client.options("/annotate", headers=preflight)
    assert answered.status_code == 200
    assert "Authorization" in answered.headers["access-control-allow-headers"]
    refused = client.post("/annotate", json=ARTICLE, headers={"Origin": "https://news.example"})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://news.example"


async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads its body to the end and keeps nothing."""
    while (await receive()).get("more_body"):
        pass


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
@pytest.mark.parametrize(("kind", "passes"), [("application/json", 10), ("application/x-ndjson; charset=utf-8", 1600)])
async def test_a_body_is_counted_while_it_is_read_unless_it_is_a_stream(kind: str, passes: int) -> None:
    """100 MiB in chunks, of which no more than the limit and one chunk are taken; NDJSON has no limit here."""
    taken, chunk = 0, bytes(64 * 1024)

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": chunk, "more_body": taken < 1600}

    async def send(message: Message) -> None:
        raise AssertionError

    scope: Scope = {"type": "http", "headers": [(b"content-type", kind.encode())]}
    expected = pytest.raises(ProblemError, match="body-too-large") if passes == 10 else nullcontext()
    with expected:
        await LimitBody(read_all, limit=9 * len(chunk))(scope, receive, send)
    assert taken == passes


def test_100_megabytes_in_chunks_are_refused(serve: Serve) -> None:
    client, sent = serve(), 0
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=300) as connection:
        head = b"POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        connection.sendall(head + b"\r\n")
        chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        try:
            while sent < 100 * 2**20:
                connection.sendall(chunk)
                sent += 65_536
        except OSError:  # it was refused and closed
            pass
        try:
            answered = connection.recv(100_000)
        except ConnectionResetError:  # the answer was lost with the rest of the body: what it was is tested elsewhere
            return
    head, _, body = answered.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413")
    assert json.loads(body)["type"] == "/problems/body-too-large"
