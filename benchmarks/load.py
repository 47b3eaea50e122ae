"""What the benchmarks under load share: the service in a process of its own, clients that cost little, and bars.

The clients share the processors with the service, so they are plain asyncio streams with connections kept alive.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import httpx

from benchmarks.report import ROOT, machine, percentile, table
from benchmarks.service import free_port, memory, wait

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
_LINE: Final = 2**20  # bytes of a head of an answer, at most
_NO_ANSWER: Final = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)


@dataclass(frozen=True, slots=True)
class Server:
    """The service that runs: its process and the port it listens on."""

    process: subprocess.Popen[str]
    port: int
    log: IO[str]

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    def resident(self, name: str = "VmRSS") -> float:
        """The resident memory of the process in MB, now or (``VmHWM``) at its highest; 0 where there is no /proc."""
        return memory(self.process.pid).get(name, 0.0)

    def processor_seconds(self) -> float:
        """The seconds of processors that the process has used; 0 where there is no /proc."""
        if not (stat := Path(f"/proc/{self.process.pid}/stat")).is_file():
            return 0.0
        fields = stat.read_text().rpartition(")")[2].split()  # the name before it may hold anything
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def forget_highest(self) -> None:
        """Let ``VmHWM`` begin again at what is resident now, where the system can."""
        with suppress(OSError):
            Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="ascii")

    def said(self) -> str:
        """What the service has logged."""
        self.log.seek(0)
        return self.log.read().strip()


@contextmanager
def served(model: Path | None, **settings: object) -> Iterator[Server]:
    """The service with *settings* on a free port of this machine, ready; raises :class:`benchmarks.service.StartError`.

    Settings of the environment that begin with ``RAQAM_`` do not reach it.
    """
    port = free_port()
    settings = {"host": "127.0.0.1", "port": port, "log_level": "warning", **settings}
    if model is not None:
        settings["model"] = model.absolute()  # not resolved: the place may be a link that is meant to change
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAQAM_")}
    environment |= {f"RAQAM_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "serving"]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, text=True)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
                wait(process, client, log)
            yield Server(process, port, log)
        finally:
            process.terminate()
            process.wait(60)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the service. *status* is 0 where none came; *began* and *seconds* are of the request."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    began: float
    seconds: float

    @property
    def content(self) -> Any:
        """The JSON value of the body."""
        return json.loads(self.body)


class Connection:
    """A connection that is kept alive, for requests one after the other; it connects when it has to."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes, kind: str = JSON, path: str = "/annotate") -> Answer:
        """Send *body* and return the answer, with status 0 where the connection broke."""
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        return await self._exchange(head.encode("ascii") + body)

    async def get(self, path: str) -> Answer:
        """The same for a request without a body."""
        return await self._exchange(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode("ascii"))

    async def _exchange(self, request: bytes) -> Answer:
        began = time.perf_counter()
        try:
            reader, writer = self._streams or await self._connect()
            writer.write(request)
            status, headers = await read_head(reader)
            body = await read_body(reader, headers)
        except _NO_ANSWER:
            self.close()
            return Answer(0, {}, b"", began, time.perf_counter() - began)
        except asyncio.CancelledError:
            self.close()  # an answer that was not read would be taken for that to the next request
            raise
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body, began, time.perf_counter() - began)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=_LINE)
        return self._streams

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Read the status and the headers of an answer; names are in small letters."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return int(first.split(" ", 2)[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}


async def read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    """Read the body that *headers* announce, whole or in chunks."""
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    pieces = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        pieces.append((await reader.readexactly(size + 2))[:-2])
    await reader.readuntil(b"\r\n")
    return b"".join(pieces)


@asynccontextmanager
async def connection(port: int) -> AsyncIterator[Connection]:
    """A connection that is closed in the end."""
    opened = Connection(port)
    try:
        yield opened
    finally:
        opened.close()


