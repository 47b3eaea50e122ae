"""What clients that dribble their requests cost the others.

Starts ``python -m serving`` and posts the beginning of a seed article to it from a few clients, in turns: alone, and
beside many slow connections, of which half send a head and half a body, a byte a second, and come back as often as they
are cut off. It prints p50 and p99 of the good requests in both, over all turns, and the ratio of the p99, for which the
bar is 2. The slow ones run in a process of their own.

Run from the root of a checkout::

    python -m benchmarks.slowloris
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing import Process
from pathlib import Path
from typing import Final

from benchmarks.report import machine, percentile, seed_texts, table
from benchmarks.sigterm import read_answer, serving

BAR: Final = 2.0
HEAD: Final = b"POST /annotate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print one table, and return 1 if good requests waited too long or failed."""
    options = parser().parse_args(arguments)
    alone, beside, statuses = asyncio.run(measure(options))
    print(table(["good requests", "number", "p50", "p99"], rows({"alone": alone, "beside slow clients": beside})))
    ratio = percentile(beside, 99) / percentile(alone, 99)
    print(f"\np99 beside {options.connections} slow connections ÷ p99 alone: {ratio:.2f} (bar: {BAR:g});")
    print(f"statuses of good requests: {dict(statuses)}. {machine()}.")
    return 1 if ratio > BAR or set(statuses) != {200} else 0


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks.slowloris", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    found.add_argument("--connections", type=int, default=200, metavar="N", help="slow ones (default: 200)")
    found.add_argument("--clients", type=int, default=2, metavar="N", help="good clients (default: 2)")
    found.add_argument("--turns", type=int, default=10, metavar="N", help="turns of each kind (default: 10)")
    found.add_argument("--seconds", type=float, default=6, metavar="S", help="length of a turn (default: 6)")
    return found


async def measure(options: argparse.Namespace) -> tuple[list[float], list[float], Counter[int]]:
    """The seconds of the good requests alone and beside the slow ones, and their statuses."""
    alone: list[float] = []
    beside: list[float] = []
    statuses: Counter[int] = Counter()
    async with serving(options.model, 1) as (process, port):
        await load(port, options.clients, 2, [], statuses)  # warm
        for _ in range(options.turns):
            await load(port, options.clients, options.seconds, alone, statuses)
            attack = Process(target=dribble_from_many, args=(port, options.connections), daemon=True)
            attack.start()
            await asyncio.sleep(2)  # until all are connected
            await load(port, options.clients, options.seconds, beside, statuses)
            attack.kill()
            attack.join()
        process.terminate()
    return alone, beside, statuses


async def load(port: int, clients: int, seconds: float, found: list[float], statuses: Counter[int]) -> None:
    """Post from *clients* at the same time for some *seconds*; their latencies go to *found*."""
    until = time.monotonic() + seconds
    await asyncio.gather(*(good(port, until, found, statuses) for _ in range(clients)))


async def good(port: int, until: float, found: list[float], statuses: Counter[int]) -> None:
    """Post one request after the other, on one connection."""
    body = json.dumps({"text": seed_texts()[0][:200]}).encode()  # short, so that a p99 has many requests behind it
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        began = time.perf_counter()
        writer.write(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status, _ = await read_answer(reader)
        found.append(time.perf_counter() - began)
        statuses[status] += 1
    writer.close()


def dribble_from_many(port: int, connections: int) -> None:
    """Hold *connections* slow connections until the process is ended."""

    async def run() -> None:
        await asyncio.gather(*(dribble(port, in_head=at % 2 == 0) for at in range(connections)))

    asyncio.run(run())


async def dribble(port: int, *, in_head: bool) -> None:
    """Send a request a byte at a time, again and again."""
    start = HEAD[:20] if in_head else HEAD + b"Content-Length: 1000000\r\n\r\n"
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(start)
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(1)
        except OSError:
            await asyncio.sleep(0.1)


def rows(runs: dict[str, list[float]]) -> Iterator[tuple[str, int, str, str]]:
    """The lines of the table."""
    for name, seconds in runs.items():
        figures = (f"{percentile(seconds, percent) * 1000:.1f} ms" for percent in (50, 99))
        yield (name, len(seconds), *figures)  # type: ignore[misc]


if __name__ == "__main__":
    sys.exit(main())
