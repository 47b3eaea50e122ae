"""What ``raqam annotate`` does once its options are read, and how whatever goes wrong becomes a sentence and a code."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

import typer
from rich.console import Console

from raqam import Annotator, RaqamError
from raqam.annotator import find_model
from raqam.batch.files import move, remove, temporary
from raqam.batch.jobs import Engine, Target, check_output, run_job
from raqam.batch.local import run_local
from raqam.batch.progress import NAMED, Meter, metering
from raqam.batch.shards import Job, JobError, Shard, Tally
from raqam.batch.streaming import Stream
from raqam.batch.summary import Summary
from raqam.errors import SourceError
from raqam.formats import KINDS, Format, Writer, open_output, open_writer, require
from raqam.manifest import read_manifest, verify
from raqam.readers import Options, Source, find_sources

SOME_FAILED: Final = 1
UNUSABLE: Final = 2
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141


class EngineName(StrEnum):
    """What runs the shards."""

    LOCAL = "local"
    RAY = "ray"


@dataclass(frozen=True, slots=True)
class Request:
    """What the options of ``raqam annotate`` say."""

    output: Path | None
    format: Format
    options: Options
    model: Path | None
    threads: int | None
    strict: bool
    quiet: bool
    shard_rows: int
    engine: EngineName
    address: str | None

    @property
    def place(self) -> str:
        """Where the records go, for messages."""
        return "standard output" if self.output is None else str(self.output)


@dataclass(slots=True)
class State:
    """How far a run is, for whoever has to say so when it ends."""

    job: bool = False
    streams: bool = True
    summary: Summary = field(default_factory=Summary)
    meter: Meter | None = None


def annotate(request: Request, inputs: Sequence[str]) -> Summary:
    """Annotate *inputs* as *request* says and return what was written; anything else ends in :class:`typer.Exit`."""
    state = State(streams=KINDS[request.format].streams)
    with exits(request.place, state):
        request = replace(request, output=_behind_links(request.output))
        sources = list(find_sources(inputs, request.options, passed_over=_passed_over(request)))
        state.job = _is_job(request, sources)
        _check_usage(request, sources, state)
        with metering(
            shown=not request.quiet and _may_show(request.output), named=NAMED if state.job else None
        ) as meter:
            state.meter = meter
            if state.job:
                state.summary = _run_job(request, sources, meter)
            else:
                _run_stream(request, sources, state, meter)
    tally = state.summary.tally
    if tally.rejected:
        listed = f" They are listed in {_target(request).rejected}." if state.job else ""
        _say(f"{tally.rejected:,} of {tally.rows:,} could not be annotated.{listed}")
    return state.summary


def print_summary(summary: Summary) -> None:
    """Print *summary* on the standard error, beside which records may go."""
    tally = summary.tally
    console = Console(stderr=True)
    console.print(summary.table())
    console.out(
        f"{tally.annotated:,} articles, {tally.tokens:,} tokens, {summary.facts:,} facts, {tally.rejected:,} rejected.",
        highlight=False,
    )


@contextmanager
def exits(place: str, state: State | None = None) -> Iterator[None]:
    """Turn what can go wrong into one sentence and an exit code; *place* is what is written to."""
    state = State() if state is None else state
    try:
        yield
    except JobError as error:
        fail(str(error), SOME_FAILED)
    except RaqamError as error:
        fail(str(error), UNUSABLE)
    except KeyboardInterrupt:
        fail(_interrupted(state), INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered has no reader
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        kept = " What was done is kept; run the same command again to go on." if state.job and _done(state) else ""
        fail(f"{place}: cannot be written: {error.strerror or error}.{kept}", UNUSABLE)


def fail(message: str, code: int) -> NoReturn:
    """Print *message* on the standard error and end with *code*."""
    _say(message)
    raise typer.Exit(code)


def _say(message: str) -> None:
    with suppress(OSError, ValueError):  # a standard error that is closed or full changes no exit code
        typer.echo(message, err=True)


def _done(state: State) -> int:
    return 0 if state.meter is None else state.meter.done.rows + state.meter.kept.rows


def _interrupted(state: State) -> str:
    if state.job:
        return "Interrupted: what was done is kept; run the same command again to go on."
    if not state.streams:
        return "Interrupted: nothing is written."
    return f"Interrupted: {state.summary.tally.annotated:,} annotated articles are written, the rest is not."


def _target(request: Request) -> Target:
    assert request.output is not None
    return Target(request.output, request.format)


def _run_job(request: Request, sources: Sequence[Source | SourceError], meter: Meter) -> Summary:
    folder = find_model() if request.model is None else request.model
    manifest = read_manifest(folder)
    verify(folder, manifest)
    target = _target(request)
    job = Job(target.parts, request.options, folder, manifest.sha256, request.strict)
    with ExitStack() as stack:
        return run_job(target, sources, job, _engine(request, job, meter, stack), meter, request.shard_rows)


def _engine(request: Request, job: Job, meter: Meter, stack: ExitStack) -> Engine:
    if request.engine is EngineName.LOCAL:
        annotator = stack.enter_context(Annotator.load(job.model, threads=request.threads))
        return partial(run_local, job=job, annotator=annotator, watch=meter.count)
    from raqam.batch.distributed import run_ray

    def run(shards: Iterable[Shard]) -> Iterator[tuple[Shard, Tally]]:
        with closing(run_ray(shards, job, address=request.address, threads=request.threads or 1)) as done:
            for shard, tally in done:
                meter.count(tally)
                yield shard, tally

    return run


def _run_stream(request: Request, sources: Sequence[Source | SourceError], state: State, meter: Meter) -> None:
    with Annotator.load(request.model, threads=request.threads) as annotator, _writing(request) as writer:
        meter.start(None)
        Stream(annotator, writer, meter, request.strict, state.summary).run(sources)


@contextmanager
def _writing(request: Request) -> Iterator[Writer]:
    """A writer of what is written as it comes; a format that cannot be is put in its place at the end."""
    output, kind = request.output, KINDS[request.format]
    if kind.streams:
        _forget_job(request)
        with open_output(output) as stream, open_writer(request.format, stream) as writer:
            yield writer
    elif output is not None:
        unfinished = temporary(output.parent)
        try:
            with open_writer(request.format, unfinished) as writer:
                yield writer
            _forget_job(request)
            move(unfinished, output)
        finally:
            remove(unfinished)


def _forget_job(request: Request) -> None:
    """Remove what a job wrote beside another output of this name, which is replaced now."""
    if request.output is not None and _target(request).manifest.exists():
        _target(request).manifest.unlink()
        _target(request).rejected.unlink(missing_ok=True)


def _behind_links(output: Path | None) -> Path | None:
    """The file that *output* names, where it is a link: a link is not what is replaced."""
    return output.resolve() if output is not None and output.is_symlink() and not _is_device(output) else output


def _is_device(path: Path) -> bool:
    """Whether *path* is something of the system, by itself or by a link: a pipe, or below /dev or /proc."""
    for _ in range(40):  # links, as many as Linux follows
        parts = path.absolute().parts[1:3]
        if parts[:1] in {("dev",), ("proc",)} and parts != ("dev", "shm"):
            return True
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
    return path.exists() and not path.is_file() and not path.is_dir()


def _passed_over(request: Request) -> Callable[[Path], bool]:
    """What folders and patterns do not yield: the output of an earlier run of the same command, and all beside it."""
    if request.output is None or not request.output.name or _is_device(request.output):
        return lambda _path: False
    target = _target(request)
    ours = {path.absolute() for path in (target.rejected, target.manifest, target.parts)}
    if target.manifest.is_file():
        ours.add(target.output.absolute())
    return lambda path: any(place in ours for place in (path.absolute(), *path.absolute().parents))


def _is_job(request: Request, sources: Iterable[Source | SourceError]) -> bool:
    """Whether the inputs can be read twice and the output be put in its place when it is whole."""
    return (
        request.output is not None
        and not _is_device(request.output)
        and all(
            isinstance(source, SourceError) or (source.path is not None and not _is_special(source.path))
            for source in sources
        )
    )


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _check_usage(request: Request, sources: Sequence[Source | SourceError], state: State) -> None:
    """Refuse, by exit code 2, inputs none of which can be read, an output that is also an input, and what cannot be."""
    found = [source for source in sources if isinstance(source, Source)]
    if not found:
        fail("\n".join(map(str, sources)) or "The inputs hold no file to read.", UNUSABLE)
    require(request.format)  # now, not when all is annotated
    if request.output is None and not KINDS[request.format].streams:
        fail(f"The format {request.format} is not for standard output; name a file with -o.", UNUSABLE)
    if request.engine is not EngineName.LOCAL and not state.job:
        fail(f"The engine {request.engine} needs inputs and an output that are files; use local.", UNUSABLE)
    _check_inputs(request, found)
    if request.output is not None and not _is_device(request.output):
        check_output(_target(request))
    elif not KINDS[request.format].streams:
        fail(f"{request.place} cannot take the format {request.format}; name a file.", UNUSABLE)


def _check_inputs(request: Request, sources: Iterable[Source]) -> None:
    """Refuse an input that the run would overwrite or remove."""
    written = [_identity(request.output, sys.stdout)]
    folders: set[Path] = set()
    if request.output is not None and request.output.name:
        target = _target(request)
        written += [_identity(path, None) for path in (target.rejected, target.manifest)]
        folders = {target.parts.resolve(), target.output.resolve()}
    for source in sources:
        identity = _identity(source.path, sys.stdin)
        inside = source.path is not None and not folders.isdisjoint(source.path.resolve().parents)
        if (identity is not None and identity in written) or inside:
            fail(f"{source.place()}: is also the output; write to another file.", UNUSABLE)


def _identity(path: Path | None, stream: object) -> tuple[int, int] | None:
    """The device and inode of the regular file at *path*, or behind *stream*; None where there is none."""
    try:
        status = os.stat(path if path is not None else stream.fileno())  # type: ignore[attr-defined]
    except (OSError, AttributeError):  # absent; closed; not a file of the system
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _may_show(target: Path | None) -> bool:
    """Progress belongs where no records are shown: they go to a file, or the standard output is no terminal."""
    return target is not None or sys.stdout is None or not sys.stdout.isatty()
