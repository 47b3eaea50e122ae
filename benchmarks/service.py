"""The service from outside: seconds from start to ready and to the first answer, latency, and memory.

Starts ``python -m serving`` on a free port of this machine, several times, and posts a seed article to it. Start and
first answer are medians over the starts, seconds since the process was launched; latency is of requests one after
the other in the last start; memory is that of the process afterwards (Linux only). The first start after a reboot, with
no file in the cache of the system, takes longer.

Run from the root of a checkout::

    python -m benchmarks.service
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from benchmarks.report import ROOT, machine, percentile, seed_texts, table


class StartError(Exception):
    """The service did not become ready."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one start of the service showed; seconds, and memory in MB."""

    ready: float
    answer: float
    latencies: list[float]
    memory: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print one table."""
    options = parser().parse_args(arguments)
    try:
        runs = [measure(options.model, 0) for _ in range(options.starts - 1)]
        runs.append(measure(options.model, options.requests))
    except StartError as error:
        print(error, file=sys.stderr)
        return 2
    print(table(["service", "figure"], rows(runs)))
    print(f"\nMedian of {options.starts} starts, {options.requests} requests; {machine()}.")
    return 0


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks.service", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    found.add_argument("--starts", type=int, default=5, metavar="N", help="how often to start it (default: 5)")
    found.add_argument("--requests", type=int, default=200, metavar="N", help="requests for the latency (default: 200)")
    return found


def measure(model: Path | None, requests: int) -> Run:
    """Start the service, wait until it is ready, send it one article and then *requests* more, and stop it."""
    body = {"text": seed_texts()[0]}
    with tempfile.TemporaryFile("w+") as log, running(model, log) as (process, client, began):
        wait(process, client, log)
        ready = time.perf_counter() - began
        client.post("/annotate", json=body).raise_for_status()
        answer = time.perf_counter() - began
        latencies = [post(client, body) for _ in range(requests)]
        return Run(ready, answer, latencies, memory(process.pid))


@contextmanager
def running(model: Path | None, log: IO[str]) -> Iterator[tuple[subprocess.Popen[str], httpx.Client, float]]:
    """The service in a process of its own, a client of it, and when it was launched."""
    port = free_port()
    environment = {**os.environ, "RAQAM_HOST": "127.0.0.1", "RAQAM_PORT": str(port), "RAQAM_LOG_LEVEL": "warning"}
    if model is not None:
        environment["RAQAM_MODEL"] = str(model.resolve())
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "serving"], cwd=ROOT, env=environment, stdout=log, stderr=log, text=True
        )
        try:
            yield process, client, began
        finally:
            process.terminate()
            process.wait(30)


def wait(process: subprocess.Popen[str], client: httpx.Client, log: IO[str]) -> None:
    """Return when the service is ready; raises :class:`StartError` with what it said if it ends or takes a minute."""
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            if client.get("/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.005)
    log.seek(0)
    raise StartError(f"The service did not start: {log.read().strip() or 'no answer within a minute'}")


def post(client: httpx.Client, body: dict[str, str]) -> float:
    """The seconds until *body* is annotated."""
    began = time.perf_counter()
    client.post("/annotate", json=body).raise_for_status()
    return time.perf_counter() - began


def memory(process: int) -> dict[str, float]:
    """Resident memory of *process* in MB, now and at its highest; empty where there is no /proc."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    fields = dict(line.split(":", 1) for line in lines)
    return {name: int(fields[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM") if name in fields}


def free_port() -> int:
    """A port nothing listens on at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def rows(runs: Sequence[Run]) -> Iterator[tuple[str, str]]:
    """The lines of the table; latency and memory are of the last run."""
    yield "start to ready", f"{statistics.median(run.ready for run in runs):.2f} s"
    yield "start to first answer", f"{statistics.median(run.answer for run in runs):.2f} s"
    if len(runs[-1].latencies) > 1:
        yield "`POST /annotate`, p50", f"{percentile(runs[-1].latencies, 50) * 1000:.1f} ms"
        yield "`POST /annotate`, p99", f"{percentile(runs[-1].latencies, 99) * 1000:.1f} ms"
    names = {"VmRSS": "resident memory", "VmHWM": "resident memory, highest"}
    yield from ((names[name], f"{value:.0f} MB") for name, value in runs[-1].memory.items())


if __name__ == "__main__":
    sys.exit(main())
