"""NDJSON as a stream, over real sockets: answers while the body still comes, and bounded memory."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.streams import Lines
from tests.serving.conftest import Serve

HEAD = (
    "POST /annotate HTTP/1.1\r\nHost: raqam\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
)
TEXT = "در همدان"


@given(st.lists(st.binary(max_size=12), max_size=8), st.integers(1, 20))
def test_lines_do_not_depend_on_how_the_stream_is_cut(chunks: list[bytes], limit: int) -> None:
    lines = Lines(limit)
    found = [line for chunk in chunks for line in lines.feed(chunk)] + list(lines.end())
    body = b"".join(chunks)
    expected = body.split(b"\n")[: body.count(b"\n") + (body[-1:] not in (b"", b"\n"))]
    assert found == [line if len(line) <= limit else None for line in expected]


def connect(client: httpx.Client) -> socket.socket:
    return socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=60)


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def article(number: int) -> bytes:
    return json.dumps({"text": TEXT, "id": str(number)}).encode() + b"\n"


def read_until(connection: socket.socket, mark: bytes) -> bytes:
    found = b""
    while mark not in found:
        piece = connection.recv(65536)
        assert piece, found
        found += piece
    return found


def test_a_line_is_answered_before_the_next_one_is_sent(serve: Serve) -> None:
    with connect(serve()) as connection:
        connection.sendall(HEAD.encode())
        for number in range(5):
            connection.sendall(chunk(article(number)))
            assert TEXT.split()[1] in read_until(connection, f'"id":"{number}"'.encode() + b"").decode(errors="ignore")
        connection.sendall(b"0\r\n\r\n")
        assert read_until(connection, b"0\r\n\r\n")


def test_thousands_of_lines_are_no_too_many(serve: Serve) -> None:
    lines = [article(number) for number in range(3000)]
    answer = serve(max_articles=10, queue_tokens=500).post(
        "/annotate", content=iter(lines), headers={"Content-Type": "application/x-ndjson"}
    )
    assert [json.loads(line)["id"] for line in answer.text.splitlines()] == [str(number) for number in range(3000)]


def test_a_line_that_is_too_long_is_refused_alone(serve: Serve) -> None:
    lines = article(1) + b'{"text": "' + b"a" * 5000 + b'"}\n' + article(3)
    answer = serve(max_body_bytes=2000).post(
        "/annotate", content=lines, headers={"Content-Type": "application/x-ndjson"}
    )
    first, second, third = map(json.loads, answer.text.splitlines())
    assert (first["id"], third["id"]) == ("1", "3")
    error: dict[str, Any] = second["error"]
    assert (error["type"], error["line"], error["limit"]) == ("/problems/body-too-large", 2, 2000)


def test_a_client_that_goes_away_ends_the_stream(serve: Serve) -> None:
    client = serve()
    with connect(client) as connection:
        connection.sendall(HEAD.encode() + chunk(article(1)))
        read_until(connection, b'"id":"1"')
    while 'raqam_request_seconds_count{path="/annotate"} 1.0' not in client.get("/metrics").text:
        pass


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_a_body_of_next_to_nothing(serve: Serve, content: bytes) -> None:
    answer = serve().post("/annotate", content=content, headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) == len(content)
