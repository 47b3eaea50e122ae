"""The command line: ``raqam annotate``, ``raqam labels`` and ``raqam model``.

Exit codes: 0 when every article was annotated; 1 when some could not be, each named on standard error; 2 when
nothing could be tried (wrong usage, no input, an unusable model or output); 130 after Ctrl-C; 141 when the reader
of a pipe went away.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from raqam import Annotator, __version__, commands
from raqam.batch.plan import SHARD_ROWS
from raqam.commands import EngineName, Request, exits
from raqam.formats import Format, format_of
from raqam.labels import LABELS
from raqam.readers import Options

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
      raqam annotate 'news/**/*.html' -o figures.xlsx
      raqam labels
    """


@app.command()
def annotate(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="Files, folders of files, patterns such as 'news/*.jsonl', or -."),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUTPUT", help="Where to write; by default stdout.")
    ] = None,
    format: Annotated[
        Format | None, typer.Option("--format", help="The format; by default that of OUTPUT's suffix, else jsonl.")
    ] = None,
    model: ModelOption = None,
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, metavar="N", help="Processors to use; by default all.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first article that cannot be annotated.")
    ] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Print what was found, counted, at the end.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    text_column: Annotated[
        str | None, typer.Option("--text-column", metavar="NAME", help="The column or field of the text.")
    ] = None,
    id_column: Annotated[str | None, typer.Option("--id-column", metavar="NAME", help="That of the id.")] = None,
    published_column: Annotated[
        str | None, typer.Option("--published-column", metavar="NAME", help="That of the date of publication.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help="Of text files; by default it is detected.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", metavar="CHAR", help="Of CSV files; by default it is detected.")
    ] = None,
    shard_rows: Annotated[
        int, typer.Option("--shard-rows", min=1, metavar="N", help="Articles that are kept together once done.")
    ] = SHARD_ROWS,
    engine: Annotated[EngineName, typer.Option("--engine", help="This machine, or a Ray cluster.")] = EngineName.LOCAL,
    address: Annotated[
        str | None, typer.Option("--address", metavar="ADDRESS", help="Of the Ray cluster; by default this machine.")
    ] = None,
) -> None:
    """Annotate articles and write their records, or their figures, in the order of the input.

    A [bold].txt[/] or [bold].html[/] file is one article. A line of [bold].jsonl[/] is an object with \
[italic]text[/] and, if you like, [italic]id[/] and [italic]published[/] (2025-09-25); [bold].csv[/], [bold].tsv[/] \
and [bold].parquet[/] have columns of these names, or of those you name. Any of them may be compressed \
([bold].gz[/], [bold].xz[/], [bold].zst[/]). Standard input is JSON Lines if it begins with {, else one article. An \
article without an id gets the name of its file, and the line in files of many. Annotated articles can be annotated \
again: their [italic]spans[/], [italic]facts[/] and [italic]model[/] are not read.

    With [bold]-o[/] the work is kept in OUTPUT.parts until it is done: run the same command again after whatever \
ended it, and it goes on. What cannot be annotated is listed in OUTPUT.rejected.jsonl, and the rest goes on; without \
[bold]-o[/] it is named on standard error. Exit code: 0 when all were annotated, 1 when some were not, 2 when nothing \
could be tried.

    \b
    [bold]Examples[/]
      raqam annotate article.txt
      raqam annotate news.jsonl more.csv.gz -o records.jsonl --summary
      raqam annotate export.csv --text-column body --id-column url -o figures.xlsx
      raqam annotate 'news/**/*.jsonl' -o records.parquet --engine ray
      cat article.txt | raqam annotate -
    """
    target = None if output == Path("-") else output
    options = Options(text_column, id_column, published_column, encoding, delimiter)
    chosen = format_of(target) if format is None else format
    request = Request(target, chosen, options, model, threads, strict, quiet, shard_rows, engine, address)
    written = commands.annotate(request, inputs)
    if summary:
        commands.print_summary(written)
    if written.tally.rejected:
        raise typer.Exit(commands.SOME_FAILED)


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
    with exits("standard output"):
        Console().print(table)


@app.command("model")
def show_model(model: ModelOption = None) -> None:
    """Load a model, check it, and print what it is: name, version, sha256, scores and data.

    \b
    [bold]Example[/]
      raqam model --model models/compact
    """
    with exits("standard output"):
        manifest = Annotator.load(model).manifest
        for name in ("name", "version", "sha256", "created"):
            typer.echo(f"{name:<8} {getattr(manifest, name)}")
        typer.echo(f"{'labels':<8} {' '.join(manifest.labels)}")
        for name, value in manifest.scores.items():
            typer.echo(f"{'score':<8} {name}: {json.dumps(value, ensure_ascii=False)}")
        for entry in manifest.data:
            typer.echo(f"{'data':<8} {json.dumps(dict(entry), ensure_ascii=False)}")
