"""What HTTP costs: the service against bare onnxruntime on the same windows, with the same threads, taking turns.

A round annotates the same articles three ways: bare onnxruntime on their windows, which were cut before, on as many
threads as the service has; the library in this process; and the service, asked by as many clients at once as
``--clients`` says, one article a request. The ratio is the median of the ratios within a round, to bare onnxruntime.
Then one client asks for one article again and again, in turns with the library and with bare onnxruntime. The
milliseconds of processor each article takes, all threads together, tell the ways apart on a busy machine too.

Run from the root of a checkout::

    python -m benchmarks.overhead
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.load import JSON, Bar, Connection, Server, closed_loop, conclude, json_body, parser, served, statuses
from benchmarks.report import percentile, seed_articles, table
from benchmarks.service import StartError
from raqam import Annotator, Article, ModelError
from raqam.annotator import find_model
from raqam.manifest import MODEL_FILE
from raqam.model import OnnxModel

RATIO: Final = 0.90
MILLISECONDS: Final = 3.0
WAYS: Final = ("bare onnxruntime", "the library", "the service")

Rows = Sequence[NDArray[np.int64]]


#: Requests of one way in a row, where one client's latency is measured.
TURN: Final = 10


@dataclass(frozen=True, slots=True)
class Bench:
    """What takes turns: the model by itself, the library with it, and the service; and the articles they work on."""

    model: OnnxModel
    annotator: Annotator
    server: Server
    pool: ThreadPoolExecutor
    articles: Sequence[Article]
    rows: Rows

    @property
    def tokens(self) -> int:
        """The tokens of all windows, with the special ones."""
        return sum(map(len, self.rows))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print two tables and the bars; 1 where one is missed."""
    options = parser("overhead", __doc__, seconds=600, clients=16)
    options.add_argument("--threads", type=int, default=2, metavar="N", help="of the model, each way (default: 2)")
    options.add_argument("--articles", type=int, default=64, metavar="N", help="articles of a round (default: 64)")
    options.add_argument("--rounds", type=int, default=9, metavar="N", help="at most (default: 9)")
    options.add_argument("--requests", type=int, default=150, metavar="N", help="with one client (default: 150)")
    found = options.parse_args(arguments)
    try:
        folder = find_model() if found.model is None else found.model
        with (
            Annotator.load(folder, threads=found.threads) as annotator,
            ThreadPoolExecutor(found.threads) as pool,
            served(folder, threads=found.threads) as server,
        ):
            articles = seed_articles(found.articles)
            rows = [row for article in articles for row in annotator.prepare(article).rows]
            bench = Bench(OnnxModel(folder / MODEL_FILE), annotator, server, pool, articles, rows)
            rounds = throughput(bench, found.clients, found.rounds, found.seconds)
            latencies = asyncio.run(latency(bench, found.requests))
    except (ModelError, StartError) as error:
        print(error, file=sys.stderr)
        return 2
    print(throughput_table(rounds, bench), latency_table(latencies), sep="\n\n", end="\n\n")
    return conclude(bars(rounds, latencies, found.clients), f"{len(rounds)} rounds, {found.threads} threads")


@dataclass(frozen=True, slots=True)
class Lap:
    """The seconds one way took for all articles, and those of processors it used."""

    seconds: float
    processor: float


def throughput(bench: Bench, clients: int, rounds: int, seconds: float) -> list[tuple[Lap, ...]]:
    """The laps of each way in each round, the first to warm up and not counted; none begins after *seconds*."""
    ways: list[tuple[Callable[[], object], Callable[[], float]]] = [
        (lambda: run_bare(bench.model, bench.pool, bench.rows), time.process_time),
        (lambda: bench.annotator.annotate_many(bench.articles), time.process_time),
        (lambda: asyncio.run(ask(bench, clients)), bench.server.processor_seconds),
    ]
    until = time.perf_counter() + seconds
    found: list[tuple[Lap, ...]] = []
    for at in range(rounds + 1):
        order = -1 if at % 2 else 1
        found.append(tuple(_lap(*way) for way in ways[::order])[::order])
        if len(found) > 1 and time.perf_counter() > until:
            break
    return found[1:]


