"""The server as a process: slow clients, too many of them, and what signals do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from raqam.manifest import MANIFEST_FILE
from serving.connections import HEAD_BYTES
from tests.serving.test_main import started

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")

BODY = '{"text": "استاندار همدان"}'.encode()
POST = b"POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
GET = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> str:
        assert self.headers["content-type"] == "application/problem+json"
        content = json.loads(self.body)
        assert content["status"] == self.status
        return str(content["type"])


class Client:
    """One connection, byte by byte."""

    def __init__(self, address: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=60)
        self._file = self.socket.makefile("rb")

    def send(self, content: bytes) -> None:
        self.socket.sendall(content)

    def answer(self) -> Answer:
        status = int(self._file.readline().split()[1])
        lines = iter(self._file.readline, b"\r\n")
        headers = dict(line.decode().strip().lower().split(": ", 1) for line in lines)
        return Answer(status, headers, self._file.read(int(headers["content-length"])))

    def closed(self) -> bool:
        """Whether the server ends the connection, without a word; waits for that."""
        try:
            return self._file.read(1) == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self._file.close()
        self.socket.close()


Dial = Callable[[str], Client]
Connect = Callable[[], Client]


@pytest.fixture
def dial() -> Iterator[Dial]:
    """Call it with an address for a connection, which is closed after the test."""
    with ExitStack() as stack:

        def make(address: str) -> Client:
            client = Client(address)
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture(scope="module")
def strict(tiny_model: Path) -> Iterator[str]:
    """The address of a service with little patience, and room for two connections."""
    settings = {"header_seconds": 1, "body_seconds": 1, "keep_alive_seconds": 1, "max_connections": 2}
    with started(model=tiny_model, **settings) as (_, address):
        httpx.get(f"{address}/readyz", timeout=60).raise_for_status()
        yield address


@pytest.fixture
def connect(strict: str, dial: Dial) -> Connect:
    """Call it for a connection to the strict service, on which there is room for two."""
    wait(lambda: httpx.get(f"{strict}/livez", timeout=60).status_code == 200)  # the last test's are gone
    return lambda: dial(strict)


def wait(holds: Callable[[], bool]) -> None:
    """Return when *holds*, for which it has a minute."""
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_head_that_does_not_end_is_answered_and_closed(connect: Connect) -> None:
    client = connect()
    client.send(GET[:10])
    answer = client.answer()
    assert (answer.status, answer.problem) == (408, "/problems/request-timeout")
    assert answer.headers["connection"] == "close"
    assert client.closed()


def test_a_head_may_not_be_dribbled_on_a_kept_connection_either(connect: Connect) -> None:
    client = connect()
    client.send(GET)
    assert client.answer().status == 200
    client.send(GET[:10])
    assert client.answer().problem == "/problems/request-timeout"


def test_a_head_that_begins_behind_another_request_is_timed_too(connect: Connect) -> None:
    client = connect()
    client.send(GET + GET[:10])
    assert client.answer().status == 200
    assert client.answer().problem == "/problems/request-timeout"


def test_a_connection_on_which_nothing_comes_is_closed_without_a_word(connect: Connect) -> None:
    assert connect().closed()


def test_an_idle_connection_is_closed(connect: Connect) -> None:
    client = connect()
    client.send(GET)
    assert client.answer().status == 200
    assert client.closed()


def test_a_body_that_pauses_is_answered_and_closed(connect: Connect) -> None:
    client = connect()
    client.send(POST + BODY[:5])
    answer = client.answer()
    assert (answer.status, answer.problem) == (408, "/problems/request-timeout")
    assert answer.headers["connection"] == "close"
    assert client.closed()


def test_a_slow_body_without_long_pauses_is_read(connect: Connect) -> None:
    client = connect()
    client.send(POST)
    for at in range(0, len(BODY), 10):
        client.send(BODY[at : at + 10])
        time.sleep(0.5)
    assert client.answer().status == 200


def test_a_body_that_nobody_reads_may_not_go_on_for_ever(connect: Connect) -> None:
    client = connect()
    client.send(b"POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
    assert client.answer().status == 404

    def cut_off() -> bool:
        try:
            client.send(b"1\r\na\r\n")
        except ConnectionError:
            return True
        return False

    wait(cut_off)


def test_after_an_unread_body_the_connection_goes_on(connect: Connect) -> None:
    client = connect()
    client.send(POST.replace(b"/annotate", b"/nothing") + BODY[:5])
    assert client.answer().status == 404
    client.send(BODY[5:] + GET)
    assert client.answer().status == 200
    assert client.closed()


def test_a_client_that_does_not_read_is_cut_off(connect: Connect) -> None:
    client = connect()
    host, port = client.socket.getpeername()
    client.send(f"GET {LARGE} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 10)
    time.sleep(4)
    received = 0
    try:
        while piece := client.socket.recv(1 << 20):
            received += len(piece)
    except ConnectionError:
        pass
    assert received < 10 * len(httpx.get(f"http://{host}:{port}{LARGE}", timeout=60).content)


LARGE = "/swagger/swagger-ui-bundle.js"  # more than the system keeps for a client


def test_connections_beyond_the_limit_are_refused_and_the_others_served(connect: Connect) -> None:
    first, second = connect(), connect()
    first.send(GET)
    assert first.answer().status == 200
    second.send(POST + BODY[:5])
    surplus = connect()
    surplus.send(GET)
    answer = surplus.answer()
    assert (answer.status, answer.problem) == (429, "/problems/overloaded")
    assert answer.headers["retry-after"] == "1"
    assert surplus.closed()
    second.send(BODY[5:])
    assert second.answer().status == 200


def test_what_is_not_http_gets_a_problem(connect: Connect) -> None:
    client = connect()
    client.send(b"\x16\x03\x01\r\n\r\n")
    answer = client.answer()
    assert (answer.status, answer.problem) == (400, "/problems/invalid-http")
    assert client.closed()


def test_a_head_that_is_too_large_gets_a_problem(connect: Connect) -> None:
    client = connect()
    client.send(GET[:-2] + b"X: " + b"a" * HEAD_BYTES)
    assert client.answer().problem == "/problems/invalid-http"


def test_it_is_unready_before_it_stops(tiny_model: Path, dial: Dial) -> None:
    with started(model=tiny_model) as (process, address):
        kept = dial(address)
        kept.send(GET)
        assert "connection" not in kept.answer().headers
        begun = dial(address)
        begun.send(POST + BODY[:5])
        begun.send(BODY[5:])
        assert begun.answer().status == 200
        process.send_signal(signal.SIGTERM)
        wait(lambda: httpx.get(f"{address}/readyz", timeout=60).status_code == 503)
        kept.send(GET)
        answer = kept.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert kept.closed()
        begun.send(POST + BODY)
        assert begun.answer().problem == "/problems/not-ready"
        assert process.wait(60) == 0


def test_a_connection_that_waited_to_be_accepted_is_answered(tiny_model: Path, dial: Dial) -> None:
    with started(model=tiny_model) as (process, address):
        httpx.get(f"{address}/readyz", timeout=60).raise_for_status()
        process.send_signal(signal.SIGSTOP)
        clients = [dial(address) for _ in range(20)]
        for client in clients:
            client.send(GET)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGCONT)
        assert {client.answer().status for client in clients} == {200}
        assert process.wait(60) == 0


def test_it_does_not_wait_longer_than_it_is_told_to(tiny_model: Path, dial: Dial) -> None:
    with started(model=tiny_model, drain_seconds=0.5) as (process, address):
        client = dial(address)
        client.send(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
        assert client.socket.recv(1000).startswith(b"HTTP/1.1 100")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "1 requests were not answered within 0.5 s" in errors
    assert client.closed()


def test_a_second_signal_ends_it_at_once(tiny_model: Path, dial: Dial) -> None:
    with started(model=tiny_model, drain_seconds=1000) as (process, address):
        client = dial(address)
        client.send(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
        assert client.socket.recv(1000).startswith(b"HTTP/1.1 100")
        process.send_signal(signal.SIGTERM)
        wait(lambda: httpx.get(f"{address}/readyz", timeout=60).status_code == 503)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == -signal.SIGTERM


def test_sighup_replaces_the_model_or_keeps_it(default_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.symlink_to(default_model)
    with started(model=folder) as (process, address):
        process.send_signal(signal.SIGHUP)  # as early as it can be sent
        version = model(address)["version"]
        folder.unlink()
        process.send_signal(signal.SIGHUP)
        wait(lambda: 'raqam_model_reloads_total{result="kept"} 1.0' in httpx.get(f"{address}/metrics").text)
        assert model(address)["version"] == version
        folder.symlink_to(renamed(default_model, tmp_path / "next"))
        process.send_signal(signal.SIGHUP)
        wait(lambda: model(address)["version"] == "99")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "The model was not replaced" in errors
    assert "Traceback" not in errors


def model(address: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{address}/model", timeout=60).raise_for_status().json()
    return found


def renamed(folder: Path, copy: Path) -> Path:
    """A copy of the model in *folder* that says it is version 99."""
    shutil.copytree(folder, copy)
    manifest = json.loads((copy / MANIFEST_FILE).read_text("utf-8"))
    (copy / MANIFEST_FILE).write_text(json.dumps({**manifest, "version": "99"}), "utf-8")
    return copy


@contextmanager
def workers(folder: Path, **settings: object) -> Iterator[tuple[subprocess.Popen[str], str, list[int]]]:
    """Two workers; yields their parent, their address, and their processes."""
    with started(model=folder, workers=2, **settings) as (process, address):
        wait(lambda: len(children(process.pid)) == 2)
        yield process, address, children(process.pid)


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


@linux
def test_workers_share_the_port_and_stop_together(tiny_model: Path) -> None:
    with workers(tiny_model) as (process, address, pids):
        for _ in range(20):
            assert httpx.post(f"{address}/annotate", content=BODY, headers=JSON, timeout=60).status_code == 200
        counted = 'raqam_requests_total{path="/annotate",status="200"} 20.0'  # whichever of them says so
        wait(lambda: counted in httpx.get(f"{address}/metrics", timeout=60).text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert not any(map(runs, pids))
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/livez")


JSON = {"Content-Type": "application/json"}


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@linux
def test_a_worker_that_dies_is_replaced(tiny_model: Path) -> None:
    with workers(tiny_model) as (process, address, pids):
        os.kill(pids[0], signal.SIGKILL)
        wait(lambda: len(set(children(process.pid)) - {pids[0]}) == 2)
        assert httpx.get(f"{address}/livez", timeout=60).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


@linux
def test_workers_end_when_their_parent_is_gone(tiny_model: Path) -> None:
    with workers(tiny_model) as (process, _, pids):
        process.kill()
        process.wait(60)
        wait(lambda: not any(map(ended_or_runs, pids)))


def ended_or_runs(process: int) -> bool:
    """Whether *process* runs; one that has ended may wait for a parent to ask for its status."""
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
