"""One run on all processors, against as many runs side by side as there are processors, each on one.

The same windows of the seed articles, every window a run of its own; rounds in which the two take turns.

Run from the root of a checkout::

    python -m benchmarks.threads
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import machine, seed_articles, table
from raqam import Annotator, ModelError
from raqam.annotator import find_model
from raqam.manifest import MODEL_FILE
from raqam.model import OnnxModel

Rows = Sequence[NDArray[np.int64]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table."""
    options = parser().parse_args(arguments)
    cores = os.cpu_count() or 1
    try:
        rows = windows(options.model, options.articles)
        ways = {
            f"{workers} × {threads}": way(options.model, workers, threads)
            for workers, threads in ((1, cores), (cores, 1))
        }
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds + 1):
        for name, (model, workers) in ways.items():
            seconds[name].append(measure(model, workers, rows))
    tokens = sum(map(len, rows))
    first = seconds[next(iter(ways))][1:]
    found = []
    for name, taken in seconds.items():
        ratio = statistics.median(one / other for one, other in zip(first, taken[1:], strict=True))
        found.append((name, f"{tokens / statistics.median(taken[1:]):,.0f}", f"{ratio:.2f}"))
    print(table(["runs side by side × threads of each", "tokens/s", "ratio"], found))
    print(f"\n{len(rows)} windows, median of {options.rounds} rounds; {machine()}.")
    return 0


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks.threads", description="Threads in a run against runs side by side."
    )
    found.add_argument("--model", type=Path, default=None, help="a model folder; the default model otherwise")
    found.add_argument("--articles", type=int, default=15, help="articles whose windows are run (default: 15)")
    found.add_argument("--rounds", type=int, default=7, help="rounds that count (default: 7)")
    return found


def windows(folder: Path | None, articles: int) -> Rows:
    """The rows of the windows of the seed articles and their variants."""
    with Annotator.load(folder, threads=1) as annotator:
        return [row for article in seed_articles(articles) for row in annotator.prepare(article).rows]


def way(folder: Path | None, workers: int, threads: int) -> tuple[OnnxModel, int]:
    """The model with *threads* in each run, and how many runs go side by side."""
    return OnnxModel((folder or find_model()) / MODEL_FILE, threads=threads), workers


def measure(model: OnnxModel, workers: int, rows: Rows) -> float:
    """The seconds all *rows* take, *workers* of them side by side."""
    began = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda row: model.run(row[None], np.ones_like(row[None])), rows))
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
