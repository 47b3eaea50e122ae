"""What the batch costs: ``raqam annotate`` against bare onnxruntime, and against the pipeline of Hugging Face.

The same articles, of lengths from a few sentences to several pages, are annotated in turns: by bare onnxruntime on
their windows, which were cut before, on the same threads; by ``raqam annotate`` as a process, from a file of JSON Lines
to another; and by the same command on one short article, whose time is the start-up. Ratios are the median of the
ratios within a round. A part of the articles, of all lengths, is annotated by the pipeline ``token-classification``
with torch in fp32 on the same threads: with a model of the shape of ParsBERT base and random weights, and with our own
checkpoint. The pipeline has the batch size that is best for it, and windows of 512 tokens that share 64. Tokens are
those of the articles in the tokenizer of the default model, each counted once, for all alike.

The peak is the most that onnxruntime does in large products of 8-bit matrices on the same threads.

Run from the root of a checkout::

    python -m benchmarks.batch
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

from benchmarks.load import Bar, conclude, parser
from benchmarks.overhead import Rows, run_bare
from benchmarks.peak import operations, peak
from benchmarks.pipelines import Pipeline, checkpoint, parsbert
from benchmarks.report import ROOT, seed_articles, table
from raqam import Annotator, Article, ModelError
from raqam.annotator import find_model
from raqam.manifest import MODEL_FILE, SPECIAL_TOKENS
from raqam.model import OnnxModel

TO_BARE: Final = 0.90
TO_PARSBERT: Final = 12.0
TO_CHECKPOINT: Final = 2.0

#: What is kept of the articles, in turn; what is more than one is the article several times.
SHARES: Final = (1.0, 0.25, 0.6, 0.1, 2.0, 0.8, 0.4, 0.15, 1.5, 0.5, 3.0)


@dataclass(frozen=True, slots=True)
class Corpus:
    """The articles, how many tokens each has, and their windows."""

    articles: Sequence[Article]
    tokens: Sequence[int]
    rows: Rows

    def part(self, count: int) -> tuple[list[str], int]:
        """The texts of *count* articles of all lengths, and their tokens."""
        step = max(1, len(self.articles) // count)
        # Neighbours of all lengths: a step may have a divisor in common with the lengths that take turns.
        chosen = [(at * step + at % step) % len(self.articles) for at in range(min(count, len(self.articles)))]
        return [self.articles[at].text for at in chosen], sum(self.tokens[at] for at in chosen)


@dataclass(frozen=True, slots=True)
class Round:
    """The seconds of bare onnxruntime, of the command, of the command on next to nothing, and of the pipelines."""

    bare: float
    command: float
    start: float
    pipelines: tuple[float, ...]

    @property
    def work(self) -> float:
        """The seconds of the command without its start-up."""
        return self.command - self.start


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table and the bars; 1 where one is missed."""
    options = parser("batch", __doc__, seconds=1800, clients=1)
    options.add_argument("--threads", type=int, default=2, metavar="N", help="each way (default: 2)")
    options.add_argument("--articles", type=int, default=500, metavar="N", help="default: 500")
    options.add_argument("--part", type=int, default=22, metavar="N", help="of them, for the pipelines (default: 22)")
    options.add_argument("--rounds", type=int, default=5, metavar="N", help="at most (default: 5)")
    options.add_argument("--checkpoint", type=Path, metavar="DIR", help="ours (default: the model's own)")
    found = options.parse_args(arguments)
    try:
        folder = find_model() if found.model is None else found.model
        with Annotator.load(folder, threads=found.threads) as annotator:
            corpus = read(annotator, varied(found.articles))
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    part = corpus.part(found.part)
    pipelines = [
        parsbert(folder, found.threads).tuned(part[0][:8]),
        checkpoint(found.checkpoint or folder / "checkpoint", folder, found.threads).tuned(part[0][:8]),
    ]
    best = peak(found.threads)
    rounds = measure(folder, corpus, pipelines, part[0], found)
    best = max(best, peak(found.threads))
    print(speeds(rounds, corpus, pipelines, part, found.threads), end="\n\n")
    note = (
        f"{len(corpus.articles)} articles of {min(corpus.tokens):,} to {max(corpus.tokens):,} tokens, {len(part[0])} "
        f"of them for the pipelines; {len(rounds)} rounds, {found.threads} threads"
    )
    needed = operations(folder / MODEL_FILE, map(len, corpus.rows))
    return conclude(bars(rounds, corpus, part[1], needed, best), note)


def varied(count: int) -> list[Article]:
    """Seed articles cut to, or repeated to, :data:`SHARES` of their length, at blanks."""
    return [
        Article(_cut(article.text, share), article.id)
        for article, share in zip(seed_articles(count), cycle(SHARES), strict=False)
    ]


def _cut(text: str, share: float) -> str:
    whole = (text + "\n") * (int(share) + 1)
    end = whole.find(" ", round(share * len(text)))
    return whole[: end if end > 0 else len(whole)]