async def closed_loop(
    port: int,
    clients: int,
    requests: Iterable[tuple[bytes, str]],
    seconds: float,
    kept: Callable[[Answer], Answer] = lambda answer: answer,
) -> list[Answer]:
    """Let *clients* take their next request from *requests* as soon as they have an answer, or soon after a 429.

    It ends when there are no more requests, or when *seconds* are over; what has begun then is still waited for.
    Returns what *kept* makes of the answers.
    """
    source, until = iter(requests), time.perf_counter() + seconds
    answers: list[Answer] = []

    async def client() -> None:
        async with connection(port) as opened:
            while time.perf_counter() < until and (request := next(source, None)) is not None:
                answer = await opened.post(*request)
                answers.append(kept(answer))
                if answer.status == 429:
                    await asyncio.sleep(0.1)

    await asyncio.gather(*(client() for _ in range(clients)))
    return answers


async def open_loop(
    port: int, rate: float, requests: Iterable[tuple[bytes, str]], seconds: float
) -> tuple[list[Answer], list[float]]:
    """Send *rate* requests a second for *seconds*, whatever becomes of those before.

    Returns the answers, and by how many seconds each request was sent late: that is the clients' own slowness.
    """
    idle: list[Connection] = []
    answers: list[Answer] = []
    late: list[float] = []

    async def send(request: tuple[bytes, str]) -> None:
        opened = idle.pop() if idle else Connection(port)
        answers.append(await opened.post(*request))
        idle.append(opened)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for at, request in zip(range(round(rate * seconds)), requests, strict=False):
            due = began + at / rate
            if (ahead := due - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            elif at % 16 == 0:
                await asyncio.sleep(0)  # late already; the answers must be read all the same
            late.append(max(0.0, time.perf_counter() - due))
            group.create_task(send(request))
    for opened in idle:
        opened.close()
    return answers, late


@asynccontextmanager
async def sampling(measure: Callable[[], float], every: float = 1.0) -> AsyncIterator[list[tuple[float, float]]]:
    """Pairs of the time and of what *measure* gives then, one *every* so many seconds while the context lasts."""
    samples: list[tuple[float, float]] = []

    async def sample() -> None:
        while True:
            samples.append((time.perf_counter(), measure()))
            await asyncio.sleep(every)

    task = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        task.cancel()
        samples.append((time.perf_counter(), measure()))


def json_body(text: str) -> bytes:
    """The body of a request with one article."""
    return json.dumps({"text": text}, ensure_ascii=False).encode()


def statuses(answers: Iterable[Answer]) -> Counter[int]:
    """How many answers had which status."""
    return Counter(answer.status for answer in answers)


def seconds_of(answers: Iterable[Answer], status: int, percent: int) -> float:
    """The *percent*-th percentile of the seconds of the answers with *status*; infinite where there are none."""
    found = [answer.seconds for answer in answers if answer.status == status]
    return percentile(found * 2 if len(found) == 1 else found, percent) if found else float("inf")


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that is measured, what it must be, what it was, and whether that is enough."""

    what: str
    bar: str
    measured: str
    passed: bool


def conclude(bars: Sequence[Bar], note: str) -> int:
    """Print *bars* as a table with *note* below it, and return the exit status: 1 where one is missed."""
    rows = [(bar.what, bar.bar, bar.measured, "yes" if bar.passed else "NO") for bar in bars]
    print(table(["what", "bar", "measured", "passed"], rows))
    print(f"\n{note}; {machine()}.")
    return 0 if all(bar.passed for bar in bars) else 1


def parser(name: str, description: str | None, *, seconds: float, clients: int) -> argparse.ArgumentParser:
    """The options that all of these commands have."""
    found = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    found.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    found.add_argument("--seconds", type=float, default=seconds, metavar="S", help=f"default: {seconds:g}")
    found.add_argument("--clients", type=int, default=clients, metavar="N", help=f"default: {clients}")
    return found
