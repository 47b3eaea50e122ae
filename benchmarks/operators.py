"""Where the time of a run goes: milliseconds of each operator, and what all fusions of onnxruntime would cost.

One window of the default model is run again and again on one thread: as :class:`raqam.model.OnnxModel` runs it, and
with every fusion that onnxruntime makes by itself; the two take turns. Then the first is profiled.

Run from the root of a checkout::

    python -m benchmarks.operators
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from benchmarks.report import machine, seed_articles, table
from raqam import Annotator, ModelError
from raqam.annotator import find_model
from raqam.manifest import MODEL_FILE
from raqam.model import INPUTS, SLOWER_FUSIONS


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table."""
    found = parser().parse_args(arguments)
    if found.runs < 1:
        print("--runs must be at least 1.", file=sys.stderr)
        return 2
    try:
        folder = find_model() if found.model is None else found.model
        with Annotator.load(folder) as annotator:
            ids = max((row for article in seed_articles(5) for row in annotator.prepare(article).rows), key=len)
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    feed = dict(zip(INPUTS, (ids[None], np.ones_like(ids[None])), strict=True))
    ours, fused = (session(folder / MODEL_FILE, left_out) for left_out in (SLOWER_FUSIONS, ()))
    ratios = [seconds(ours, feed) / seconds(fused, feed) for _ in range(found.runs)]
    print(table(["operator", "runs", "ms", "share"], rows(folder / MODEL_FILE, feed, found.runs)))
    ratio = f"{statistics.median(ratios):.2f} of the time with every fusion of onnxruntime {onnxruntime.__version__}"
    print(f"\nOne window of {len(ids)} tokens on one thread takes {ratio} (median of {found.runs}); {machine()}.")
    return 0


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.operators", description="Time by operator.")
    found.add_argument("--model", type=Path, default=None, help="a model folder; the default model otherwise")
    found.add_argument("--runs", type=int, default=50, help="how often it is run (default: 50)")
    return found


def session(path: Path, left_out: Sequence[str], profile: str = "") -> Any:
    """A session of one thread without the fusions *left_out*; a *profile* is written to files that begin so."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_mem_pattern = False
    if profile:
        options.enable_profiling, options.profile_file_prefix = True, profile
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=[*left_out]
    )


def seconds(model: Any, feed: dict[str, Any]) -> float:
    """What one run takes."""
    began = time.perf_counter()
    model.run(None, feed)
    return time.perf_counter() - began


def rows(path: Path, feed: dict[str, Any], runs: int) -> list[tuple[str, int, str, str]]:
    """By operator: how often it runs, its milliseconds in a run, and its share of them; those above one percent."""
    with tempfile.TemporaryDirectory() as folder:
        model = session(path, SLOWER_FUSIONS, str(Path(folder) / "profile"))
        for _ in range(runs):
            model.run(None, feed)
        events = json.loads(Path(model.end_profiling()).read_text(encoding="utf-8"))
    spent: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for event in events:
        if event["name"].endswith("_kernel_time"):
            spent[event["args"]["op_name"]] += event["dur"]
            counted[event["args"]["op_name"]] += 1
    return [
        (name, counted[name] // runs, f"{taken / runs / 1000:.2f}", f"{taken / spent.total():.0%}")
        for name, taken in spent.most_common()
        if taken > spent.total() / 100
    ]


if __name__ == "__main__":
    sys.exit(main())
