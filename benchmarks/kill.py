"""Whether ``raqam annotate`` loses work: killed again and again at random moments of its life, and started again.

A corpus is made of the sentences of the seed articles: files of several kinds, with a few bad rows. It is annotated
once undisturbed. Then the command is started on it in a process group of its own, all of which gets SIGKILL at a random
moment, and it is started again, until it ends by itself; that is repeated with a new output until it was killed as
often as ``--times`` says. Each time OUTPUT and OUTPUT.rejected.jsonl must be those of the undisturbed run, byte for
byte. The files of the shards are looked at before and after each start: one that was there must still be the same file,
and what a kill leaves unfinished, and so is done again, is at most one shard (with Ray, one for each actor).

Run from the root of a checkout::

    python -m benchmarks.kill --times 100
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.load import Bar, conclude
from benchmarks.report import ROOT, seed_texts
from raqam.batch.plan import MANIFEST

FILES: Final = 4
#: Exit statuses of a run that came to its end: all annotated, or all but the bad rows.
ENDED: Final = (0, 1)

Marks = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Run:
    """The command on the corpus: what it writes, and the files it keeps meanwhile."""

    command: Sequence[str]
    output: Path

    @property
    def parts(self) -> Path:
        return self.output.with_name(f"{self.output.name}.parts")

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own."""
        command = [*self.command, "-o", str(self.output)]
        return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)

    def marks(self) -> Marks:
        """The inode and the time of each file of a shard that is whole."""
        found = {}
        for path in self.parts.glob("*.jsonl"):
            if len(path.stem) == 64 and (status := _status(path)) is not None:
                found[path.stem] = (status.st_ino, status.st_mtime_ns)
        return found

    def unfinished(self) -> int:
        """How many shards are begun and not done."""
        return len({path.name[1:65] for path in self.parts.glob(".*.unfinished") if _SHARD.match(path.name)})

    def phase(self) -> str:
        """What the command was at."""
        if self.output.exists():
            return "behind the output"
        if not (self.parts / MANIFEST).exists():
            return "starting and planning"
        shards = (self.parts / MANIFEST).read_bytes().count(b'{"shard": ')
        if len(self.marks()) < shards:
            return "annotating (or planning again)"
        return "putting together"

    def results(self) -> tuple[bytes, bytes]:
        """The output, and the rejected rows."""
        return self.output.read_bytes(), self.output.with_name(f"{self.output.name}.rejected.jsonl").read_bytes()


@dataclass(slots=True)
class Findings:
    """What was seen over all runs."""

    phases: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    different: int = 0
    lost: int = 0
    twice: int = 0
    rewritten: int = 0
    unfinished: int = 0  # the most after one kill
    failed: Counter[int] = field(default_factory=Counter)


