"""The memory of ``raqam annotate`` over ten million articles: while they are planned, and while they are annotated.

A file of JSON Lines with ``--rows`` short articles is written to a temporary folder and annotated to another file. The
resident memory of the process is read twice a second: while the corpus is read through and cut into shards, and then
for ``--seconds`` while it is annotated, after which the run is ended; from its growth over the shards that were done
follows what the rest would take.

Run from the root of a checkout::

    python -m benchmarks.corpus
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.load import Bar, conclude, parser
from benchmarks.report import ROOT, seed_texts
from benchmarks.service import memory
from raqam.batch.plan import MANIFEST, SHARD_ROWS

ROWS: Final = 10_000_000
MEGABYTES: Final = 500
CHARACTERS: Final = 100  # of a text: what is planned is the number of rows, not their length
TOGETHER: Final = 10_000
PAUSE: Final = 0.5

Sample = tuple[int, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the bars; 1 where one is missed."""
    options = parser("corpus", __doc__, seconds=120, clients=1)
    options.add_argument("--rows", type=int, default=ROWS, metavar="N", help=f"of the corpus (default: {ROWS:,})")
    found = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        corpus, output = Path(folder, "corpus.jsonl"), Path(folder, "records.jsonl")
        write_corpus(corpus, found.rows)
        began = time.perf_counter()
        planning, annotating, planned = watch(corpus, output, found.model, found.seconds)
        seconds = planned - began
        size = corpus.stat().st_size / 1e6
    print(f"{found.rows:,} rows, {size:,.0f} MB, planned in {seconds:.0f} s; {annotating[-1][0]:,} shards done.\n")
    return conclude(bars(found.rows, planning, annotating), f"{found.rows:,} rows")


def write_corpus(path: Path, rows: int) -> None:
    """Write *rows* articles of :data:`CHARACTERS` characters, cut from the seed articles."""
    text = " ".join(" ".join(seed_texts()).split())
    cuts = [text[at : at + CHARACTERS] for at in range(0, len(text) - CHARACTERS, CHARACTERS // 2)]
    lines = "".join(json.dumps({"text": cuts[at % len(cuts)]}, ensure_ascii=False) + "\n" for at in range(TOGETHER))
    with path.open("w", encoding="utf-8") as stream:
        for _ in range(rows // TOGETHER):
            stream.write(lines)


def watch(corpus: Path, output: Path, model: Path | None, seconds: float) -> tuple[list[float], list[Sample], float]:
    """Annotate *corpus*; the MB while it is planned, those by shards done, and when the plan was ready."""
    command = [sys.executable, "-m", "raqam", "annotate", str(corpus), "-o", str(output), "--quiet"]
    command += [] if model is None else ["--model", str(model)]
    parts = output.with_name(output.name + ".parts")
    planning: list[float] = []
    annotating: list[Sample] = []
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for megabytes in _resident(process):
            if not (parts / MANIFEST).exists():
                planning.append(megabytes)
                planned = time.perf_counter()
            else:
                annotating.append((len(os.listdir(parts)) - 2, megabytes))  # beside the manifest and the lock
            if annotating and time.perf_counter() - planned > seconds:
                break
    finally:
        process.terminate()  # not SIGINT, which what runs in the background of a shell ignores
        process.wait()
    return planning, annotating, planned


def _resident(process: subprocess.Popen[bytes]) -> Iterator[float]:
    while process.poll() is None:
        if (found := memory(process.pid).get("VmRSS")) is not None:
            yield found
        time.sleep(PAUSE)


def bars(rows: int, planning: Sequence[float], annotating: Sequence[Sample]) -> list[Bar]:
    """The highest memory there was, and what all shards would add to it if it grew as it did in the second half."""
    highest = max(*planning, *(megabytes for _, megabytes in annotating))
    later = annotating[len(annotating) // 2 :]
    slope = statistics.linear_regression(*zip(*later, strict=True)).slope if len({at for at, _ in later}) > 1 else 0.0
    growth = max(0.0, slope) * rows / SHARD_ROWS
    each = f"{slope * 1000:+.2f} MB"
    return [
        Bar("highest memory", f"< {MEGABYTES} MB", f"{highest:.0f} MB", highest < MEGABYTES),
        Bar("of that while planning", "-", f"{max(planning):.0f} MB", True),
        Bar("growth over a thousand shards", "-", each, True),
        Bar("growth over all shards", f"< {MEGABYTES} MB in all", f"{growth:.0f} MB", highest + growth < MEGABYTES),
    ]


if __name__ == "__main__":
    sys.exit(main())
