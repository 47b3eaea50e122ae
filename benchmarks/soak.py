"""Texts of every length for twenty minutes, as JSON and as NDJSON: the memory of the service does not grow.

Lengths are drawn log-uniformly from 20 to 100,000 characters of the seed articles; a sixth of the requests are several
articles, a third are lines, the others one article. The resident memory of the process is read every second. After the
warm-up, the first quarter, a line is fitted to the means of blocks of it by least squares; the interval is of 95 %, and
blocks are used since the samples of neighbouring seconds are alike.

Run from the root of a checkout::

    python -m benchmarks.soak
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from benchmarks.load import (
    JSON,
    NDJSON,
    Answer,
    Bar,
    Server,
    closed_loop,
    conclude,
    json_body,
    parser,
    sampling,
    served,
    statuses,
)
from benchmarks.report import seed_texts
from benchmarks.service import StartError
from raqam import ModelError

GROWTH: Final = 0.02
MINUTES: Final = 20
WARM_UP: Final = 0.25
BLOCKS: Final = 30
SHORTEST: Final = 20
LONGEST: Final = 100_000
#: 97.5th percentile of Student's t for BLOCKS - 2 degrees of freedom.
QUANTILE: Final = 2.048

Sample = tuple[float, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the bars; 1 where one is missed."""
    options = parser("soak", __doc__, seconds=MINUTES * 60, clients=4)
    options.add_argument("--seed", type=int, default=0, help="of the random lengths (default: 0)")
    options.add_argument("--longest", type=int, default=LONGEST, metavar="N", help="characters (default: 100,000)")
    found = options.parse_args(arguments)
    try:
        with served(found.model, deadline_seconds=300) as server:  # how long it takes is not looked at here
            requests = draw(random.Random(found.seed), found.longest)
            answers, samples = asyncio.run(run(server, found.clients, requests, found.seconds))
    except (ModelError, StartError) as error:
        print(error, file=sys.stderr)
        return 2
    return conclude(bars(answers, samples), f"{found.seconds:g} s, {found.clients} clients, {len(samples)} samples")


async def run(
    server: Server, clients: int, requests: Iterator[tuple[bytes, str]], seconds: float
) -> tuple[list[Answer], list[Sample]]:
    """The answers, without their bodies, and the memory of the service in MB, each second."""
    async with sampling(server.resident) as samples:
        answers = await closed_loop(server.port, clients, requests, seconds, judged)
    return answers, samples


def judged(answer: Answer) -> Answer:
    """*answer* without its body, which would fill our memory; one that has a refusal in it gets status 500."""
    status = 500 if answer.status == 200 and b'"error":{' in answer.body else answer.status
    return Answer(status, {}, b"", answer.began, answer.seconds)


def draw(chance: random.Random, longest: int) -> Iterator[tuple[bytes, str]]:
    """Requests without end."""
    source = " ".join(seed_texts())
    source *= -(-2 * longest // len(source))
    while True:
        kind = chance.randrange(6)
        texts = [cut(source, longest, chance) for _ in range(chance.randrange(2, 6) if kind < 3 else 1)]
        articles = [{"text": text} for text in texts]
        if kind == 0:
            yield json.dumps({"articles": articles}, ensure_ascii=False).encode(), JSON
        elif kind < 3:
            yield b"\n".join(map(json_body, texts)), NDJSON
        else:
            yield json_body(texts[0]), JSON


def cut(source: str, longest: int, chance: random.Random) -> str:
    """A piece of *source*, of a length that is drawn log-uniformly."""
    length = round(math.exp(chance.uniform(math.log(SHORTEST), math.log(longest))))
    start = chance.randrange(len(source) - length)
    return source[start : start + length]


def blocks(samples: Sequence[Sample], number: int = BLOCKS) -> list[Sample]:
    """The means of *number* consecutive blocks of *samples*.

    >>> blocks([(0, 1), (1, 3), (2, 5), (3, 5)], 2)
    [(0.5, 2), (2.5, 5)]
    """
    edges = [len(samples) * at // number for at in range(number + 1)]
    parts = [samples[start:end] for start, end in pairwise(edges) if end > start]
    return [(statistics.mean(x for x, _ in part), statistics.mean(y for _, y in part)) for part in parts]


def slope(points: Sequence[Sample]) -> tuple[float, float]:
    """The slope of the line through *points* by least squares, and its standard error.

    >>> slope([(0, 1), (1, 3), (2, 5)])
    (2.0, 0.0)
    """
    line = statistics.linear_regression(*zip(*points, strict=True))
    middle = statistics.mean(x for x, _ in points)
    spread = sum((x - middle) ** 2 for x, _ in points)
    rest = sum((y - line.intercept - line.slope * x) ** 2 for x, y in points)
    return line.slope, math.sqrt(rest / max(1, len(points) - 2) / spread)


def bars(answers: Sequence[Answer], samples: Sequence[Sample]) -> list[Bar]:
    """What was measured against what it must be."""
    warm = samples[int(len(samples) * WARM_UP) :]
    found, error = slope(blocks(warm))
    resident = statistics.median(memory for _, memory in warm)
    growth, room = (each * MINUTES * 60 / resident for each in (found, QUANTILE * error))
    measured = f"{growth:+.2%} ± {room:.2%} of {resident:.0f} MB"
    counts = statuses(answers)
    shown = ", ".join(f"{count:,} × {status or 'no answer'}" for status, count in sorted(counts.items()))
    return [
        Bar(f"slope of memory × {MINUTES} minutes", f"< {GROWTH:.0%}", measured, growth < GROWTH),
        Bar("highest memory", "-", f"{max(memory for _, memory in samples):.0f} MB", passed=True),
        Bar("statuses", "only 200 and 429", shown, 200 in counts and counts.keys() <= {200, 429}),
    ]


if __name__ == "__main__":
    sys.exit(main())
