"""Articles and tokens per second, and the latency of one seed article.

The articles are the seeds and their variants in spelling, over and over. Every figure is the median of rounds in
which the settings to compare take turns, so that a machine that slows down slows all of them down; the ratio is the
median of the ratios within a round, to the first row. With ``--against`` another model folder takes part.

Run from the root of a checkout::

    python -m benchmarks.speed
    python -m benchmarks.speed --threads 2 --against models/other
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import machine, percentile, seed_articles, table
from raqam import Annotator, Article, ModelError
from raqam.annotator import find_model
from raqam.manifest import TOKENIZER_FILE
from raqam.text import normalize
from raqam.tokens import Tokenizer


@dataclass(frozen=True, slots=True)
class Contender:
    """A model and a number of threads, with the seconds its rounds took."""

    annotator: Annotator
    threads: int
    tokens: int
    seconds: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print two tables."""
    options = parser().parse_args(arguments)
    articles = seed_articles(options.articles)
    folders = [options.model, *([options.against] if options.against else [])]
    try:
        contenders = [load(folder, threads, articles) for folder in folders for threads in options.threads]
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    measure(contenders, articles, options.rounds, options.latencies)
    print(throughput(contenders, len(articles)), latency(contenders), sep="\n\n")
    print(f"\n{len(articles)} articles, median of {options.rounds} rounds; {machine()}.")
    return 0


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    found.add_argument("--against", type=Path, metavar="DIR", help="another model folder to compare with")
    found.add_argument("--threads", type=int, nargs="+", default=[1, 2], metavar="N", help="default: 1 2")
    found.add_argument("--articles", type=int, default=100, metavar="N", help="articles of a round (default: 100)")
    found.add_argument("--rounds", type=int, default=5, metavar="N", help="default: 5")
    found.add_argument("--latencies", type=int, default=200, metavar="N", help="repetitions of one seed (default: 200)")
    return found


def load(folder: Path | None, threads: int, articles: Sequence[Article]) -> Contender:
    """Load the model of *folder*, count the tokens it sees in *articles*, and warm it up."""
    folder = find_model() if folder is None else folder
    annotator = Annotator.load(folder, threads=threads)
    tokenizer = Tokenizer.load(folder / TOKENIZER_FILE)
    annotator.annotate_many(articles[:5])
    return Contender(annotator, threads, sum(len(tokenizer.encode(normalize(article.text))) for article in articles))


def measure(contenders: Sequence[Contender], articles: Sequence[Article], rounds: int, latencies: int) -> None:
    """Let the *contenders* take turns: all *articles* at once, then the first one again and again."""
    for _ in range(rounds):
        for contender in contenders:
            began = time.perf_counter()
            contender.annotator.annotate_many(articles)
            contender.seconds.append(time.perf_counter() - began)
    for _ in range(max(2, latencies)):
        for contender in contenders:
            began = time.perf_counter()
            contender.annotator.annotate(articles[0])
            contender.latencies.append(time.perf_counter() - began)


def throughput(contenders: Sequence[Contender], articles: int) -> str:
    """The table of articles and tokens per second."""
    first = contenders[0].seconds
    rows = []
    for each in contenders:
        seconds = statistics.median(each.seconds)
        ratio = statistics.median(ours / theirs for ours, theirs in zip(first, each.seconds, strict=True))
        speeds = (f"{articles / seconds:.1f}", f"{each.tokens / seconds:,.0f}", f"{ratio:.2f}×")
        rows.append((each.annotator.model, each.threads, *speeds))
    return table(["model", "threads", "articles/s", "tokens/s", "to the first"], rows)


def latency(contenders: Sequence[Contender]) -> str:
    """The table of the milliseconds that one seed article takes."""
    rows = [
        (each.annotator.model, each.threads, *(f"{percentile(each.latencies, at) * 1000:.1f}" for at in (50, 99)))
        for each in contenders
    ]
    return table(["model", "threads", "p50 ms", "p99 ms"], rows)


if __name__ == "__main__":
    sys.exit(main())
