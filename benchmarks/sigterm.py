"""Whether a service that is told to stop under load answers every request it was sent.

Starts ``python -m serving``, posts the beginning of a seed article to it from several clients, half of them on
connections they keep and half on a new one for every request, sends SIGTERM at a random moment, and counts what became
of every request, many times over. A request is lost if it was sent on a connection that was made, and got no whole
answer. A refusal (503) is an answer; so is a connection that is refused, since nothing was sent on it. The bar is that
none is lost, and that the process ends with status 0.

Run from the root of a checkout::

    python -m benchmarks.sigterm --times 100
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.report import ROOT, machine, seed_texts, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print one table, and return 1 if a request was lost."""
    options = parser().parse_args(arguments)
    tally = asyncio.run(measure(options))
    bad = {name: number for name, number in tally.items() if name not in ("answered", "refused", "not connected")}
    names = ("answered", "refused", "not connected", *bad)
    print(table(["request", "times"], [(name, tally[name]) for name in names]))
    lost = sum(bad.values())
    print(
        f"\n{options.times} times SIGTERM to {options.workers} worker(s) under {options.clients} clients: {lost} lost"
    )
    print(f"(bar: 0). {machine()}.")
    return 1 if lost else 0


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks.sigterm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    found.add_argument("--times", type=int, default=100, metavar="N", help="how often (default: 100)")
    found.add_argument("--clients", type=int, default=16, metavar="N", help="clients at the same time (default: 16)")
    found.add_argument("--workers", type=int, default=1, metavar="N", help="workers of the service (default: 1)")
    return found


async def measure(options: argparse.Namespace) -> Counter[str]:
    """What became of the requests, over all the times."""
    tally: Counter[str] = Counter()
    chance = random.Random(0)
    for _ in range(options.times):
        async with serving(options.model, options.workers) as (process, port):
            clients = [asyncio.create_task(client(port, tally, keep=at % 2 == 0)) for at in range(options.clients)]
            await asyncio.sleep(chance.uniform(0.1, 0.6))
            process.send_signal(signal.SIGTERM)
            if status := await process.wait():
                tally[f"process ended with {status}"] += 1
            await asyncio.gather(*clients)
    return tally


@asynccontextmanager
async def serving(model: Path | None, workers: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """The service in a process of its own, once it serves, and its port."""
    environment = {**os.environ, "RAQAM_PORT": "0", "RAQAM_WORKERS": str(workers), "RAQAM_LOG_LEVEL": "error"}
    if model is not None:
        environment["RAQAM_MODEL"] = str(model.resolve())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "serving", cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    said = (await process.stderr.readline()).decode()
    found = re.search(r"http://\S+:(\d+)", said)
    if found is None:
        raise RuntimeError(f"The service did not start: {said}")
    try:
        yield process, int(found[1])
    finally:
        rest = (await process.stderr.read()).decode()
        sys.stderr.write(rest)


async def client(port: int, tally: Counter[str], *, keep: bool) -> None:
    """Post one request after the other until no connection can be made any more."""
    body = json.dumps({"text": seed_texts()[0][:200]}).encode()  # short, so that many requests are under way
    head = (
        f"POST /annotate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    request = f"{head}\r\n\r\n".encode() + body
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            tally["not connected"] += 1
            return
        await talk(reader, writer, request, tally, keep=keep)


async def talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, tally: Counter[str], *, keep: bool
) -> None:
    """Post *request* once, or as often as the server keeps the connection."""
    try:
        while True:
            writer.write(request)
            status, closes = await read_answer(reader)
            tally[{200: "answered", 503: "refused"}.get(status, f"status {status}")] += 1
            if closes or not keep:
                return
    except (OSError, EOFError) as error:
        tally[f"lost, {'kept' if keep else 'new'} connection: {type(error).__name__}"] += 1
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """The status of a whole answer, and whether it says that the connection will be closed."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = re.search(rb"content-length: (\d+)", head)
    await reader.readexactly(int(length[1]) if length else 0)
    return int(head.split()[1]), b"connection: close" in head


if __name__ == "__main__":
    sys.exit(main())
