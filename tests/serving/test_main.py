"""``python -m serving`` as a process: what it says when it cannot start, and that it starts and stops."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

from raqam.manifest import MODEL_FILE
from serving.__main__ import listen
from tests.serving.conftest import ROOT

COMMAND = (sys.executable, "-m", "serving")


def environment(**settings: object) -> dict[str, str]:
    return {**os.environ, **{f"RAQAM_{name.upper()}": str(value) for name, value in settings.items()}}


def fails(**settings: object) -> str:
    """Start the service, which must fail with one sentence; return that."""
    done = subprocess.run(COMMAND, cwd=ROOT, env=environment(**settings), capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("raqam: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@contextmanager
def started(*arguments: str, **settings: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the service on a free port; yields the process and the address it announces."""
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, env=environment(port=0, **settings), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            yield process, announced(process.stderr)
        finally:
            process.kill()


def announced(said: IO[str]) -> str:
    """The address that is served, once the service says so."""
    for line in said:
        if found := re.search(r"Raqam serves .* on (http://\S+)", line):
            return found[1]
    raise AssertionError("The service ended.")


def test_a_port_in_use(tiny_model: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = fails(model=tiny_model, port=port)
    assert f"127.0.0.1 port {port}: Address already in use" in sentence
    assert "RAQAM_PORT" in sentence
    assert "make serve PORT=" in sentence


def test_answers_are_not_delayed_by_the_socket() -> None:
    """Asyncio sets TCP_NODELAY on a connection only if its protocol is named; without it an answer waits for 40 ms."""
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_an_address_of_another_machine(tiny_model: Path) -> None:
    assert "192.0.2.1 port" in fails(model=tiny_model, host="192.0.2.1", allow_open=True)


def test_an_address_others_can_reach_without_keys(tiny_model: Path) -> None:
    assert "RAQAM_ALLOW_OPEN" in fails(model=tiny_model, host="0.0.0.0", port=0)


def test_workers_that_cannot_start_say_so_once(tmp_path: Path) -> None:
    assert "There is no model folder" in fails(model=tmp_path / "nothing", port=0, workers=3)


def test_keys_are_made() -> None:
    command = (*COMMAND, "keys", "new", "--scope", "annotate")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0
    assert " annotate " in done.stdout


def test_the_log_as_json_is_json_from_the_first_line_on(tiny_model: Path) -> None:
    with subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=environment(port=0, model=tiny_model, log_format="json"),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        first = json.loads(process.stderr.readline())
        httpx.get(f"{first['event'].split()[-1]}/readyz", timeout=300).raise_for_status()
        process.send_signal(signal.SIGINT)
        events = [json.loads(line)["event"] for line in process.stderr]
        assert process.wait(60) == 0
    assert "http://127.0.0.1:" in first["event"]
    assert any("SIGINT" in event for event in events)


def test_a_missing_model(tmp_path: Path) -> None:
    assert f"There is no model folder at {tmp_path / 'nothing'}" in fails(model=tmp_path / "nothing", port=0)


def test_a_folder_that_is_not_a_model(tmp_path: Path) -> None:
    assert f"{tmp_path} is not a model folder" in fails(model=tmp_path, port=0)


def test_a_damaged_model(tiny_model: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(tiny_model, tmp_path / "damaged")
    content = bytearray((damaged / MODEL_FILE).read_bytes())
    content[-1] ^= 1
    (damaged / MODEL_FILE).write_bytes(content)
    assert f"{damaged / MODEL_FILE} has sha256 " in fails(model=damaged, port=0)


def test_a_setting_that_is_wrong() -> None:
    assert "RAQAM_PORT: " in fails(port="http")


def test_help_lists_the_settings() -> None:
    done = subprocess.run([*COMMAND, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0
    assert "RAQAM_MAX_BODY_BYTES" in done.stdout


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_answers_and_stops(tiny_model: Path, stop: signal.Signals) -> None:
    with started(model=tiny_model) as (process, address):
        assert httpx.get(f"{address}/readyz", timeout=300).status_code == 200
        record = httpx.post(f"{address}/annotate", json={"text": "استاندار همدان"}, timeout=300).json()
        process.send_signal(stop)
        _, errors = process.communicate(timeout=300)
    assert [span["label"] for span in record["spans"]] == ["TTL", "LOC"]
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert "استاندار" not in errors


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize(
    ("arguments", "settings", "port"),
    [
        ((), {}, 8000),
        ((), {"port": 9000}, 9000),
        (("PORT=9001",), {"port": 9000}, 9001),
        (("RAQAM_PORT=9002",), {}, 9002),
    ],
)
def test_make_serves_on_the_port_that_is_asked_for(
    arguments: tuple[str, ...], settings: dict[str, object], port: int
) -> None:
    outside = {name: value for name, value in environment(**settings).items() if name not in ("MAKEFLAGS", "PORT")}
    command = ("make", "--dry-run", "serve", *arguments)
    done = subprocess.run(command, cwd=ROOT, env=outside, capture_output=True, text=True, timeout=300)
    assert re.findall(r'RAQAM_\w+="([^"]*)" exec', done.stdout) == [str(port)]


def refused(place: tuple[str, int]) -> bool:
    """Whether nothing listens at *place* any more."""
    with socket.socket() as connection:
        return connection.connect_ex(place) == errno.ECONNREFUSED


def test_a_request_that_has_begun_is_answered_although_the_service_is_told_to_stop(tiny_model: Path) -> None:
    body = b'{"text": "a"}'
    head = f"POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    with started(model=tiny_model) as (process, address):
        place = ("127.0.0.1", int(address.rpartition(":")[2]))
        with socket.create_connection(place, timeout=300) as connection:
            connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 100")
            process.send_signal(signal.SIGTERM)
            while not refused(place):
                pass
            connection.sendall(body)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        process.communicate(timeout=300)


def test_a_second_one_on_the_same_port_is_refused_while_the_first_starts(tiny_model: Path) -> None:
    with started(model=tiny_model) as (_, address):
        assert "Address already in use" in fails(model=tiny_model, port=address.rpartition(":")[2])
