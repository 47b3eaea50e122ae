"""Small corpora and jobs for the tests of the batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from raqam.batch.plan import make_plan
from raqam.batch.shards import Job, Shard
from raqam.manifest import read_manifest
from raqam.readers import Options, find_sources


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def job_of(folder: Path, model: Path, *, strict: bool = False, sha256: str | None = None) -> Job:
    parts = folder / "out.parts"
    parts.mkdir(exist_ok=True)
    return Job(parts, Options(), model, sha256 or read_manifest(model).sha256, strict)


def plan_of(job: Job, inputs: Sequence[Path], rows: int = 256) -> list[Shard]:
    return list(make_plan(list(find_sources(map(str, inputs), job.options)), job, rows))