_SHARD: Final = re.compile(r"\.[0-9a-f]{64}\.jsonl\.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print what was going on at the kills and the bars; 1 where one is missed."""
    options = parser().parse_args(arguments)
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        inputs = write_corpus(Path(folder, "اخبار"), options.rows)
        command = [sys.executable, "-m", "raqam", "annotate", *map(str, inputs), "--quiet"]
        command += ["--engine", options.engine, "--shard-rows", str(options.shard_rows)]
        command += ["--threads", str(options.threads)]
        command += [] if options.model is None else ["--model", str(options.model.absolute())]
        undisturbed = Run(command, Path(folder, "undisturbed.jsonl"))
        began = time.perf_counter()
        undisturbed.start().wait()
        seconds = time.perf_counter() - began
        findings = Findings()
        while (kills := sum(findings.phases.values())) < options.times and not findings.failed:
            run = Run(command, Path(folder, f"{findings.finished}.jsonl"))
            live(run, undisturbed, seconds, options.times - kills, chance, findings)
    for phase, times in findings.phases.most_common():
        print(f"killed {times} times while {phase}")
    print()
    actors = max(1, (os.cpu_count() or 1) // options.threads) if options.engine == "ray" else 1
    note = (
        f"{options.rows} rows in shards of {options.shard_rows}, undisturbed {seconds:.1f} s, engine {options.engine}"
    )
    return conclude(bars(findings, options.times, actors), note)


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks.kill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    found.add_argument("--times", type=int, default=100, metavar="N", help="how often (default: 100)")
    found.add_argument("--rows", type=int, default=1200, metavar="N", help="articles (default: 1200)")
    found.add_argument("--shard-rows", type=int, default=20, metavar="N", help="of a shard (default: 20)")
    found.add_argument("--engine", choices=("local", "ray"), default="local", help="default: local")
    found.add_argument("--threads", type=int, default=1, metavar="N", help="default: 1")
    found.add_argument("--seed", type=int, default=0, metavar="N", help="of the random moments (default: 0)")
    return found


def write_corpus(folder: Path, rows: int) -> list[Path]:
    """Files of JSON Lines and CSV with *rows* sentences in all, about one in fifty of them not to be annotated."""
    folder.mkdir()
    found = [sentence.strip() for text in seed_texts() for sentence in re.split(r"(?<=[.؟!])\s|\n", text)]
    sentences = [sentence for sentence in found if sentence]
    paths = [folder / f"{at}.{'csv' if at % 2 else 'jsonl'}" for at in range(FILES)]
    for at, path in enumerate(paths):
        numbers = range(at, rows, FILES)
        texts = [(f"خبر-{number}", _text(sentences, number)) for number in numbers]
        with path.open("w", encoding="utf-8", newline="") as stream:
            if path.suffix == ".csv":
                csv.writer(stream).writerows([("id", "text"), *texts])
            else:
                stream.writelines(
                    json.dumps({"id": id_, "text": text}, ensure_ascii=False) + "\n" for id_, text in texts
                )
    return paths


def _text(sentences: Sequence[str], number: int) -> str:
    return " " if number % 50 == 7 else f"{number}: {sentences[number % len(sentences)]}"


def live(run: Run, undisturbed: Run, seconds: float, times: int, chance: random.Random, findings: Findings) -> None:
    """Kill *run* at random moments, up to so many *times*, until it ends by itself; then compare what it wrote."""
    before: Marks = {}
    for moment in _moments(chance, seconds, times):
        process = run.start()
        try:
            status: int | None = process.wait(moment)
        except subprocess.TimeoutExpired:
            status = None
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            findings.phases[run.phase()] += 1
        findings.unfinished = max(findings.unfinished, run.unfinished())
        after = run.marks()
        findings.rewritten += sum(before[name] != after[name] for name in before.keys() & after.keys())
        before = after
        if status is not None:
            return compare(run, undisturbed, status, findings)
    return None


def _moments(chance: random.Random, seconds: float, times: int) -> Iterator[float | None]:
    """Random moments, half of them in the first part of a run, as many as *times*; then none, for a run to its end."""
    for _ in range(times):
        yield chance.uniform(0, seconds * chance.choice((0.4, 1.1)))
    yield None


def compare(run: Run, undisturbed: Run, status: int, findings: Findings) -> None:
    """Compare what *run* wrote with what the undisturbed one did."""
    findings.finished += 1
    if status not in ENDED or not run.output.exists():
        findings.failed[status] += 1
        return
    found, expected = run.results(), undisturbed.results()
    findings.different += found != expected
    ids, wanted = (Counter(json.loads(line)["id"] for line in each[0].splitlines()) for each in (found, expected))
    findings.lost += len(wanted.keys() - ids.keys())
    findings.twice += sum(count - 1 for count in ids.values())


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:  # removed in the meantime
        return None


def bars(findings: Findings, times: int, actors: int) -> list[Bar]:
    """What must hold after all the kills."""
    kills, failed = sum(findings.phases.values()), sum(findings.failed.values())
    return [
        Bar("kills", f"≥ {times}", str(kills), kills >= times),
        Bar("runs that came to an end", "≥ 1", str(findings.finished), findings.finished >= 1),
        Bar("of them with another exit code, or no output", "0", str(failed), failed == 0),
        Bar("outputs that differ from the undisturbed one", "0", str(findings.different), findings.different == 0),
        Bar("articles lost", "0", str(findings.lost), findings.lost == 0),
        Bar("articles twice", "0", str(findings.twice), findings.twice == 0),
        Bar("shards that were done and done again", "0", str(findings.rewritten), findings.rewritten == 0),
        Bar("shards unfinished after one kill, at most", f"≤ {actors}", str(findings.unfinished),
            findings.unfinished <= actors),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