def read(annotator: Annotator, articles: Sequence[Article]) -> Corpus:
    """Tokenize *articles* and cut them into windows."""
    prepared = [annotator.prepare(article) for article in articles]
    rows = [row for each in prepared for row in each.rows]
    return Corpus(articles, [len(each.tokens) + SPECIAL_TOKENS for each in prepared], rows)


def measure(
    folder: Path, corpus: Corpus, pipelines: Sequence[Pipeline], texts: Sequence[str], options: object
) -> list[Round]:
    """Let the ways take turns; no round begins after ``--seconds``."""
    found: list[Round] = []
    rounds, threads, seconds = (getattr(options, name) for name in ("rounds", "threads", "seconds"))
    model, until = OnnxModel(folder / MODEL_FILE), time.perf_counter() + seconds
    with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(threads) as pool:
        whole = write(Path(work, "whole.jsonl"), corpus.articles)
        single = write(Path(work, "single.jsonl"), [Article("همدان", id="0")])
        annotate(single, folder, threads)  # to warm up
        while len(found) < rounds and (not found or time.perf_counter() < until):
            run_bare(model, pool, corpus.rows[:50])  # what ran before has driven the weights out of the cache
            began = time.perf_counter()
            run_bare(model, pool, corpus.rows)
            bare = time.perf_counter() - began
            command, start = annotate(whole, folder, threads), annotate(single, folder, threads)
            found.append(Round(bare, command, start, tuple(each.run(texts) for each in pipelines)))
    return found


def write(path: Path, articles: Iterable[Article]) -> Path:
    """Write *articles* as JSON Lines."""
    lines = (json.dumps({"id": each.id, "text": each.text}, ensure_ascii=False) + "\n" for each in articles)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def annotate(path: Path, folder: Path, threads: int) -> float:
    """The seconds of the command from *path* to a file that is new."""
    output = path.with_suffix(".out.jsonl")
    command = [sys.executable, "-m", "raqam", "annotate", str(path), "-o", str(output), "--quiet"]
    command += ["--model", str(folder.absolute()), "--threads", str(threads)]
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True)
    seconds = time.perf_counter() - began
    for left in path.parent.glob(f"{output.name}*"):
        left.unlink()
    return seconds


def speeds(
    rounds: Sequence[Round],
    corpus: Corpus,
    pipelines: Sequence[Pipeline],
    part: tuple[Sequence[str], int],
    threads: int,
) -> str:
    """Articles and tokens a second of each way, the medians."""
    whole, some = (len(corpus.articles), sum(corpus.tokens)), (len(part[0]), part[1])
    ways = [
        ("bare onnxruntime, on the same windows", whole, [each.bare for each in rounds]),
        ("`raqam annotate`, with start-up", whole, [each.command for each in rounds]),
        ("`raqam annotate`, without start-up", whole, [each.work for each in rounds]),
    ]
    for at, pipeline in enumerate(pipelines):
        name = f"pipeline {pipeline.name}, batches of {pipeline.batch_size}"
        ways.append((name, some, [each.pipelines[at] for each in rounds]))
    rows = []
    for name, (articles, tokens), seconds in ways:
        median = statistics.median(seconds)
        each = f"{1000 * median * threads / articles:,.0f}"
        rows.append((name, f"{articles / median:,.1f}", f"{tokens / median:,.0f}", each))
    return table(["way", "articles/s", "tokens/s", "core ms/article"], rows)


def bars(rounds: Sequence[Round], corpus: Corpus, part: int, needed: float, best: float) -> list[Bar]:
    """The three bars, and what is reported beside them."""
    tokens = sum(corpus.tokens)
    to_bare = statistics.median(each.bare / each.work for each in rounds)
    started = statistics.median(each.bare / each.command for each in rounds)
    parsbert, own = (
        statistics.median(tokens / each.work / (part / each.pipelines[at]) for each in rounds) for at in (0, 1)
    )
    work = needed / statistics.median(each.work for each in rounds)
    bare = needed / statistics.median(each.bare for each in rounds)
    return [
        Bar("without start-up, to bare onnxruntime", f"≥ {TO_BARE:.0%}", f"{to_bare:.1%}", to_bare >= TO_BARE),
        Bar("with start-up", "-", f"{started:.1%}", True),
        Bar("to the pipeline of ParsBERT base's shape", f"≥ {TO_PARSBERT:g}×", f"{parsbert:.1f}×",
            parsbert >= TO_PARSBERT),
        Bar("to the pipeline of our own checkpoint", f"≥ {TO_CHECKPOINT:g}×", f"{own:.1f}×", own >= TO_CHECKPOINT),
        Bar("peak of 8-bit products", "-", f"{best / 1e9:,.0f} GOPS", True),
        Bar("of that, `raqam annotate`", "-", f"{work / 1e9:,.0f} GOPS, {work / best:.0%}", True),
        Bar("of that, bare onnxruntime", "-", f"{bare / 1e9:,.0f} GOPS, {bare / best:.0%}", True),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
