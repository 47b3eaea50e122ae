"""The command line: ``raqam annotate``, ``raqam labels`` and ``raqam model``.

Exit codes: 0 when every article was annotated; 1 when some could not be, each named on standard error; 2 when
nothing could be tried (wrong usage, no input, an unusable model or output); 130 after Ctrl-C; 141 when the reader
of a pipe went away.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Final, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from raqam import Annotator, Article, RaqamError, Record, __version__
from raqam.errors import SourceError
from raqam.labels import LABELS
from raqam.sources import Row, Source, find_sources
from raqam.writers import Format, open_output, write_records

SOME_FAILED: Final = 1
UNUSABLE: Final = 2
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

# What is annotated and written together: enough to keep every processor at work, little enough to show progress.
BATCH_ROWS: Final = 32
BATCH_CHARACTERS: Final = 65_536

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)

ModelOption = Annotated[
    Path | None,
    typer.Option("--model", metavar="DIR", help="The model folder; by default $RAQAM_MODEL, else models/compact."),
]


def main() -> None:
    """Run the command line with the arguments of the process."""
    app(prog_name="raqam")


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"raqam {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Read Persian news and print labelled spans: people, places, organizations and economic figures.

    \b
    [bold]Examples[/]
      raqam annotate article.txt
      raqam annotate news.jsonl -o records.jsonl
      raqam labels
    """


@app.command()
def annotate(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT", help="Files (.txt, .jsonl, .ndjson, .csv), folders of such files, or - for stdin."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUTPUT", help="The file to write; by default stdout.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="The format of the records.")] = Format.JSONL,
    model: ModelOption = None,
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, metavar="N", help="Processors to use; by default all.")
    ] = None,
) -> None:
    """Annotate articles and write one record a line, in the order of the input.

    A [bold].txt[/] file is one article. A line of [bold].jsonl[/] is an object with [italic]text[/] and, if you \
like, [italic]id[/] and [italic]published[/] (2025-09-25); a [bold].csv[/] file names the same columns in its \
header. Standard input is JSON Lines if it begins with {, else one article. An article without an id gets the \
name of its file, and the line in files of many. Annotated articles can be annotated again: their \
[italic]spans[/], [italic]facts[/] and [italic]model[/] are not read.

    An article that cannot be annotated is named on standard error, and the rest goes on. Exit code: 0 when all \
were annotated, 1 when some were not, 2 when nothing could be tried.

    \b
    [bold]Examples[/]
      raqam annotate article.txt
      raqam annotate news.jsonl more.csv -o records.jsonl
      cat article.txt | raqam annotate -
    """
    target = None if output == Path("-") else output
    tally = Tally()
    with _exits(tally, target):
        found = find_sources(inputs)
        _check_usage(found, target)
        annotator = Annotator.load(model, threads=threads)
        with annotator, open_output(target) as stream, _progress(found, shown=_may_show(target)) as progress:
            _annotate_all(annotator, found, stream, format, progress, tally)
    if tally.failed:
        _fail(f"{tally.failed:,} of {tally.failed + tally.annotated:,} could not be annotated.", SOME_FAILED)


@app.command()
def labels() -> None:
    """Print the fifteen labels and what each one marks.

    \b
    [bold]Example[/]
      raqam labels
    """
    table = Table("code", "name", "marks", "figure", box=None, pad_edge=False)
    for label in LABELS:
        table.add_row(label.code, label.name, label.meaning, "yes" if label.figure else "")
    with _exits(Tally(), None):
        Console().print(table)


@app.command("model")
def show_model(model: ModelOption = None) -> None:
    """Load a model, check it, and print what it is: name, version, sha256, scores and data.

    \b
    [bold]Example[/]
      raqam model --model models/compact
    """
    with _exits(Tally(), None):
        manifest = Annotator.load(model).manifest
        for name in ("name", "version", "sha256", "created"):
            typer.echo(f"{name:<8} {getattr(manifest, name)}")
        typer.echo(f"{'labels':<8} {' '.join(manifest.labels)}")
        for name, value in manifest.scores.items():
            typer.echo(f"{'score':<8} {name}: {json.dumps(value, ensure_ascii=False)}")
        for entry in manifest.data:
            typer.echo(f"{'data':<8} {json.dumps(dict(entry), ensure_ascii=False)}")


