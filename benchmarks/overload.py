"""Ten times as many requests as the service can answer, for a minute: only 200 and 429, soon, and in the same memory.

First one client asks for the seed articles, for the latency of a service that has nothing else to do; then many do,
for its capacity. Then as many requests a second as ``--factor`` times that arrive, whatever becomes of those before
them. What is admitted may wait for a full queue: that is the seconds ``RAQAM_QUEUE_TOKENS`` take at the capacity.

Run from the root of a checkout::

    python -m benchmarks.overload
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from benchmarks.load import (
    JSON,
    Answer,
    Bar,
    Server,
    closed_loop,
    conclude,
    json_body,
    open_loop,
    parser,
    sampling,
    seconds_of,
    served,
    statuses,
)
from benchmarks.report import percentile, seed_articles
from benchmarks.service import StartError
from raqam import Annotator, ModelError

REFUSED_SECONDS: Final = 0.050
GROWTH: Final = 0.10


@dataclass(frozen=True, slots=True)
class Calm:
    """The service below its capacity: p99 with one client, and tokens and requests a second with many."""

    p99: float
    tokens: float
    requests: float


@dataclass(frozen=True, slots=True)
class Storm:
    """The service above its capacity: the answers, how late they were asked for, and memory before and at most."""

    answers: list[Answer]
    late: list[float]
    before: float
    highest: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the bars; 1 where one is missed."""
    options = parser("overload", __doc__, seconds=60, clients=16)
    options.add_argument("--factor", type=float, default=10, metavar="F", help="times the capacity (default: 10)")
    options.add_argument("--queue-tokens", type=int, default=32_768, metavar="N", help="default: 32768")
    found = options.parse_args(arguments)
    requests = [(json_body(article.text), JSON) for article in seed_articles(15)]
    try:
        with served(found.model, queue_tokens=found.queue_tokens) as server:
            calm = asyncio.run(measure_calm(server, requests, tokens(found), found.clients, found.seconds / 4))
            storm = asyncio.run(measure_storm(server, requests, found.factor * calm.requests, found.seconds))
            after = asyncio.run(closed_loop(server.port, 1, requests[:3], found.seconds))
    except (ModelError, StartError) as error:
        print(error, file=sys.stderr)
        return 2
    note = (
        f"{found.factor * calm.requests:.0f} requests/s for {found.seconds:g} s; the capacity was {calm.requests:.1f} "
        f"requests/s and {calm.tokens:,.0f} tokens/s; sent late by {percentile(storm.late, 99) * 1000:.1f} ms (p99)"
    )
    return conclude(bars(calm, storm, after, found.queue_tokens / calm.tokens), note)


def tokens(options: object) -> float:
    """The tokens of the windows of a seed article, on average."""
    articles = seed_articles(15)
    with Annotator.load(getattr(options, "model", None), threads=1) as annotator:
        return sum(len(row) for article in articles for row in annotator.prepare(article).rows) / len(articles)


async def measure_calm(
    server: Server, requests: Sequence[tuple[bytes, str]], tokens: float, clients: int, seconds: float
) -> Calm:
    """The latency of one client after the other, and the capacity."""
    await closed_loop(server.port, clients, requests, seconds)  # to warm up
    alone = await closed_loop(server.port, 1, cycle(requests), seconds)
    began = time.perf_counter()
    many = await closed_loop(server.port, clients, cycle(requests), seconds)
    rate = statuses(many)[200] / (time.perf_counter() - began)
    return Calm(seconds_of(alone, 200, 99), rate * tokens, rate)


async def measure_storm(server: Server, requests: Sequence[tuple[bytes, str]], rate: float, seconds: float) -> Storm:
    """What becomes of *rate* requests a second."""
    before = server.resident()
    async with sampling(server.resident, 0.25) as samples:
        answers, late = await open_loop(server.port, rate, cycle(requests), seconds)
    return Storm(answers, late, before, max(memory for _, memory in samples))


def bars(calm: Calm, storm: Storm, after: Sequence[Answer], queue_seconds: float) -> list[Bar]:
    """What was measured against what it must be."""
    found = statuses(storm.answers)
    others = {status: count for status, count in found.items() if status not in (200, 429)}
    refused, admitted = (seconds_of(storm.answers, status, 99) for status in (429, 200))
    limit = 2 * calm.p99 + queue_seconds
    growth = storm.highest / storm.before - 1 if storm.before else 0.0
    bare = sum(answer.status == 429 and not answer.headers.get("retry-after", "").isdigit() for answer in storm.answers)
    shown = ", ".join(f"{count:,} × {status or 'no answer'}" for status, count in sorted(found.items()))
    return [
        Bar("statuses", "only 200 and 429", shown, not others and len(found) == 2),
        Bar("429 without Retry-After", "0", str(bare), not bare),
        Bar("p99 of a 429", f"< {REFUSED_SECONDS * 1000:g} ms", f"{refused * 1000:.1f} ms", refused < REFUSED_SECONDS),
        Bar("p99 of an admitted request", f"≤ 2 × {calm.p99:.3f} s + {queue_seconds:.2f} s = {limit:.2f} s",
            f"{admitted:.2f} s", admitted <= limit),
        Bar("growth of memory", f"< {GROWTH:.0%}", f"{growth:.1%} of {storm.before:.0f} MB", growth < GROWTH),
        Bar("answered afterwards", "3 × 200", f"{statuses(after)[200]} × 200", statuses(after) == {200: 3}),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
