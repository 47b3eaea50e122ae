"""A job: what was named on the command line, planned, annotated shard by shard, and put together as one output.

Until OUTPUT is whole, everything lies in ``OUTPUT.parts``: the plan, a file for each shard that is done, and what is
not whole yet. A job that was ended in whatever way goes on from there when it is run again. When OUTPUT is in place,
the plan becomes ``OUTPUT.manifest.jsonl``, with a last line that says what came out, and the parts are removed. Nothing
that was not written by a job is ever removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from filelock import FileLock, Timeout

from raqam.batch.files import move, replacing, sweep, temporary
from raqam.batch.plan import MANIFEST, Plan, make_plan
from raqam.batch.progress import Meter
from raqam.batch.shards import Entry, Job, JobError, Rejection, Shard, Tally, decode, read_part, refused
from raqam.batch.summary import Summary
from raqam.errors import RaqamError, SourceError
from raqam.formats import KINDS, Annotated, Format, open_writer
from raqam.readers import Source

Engine = Callable[[Iterable[Shard]], Iterator[tuple[Shard, Tally]]]

LOCK: Final = "lock"

#: The manifest of an output that is whole, until both are in their places.
DONE: Final = "done.jsonl"

_KEY: Final = 64  # letters of the key of a shard, which names its file


class OutputError(RaqamError):
    """An output cannot be written; nothing was done. The message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the records go, and in which format; beside it lie the files of the job."""

    output: Path
    format: Format

    @property
    def parts(self) -> Path:
        """The folder of a job that is not finished."""
        return self.output.with_name(self.output.name + ".parts")

    @property
    def rejected(self) -> Path:
        """The file of the rows that have no record; absent where there are none."""
        return self.output.with_name(self.output.name + ".rejected.jsonl")

    @property
    def manifest(self) -> Path:
        """What was annotated, how, and what came out."""
        return self.output.with_name(self.output.name + ".manifest.jsonl")


def run_job(
    target: Target,
    sources: Sequence[Source | SourceError],
    job: Job,
    engine: Engine,
    meter: Meter,
    shard_rows: int,
) -> Summary:
    """Annotate *sources* into *target*, as far as that was not done before, and return what there is in it.

    Raises :class:`OutputError`, :class:`JobError`, OSError and what *engine* raises; all that is done by then is kept.
    """
    with _alone(target):
        plan = make_plan(sources, job, shard_rows, meter.scanned)
        if job.strict and (missing := next(plan.missing(), None)) is not None:
            raise refused(missing)
        summary = _done(target, plan)
        if summary is not None and job.strict and summary.tally.rejected:
            raise JobError(f"Some rows were rejected; they are listed in {target.rejected}.")
        if summary is None:
            meter.start(plan.rows)
            for _ in engine(_pending(plan, job, meter)):
                pass
            meter.assemble()
            summary = _assemble(target, plan, job)
    return summary


def check_output(target: Target) -> None:
    """Raise :class:`OutputError` where something would be lost or cannot be: to be called before any work."""
    if not target.output.name:
        raise OutputError("-o wants the name of a file.")
    if len(os.fsencode(target.manifest.name)) > _longest_name(target.output.parent):
        raise OutputError(f"The name {target.output.name} is too long: room for '.manifest.jsonl' is needed behind it.")
    if target.output.is_dir() and not _is_ours(target):
        raise OutputError(
            f"{target.output} is a folder that was there before, or was changed since it was written; "
            "move it away, or name another output."
        )
    if target.parts.is_symlink() or (target.parts.exists() and not _has_parts(target.parts)):
        raise OutputError(f"{target.parts}, which the job would use, is something else; move it away.")


def _is_ours(target: Target) -> bool:
    """Whether the output is a folder as a job wrote it, one too that was ended before the manifest lay beside it."""
    written = [_outcome(path) for path in (target.manifest, target.parts / DONE)]
    digests = {done.get("output") for done in written if done is not None}
    return KINDS[target.format].folder and bool(digests) and _digest(target.output) in digests


def _has_parts(folder: Path) -> bool:
    """Whether *folder* is empty or that of a job."""
    return folder.is_dir() and (
        (folder / LOCK).exists() or (folder / MANIFEST).exists() or next(folder.iterdir(), None) is None
    )


def _longest_name(folder: Path) -> int:
    try:
        return os.pathconf(folder, "PC_NAME_MAX")
    except (OSError, AttributeError, ValueError):  # absent; not this system's
        return 255


@contextmanager
def _alone(target: Target) -> Iterator[None]:
    """Make the folder of the job, which no other process may use at the same time; it is removed when all is done."""
    check_output(target)
    target.parts.mkdir(exist_ok=True)
    lock = FileLock(target.parts / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise OutputError(f"{target.output} is being written by another run; wait for its end.") from None
    try:
        if not (target.parts / LOCK).exists():  # another run ended between the two
            raise OutputError(f"{target.output} was being written by another run; try again.")
        sweep(target.parts)
        yield
        _clear(target.parts)
    finally:
        lock.release()


def _clear(parts: Path) -> None:
    """Remove what a job wrote into *parts*, the lock last; a file of someone else keeps the folder."""
    for path in parts.iterdir():
        if path.name in {MANIFEST, DONE} or (path.suffix == ".jsonl" and len(path.stem) == _KEY):
            path.unlink()
    (parts / LOCK).unlink(missing_ok=True)
    with suppress(OSError):
        parts.rmdir()


def _pending(plan: Plan, job: Job, meter: Meter) -> Iterator[Shard]:
    """The shards that are not done; what is done is counted, and a file that is damaged is not."""
    for shard in plan:
        part = read_part(job.path(shard), shard.key)
        if part is None:
            yield shard
        elif job.strict and part[1].rejected:
            raise refused(next(entry for entry in map(decode, part[0]) if isinstance(entry, Rejection)))
        else:
            meter.keep(part[1])


def _assemble(target: Target, plan: Plan, job: Job) -> Summary:
    """Write all records in order to the output, and all rejected rows beside it."""
    summary, unfinished, rejected = Summary(), temporary(target.parts), temporary(target.parts)
    with rejected.open("wb") as stream, open_writer(target.format, unfinished) as writer:
        for entries in _entries(plan, job, summary):
            writer.write([Annotated(*entry) for entry in entries if not isinstance(entry, Rejection)])
            _write_rejected(stream, entries)
    done = {"plan": plan.sha256, "format": target.format, "output": _digest(unfinished), "summary": summary.to_dict()}
    _write_done(target, {**done, "rejected": _digest(rejected) if summary.tally.rejected else None})
    if summary.tally.rejected:
        move(rejected, target.rejected)
    else:
        rejected.unlink()
        target.rejected.unlink(missing_ok=True)
    move(unfinished, target.output)
    move(target.parts / DONE, target.manifest)
    return summary


def _write_done(target: Target, done: dict[str, Any]) -> None:
    """Write the plan and what came out, before that is put in its place: so it is known whose work it is."""
    with replacing(target.parts / DONE) as stream:
        with (target.parts / MANIFEST).open("rb") as lines:
            shutil.copyfileobj(lines, stream)
        stream.write((json.dumps({"done": done}) + "\n").encode())


def _entries(plan: Plan, job: Job, summary: Summary) -> Iterator[Sequence[Entry]]:
    missing = list(plan.missing())
    summary.tally.rows += len(missing)
    yield missing
    for shard in plan:
        part = read_part(job.path(shard), shard.key)
        if part is None:
            raise JobError(f"{job.path(shard)} was damaged or removed. Run the same command again: the rest is kept.")
        lines, tally = part
        entries = [decode(line) for line in lines]
        summary.tally.add(tally)
        for entry in entries:
            if not isinstance(entry, Rejection):
                summary.add(entry[1])
        yield entries


def _write_rejected(stream: BinaryIO, entries: Iterable[Entry]) -> None:
    for entry in entries:
        if isinstance(entry, Rejection):
            stream.write(rejected_line(entry))


def rejected_line(rejection: Rejection) -> bytes:
    """The line of *rejection* in the file of rejected rows."""
    return (json.dumps(asdict(rejection), ensure_ascii=False) + "\n").encode()


def _done(target: Target, plan: Plan) -> Summary | None:
    """What the output holds, if it is what *plan* would give; else None."""
    done = _outcome(target.manifest)
    if done is None or (done.get("plan"), done.get("format")) != (plan.sha256, target.format):
        return None
    try:
        rejected = _digest(target.rejected) if target.rejected.exists() else None
        whole = (done["output"], done["rejected"]) == (_digest(target.output), rejected)
        return Summary.from_dict(done["summary"]) if whole else None
    except (OSError, LookupError, TypeError):
        return None


def _outcome(manifest: Path) -> dict[str, Any] | None:
    """What the last line of *manifest* says came out; None where it does not say it."""
    try:
        done = json.loads(_last_line(manifest))["done"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return done if isinstance(done, dict) else None


def _last_line(path: Path) -> bytes:
    with path.open("rb") as stream:
        stream.seek(-min(path.stat().st_size, 65_536), 2)
        return stream.read().splitlines()[-1]


def _digest(path: Path) -> str:
    """The sha256 of a file, or of all names and contents below a folder."""
    digest = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(path.rglob("*")):
        if file.is_file():
            digest.update(b"" if file == path else file.relative_to(path).as_posix().encode() + b"\0")
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