@dataclass(slots=True)
class Tally:
    """How many articles were annotated and written, and how many could not be."""

    annotated: int = 0
    failed: int = 0


def _annotate_all(
    annotator: Annotator,
    found: Iterable[Source | SourceError],
    stream: BinaryIO,
    format: Format,
    progress: Progress,
    tally: Tally,
) -> None:
    """Annotate batch by batch, in constant memory; errors are listed on standard error as they come."""
    for batch in _batches(_rows(found)):
        records, errors = _annotate_batch(annotator, batch)
        try:
            write_records(stream, records, format)
        finally:  # after an interrupt too, they are written
            tally.annotated += len(records)
        for error in errors:
            tally.failed += 1
            progress.console.out(error, highlight=False)
        for task in progress.task_ids:
            progress.update(task, advance=sum(row.size for row in batch), articles=tally.annotated)


def _annotate_batch(annotator: Annotator, batch: Sequence[Row]) -> tuple[list[Record], list[str]]:
    """The records of the articles of *batch*, and a sentence for each row that has none, in order.

    A mistake of our own on one article costs that article alone its record.
    """
    articles = [row.found for row in batch if isinstance(row.found, Article)]
    errors = [str(row.found) for row in batch if isinstance(row.found, SourceError)]
    try:
        return annotator.annotate_many(articles), errors
    except Exception:
        records = []
        for article in articles:
            try:
                records.append(annotator.annotate(article))
            except Exception as error:
                errors.append(f"{article.id}: could not be annotated ({type(error).__name__}); please report it.")
        return records, errors


def _rows(found: Iterable[Source | SourceError]) -> Iterator[Row]:
    for source in found:
        if isinstance(source, Source):
            yield from source.rows()
        else:
            yield Row(source)


def _batches(rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    """Cut *rows* into batches of at most ``BATCH_ROWS`` that end once they hold ``BATCH_CHARACTERS``."""
    batch: list[Row] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += len(row.found.text) if isinstance(row.found, Article) else 0
        if len(batch) == BATCH_ROWS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _check_usage(found: Iterable[Source | SourceError], target: Path | None) -> None:
    """Refuse, by exit code 2, inputs none of which can be read, and an output that is also an input."""
    sources = [source for source in found if isinstance(source, Source)]
    if not sources:
        _fail("\n".join(map(str, found)), UNUSABLE)
    written = _identity(target, sys.stdout)
    for source in sources:
        if written is not None and written == _identity(source.path, sys.stdin):
            _fail(f"{source.place()}: is also the output; write to another file.", UNUSABLE)


def _identity(path: Path | None, stream: object) -> tuple[int, int] | None:
    """The device and inode of the regular file at *path*, or behind *stream*; None where there is none."""
    try:
        status = os.stat(path if path is not None else stream.fileno())  # type: ignore[attr-defined]
    except (OSError, AttributeError):  # absent; closed; not a file of the system
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _may_show(target: Path | None) -> bool:
    """A progress bar belongs on a terminal that shows no records."""
    return sys.stderr.isatty() and (target is not None or not sys.stdout.isatty())


@contextmanager
def _progress(found: Iterable[Source | SourceError], *, shown: bool) -> Iterator[Progress]:
    """A progress bar over the bytes of the sources, without an end where one of them has none."""
    sizes = [source.size for source in found if isinstance(source, Source)]
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    columns = (
        TextColumn("{task.fields[articles]:,} articles"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not shown, transient=True, redirect_stdout=False) as progress:
        progress.add_task("", total=total, articles=0)
        yield progress


@contextmanager
def _exits(tally: Tally, target: Path | None) -> Iterator[None]:
    """Turn what can go wrong into one sentence and an exit code."""
    try:
        yield
    except RaqamError as error:
        _fail(str(error), UNUSABLE)
    except KeyboardInterrupt:
        _fail(f"Interrupted: {tally.annotated:,} annotated articles are written, the rest is not.", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered has no reader
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        _fail(f"{target or 'standard output'}: cannot be written: {error.strerror or error}.", UNUSABLE)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
