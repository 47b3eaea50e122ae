"""What a job does in one process, however many annotate: planning, and putting the parts together. And what it stores.

Articles of the seeds are annotated once, by a job that stops before the end; then the plan is made again, and the parts
are put together again, as often as ``--rounds`` says. The medians are articles per second of one process, and the bytes
are those of the files.

Run from the root of a checkout::

    python -m benchmarks.assembly
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.load import parser
from benchmarks.report import machine, seed_articles, table
from raqam import Annotator, ModelError
from raqam.annotator import find_model
from raqam.batch.jobs import Target, run_job
from raqam.batch.local import run_local
from raqam.batch.plan import SHARD_ROWS, make_plan
from raqam.batch.progress import Meter
from raqam.batch.shards import Job, Shard, Tally
from raqam.formats import Format
from raqam.readers import Options, find_sources

FORMATS: Final = (Format.JSONL, Format.CSV, Format.PARQUET)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print both tables."""
    options = parser("assembly", __doc__, seconds=0, clients=1)
    options.add_argument("--articles", type=int, default=300, metavar="N", help="default: 300")
    options.add_argument("--rounds", type=int, default=5, metavar="N", help="default: 5")
    found = options.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            speeds, sizes = measure(Path(folder), found.model or find_model(), found.articles, found.rounds)
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    print(table(["one process", "articles/s"], [(name, f"{speed:,.0f}") for name, speed in speeds]), end="\n\n")
    print(table(["what is stored", "kB/article"], [(name, f"{size:.1f}") for name, size in sizes]), end="\n\n")
    print(f"{found.articles} articles, medians of {found.rounds} rounds; {machine()}")
    return 0


def measure(
    folder: Path, model: Path, articles: int, rounds: int
) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Articles per second of each step, and the thousands of bytes an article takes in each place."""
    corpus = write(folder / "corpus.jsonl", articles)
    sources = list(find_sources([str(corpus)]))
    meter = Meter(Console(stderr=True), False)
    with Annotator.load(model) as annotator:
        job = Job(folder / "parts", Options(), model, annotator.manifest.sha256)
        job.folder.mkdir()
        plan = make_plan(sources, job)
        done = list(run_local(plan, job, annotator))
    planning = median(lambda: make_plan(sources, job), rounds)
    speeds = [("planning, JSON Lines", articles / planning)]
    sizes = [("input, JSON Lines", kilobytes(corpus) / articles)]
    sizes.append(("parts", sum(kilobytes(job.path(shard)) for shard, _ in done) / articles))
    for format in FORMATS:
        target = Target(folder / f"out.{format}", format)
        kept = Job(target.parts, job.options, model, job.sha256)

        def assemble(target: Target = target, kept: Job = kept) -> None:
            run_job(target, sources, kept, nothing_left, meter, SHARD_ROWS)

        seconds = []
        for _ in range(rounds):
            target.manifest.unlink(missing_ok=True)
            target.parts.mkdir()
            (target.parts / "lock").touch()
            for shard, _ in done:
                (target.parts / job.path(shard).name).hardlink_to(job.path(shard))
            seconds.append(timed(assemble) - planning)  # which is done again first
        speeds.append((f"putting together, {format}", articles / statistics.median(seconds)))
        sizes.append((f"output, {format}", kilobytes(target.output) / articles))
    return speeds, sizes


def nothing_left(shards: Iterable[Shard]) -> Iterator[tuple[Shard, Tally]]:
    """The engine of a job whose parts are all there."""
    for shard in shards:
        raise RuntimeError(f"The shard {shard.number} was not done.")
    return iter(())


def write(path: Path, articles: int) -> Path:
    """Write *articles* of the seeds as JSON Lines."""
    lines = (json.dumps({"id": each.id, "text": each.text}, ensure_ascii=False) for each in seed_articles(articles))
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def kilobytes(path: Path) -> float:
    """The size of the file *path*."""
    return path.stat().st_size / 1000


def timed(function: Callable[[], object]) -> float:
    """The seconds that *function* takes."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def median(function: Callable[[], object], rounds: int) -> float:
    """The median of the seconds that *function* takes."""
    return statistics.median(timed(function) for _ in range(rounds))


if __name__ == "__main__":
    sys.exit(main())
