"""A small HTTP server that answers as it is told: for what a service does too rarely to wait for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What is answered. A *broken* answer announces one byte more than it has; with status 0 there is none."""

    status: int = 200
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: bool = False

    @property
    def body(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


@dataclass(frozen=True)
class Request:
    """What was asked."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Scripted:
    """The server: its *answers* are given in turn, the last of them again and again."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def next(self) -> Answer:
        return self.answers[min(len(self.requests), len(self.answers)) - 1]


def record(id: str | None = None) -> dict[str, Any]:
    return {"id": id, "model": "scripted@1", "spans": [], "facts": []}


def problem(status: int, kind: str = "overloaded") -> dict[str, Any]:
    return {"type": f"/problems/{kind}", "title": "So it is", "status": status, "detail": "It is so."}


def lines(*contents: Any) -> bytes:
    return b"".join(json.dumps(content).encode() + b"\n" for content in contents)


@contextmanager
def scripted_server() -> Iterator[Scripted]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.requests.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = script.next()
            self.close_connection = answer.broken or not answer.status
            if answer.status:
                self.send_response_only(answer.status)  # no Date of its own
                self.send_header("Content-Length", str(len(answer.body) + answer.broken))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script = Scripted(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