def _timed(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def _lap(function: Callable[[], object], processor: Callable[[], float]) -> Lap:
    used = processor()
    return Lap(_timed(function), processor() - used)


def run_bare(model: OnnxModel, pool: ThreadPoolExecutor, rows: Rows) -> None:
    """Run *model* on each of *rows* by itself, side by side, the longest first; what it says is thrown away."""
    for _ in pool.map(lambda row: model.run(row[None], np.ones_like(row[None])), sorted(rows, key=len)[::-1]):
        pass


async def ask(bench: Bench, clients: int) -> None:
    """Let *clients* have all articles annotated by the service, each article once."""
    requests = [(json_body(article.text), JSON) for article in bench.articles]
    answers = await closed_loop(bench.server.port, clients, requests, float("inf"))
    if statuses(answers) != {200: len(requests)}:
        raise StartError(f"The service answered with {dict(statuses(answers))} where 200 was expected.")


async def latency(bench: Bench, requests: int) -> list[tuple[float, ...]]:
    """The seconds of each way for the first article alone, *requests* times, in turns of :data:`TURN`.

    The first of each turn does not count: the service has weights of its own in memory, and what ran before it has
    driven them out of the cache of the processor.
    """
    article = bench.articles[0]
    rows, body = bench.annotator.prepare(article).rows, json_body(article.text)
    connection = Connection(bench.server.port)
    found: list[tuple[float, ...]] = []
    for _ in range(max(1, requests // TURN)):
        bare = [_timed(lambda: run_bare(bench.model, bench.pool, rows)) for _ in range(TURN + 1)]
        library = [_timed(lambda: bench.annotator.annotate(article)) for _ in range(TURN + 1)]
        service = [(await connection.post(body)).seconds for _ in range(TURN + 1)]
        found += list(zip(bare[1:], library[1:], service[1:], strict=True))
    connection.close()
    return found


def throughput_table(rounds: Sequence[tuple[Lap, ...]], bench: Bench) -> str:
    """Articles and tokens per second of each way, the ratio to the first, and the processor an article takes."""
    rows = []
    for at, name in enumerate(WAYS):
        seconds = statistics.median(each[at].seconds for each in rounds)
        processor = statistics.median(each[at].processor for each in rounds) / len(bench.articles) * 1000
        speeds = (f"{len(bench.articles) / seconds:.1f}", f"{bench.tokens / seconds:,.0f}", f"{ratio(rounds, at):.1%}")
        rows.append((name, *speeds, f"{processor:.1f}"))
    return table(["way", "articles/s", "tokens/s", "to bare", "processor ms/article"], rows)


def ratio(rounds: Sequence[tuple[Lap, ...]], way: int) -> float:
    """The throughput of *way* as a part of that of bare onnxruntime: the median over the rounds."""
    return statistics.median(each[0].seconds / each[way].seconds for each in rounds)


def latency_table(latencies: Sequence[tuple[float, ...]]) -> str:
    """The milliseconds of each way for one article."""
    columns = list(zip(*latencies, strict=True))
    rows = [
        (name, *(f"{percentile(columns[at], percent) * 1000:.1f}" for percent in (50, 99)))
        for at, name in enumerate(WAYS)
    ]
    return table(["way, one article", "p50 ms", "p99 ms"], rows)


def bars(rounds: Sequence[tuple[Lap, ...]], latencies: Sequence[tuple[float, ...]], clients: int) -> list[Bar]:
    """Both bars: throughput with many clients, and what one client waits longer."""
    part = ratio(rounds, 2)
    _, library, service = (statistics.median(column) * 1000 for column in zip(*latencies, strict=True))
    return [
        Bar(f"tokens/s with {clients} clients, to bare onnxruntime", f"≥ {RATIO:.0%}", f"{part:.1%}", part >= RATIO),
        Bar("p50 with one client, above the library", f"≤ {MILLISECONDS:g} ms", f"{service - library:.1f} ms",
            service - library <= MILLISECONDS),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
