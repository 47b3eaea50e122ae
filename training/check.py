"""Check gold articles: their shape, their spans against their text, and their text against the seed articles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from training.gold import load_json, problems_of, read_folder
from training.problems import GoldError, Problem, underline

ROOT: Final = Path(__file__).resolve().parent.parent
GOLD: Final = ROOT / "annotations" / "gold"
SEEDS: Final = ROOT / "seeds"


def check(folder: Path, seeds: Path = SEEDS) -> list[Problem]:
    """Every problem of the gold articles (``*.json``) in *folder*; an empty list when all is well.

    A file must be named after its article's id. Where *seeds* holds ``<id>.txt``, the text must be that file's,
    character for character. Raises :class:`~training.problems.GoldError` when there is nothing to check.
    """
    if not folder.is_dir():
        raise GoldError([Problem(str(folder), "there is no such folder")])
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise GoldError([Problem(str(folder), "there are no gold articles (*.json) here")])
    return [problem for path in paths for problem in _file_problems(path, seeds)]


def check_command(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Folders of gold articles.", show_default="annotations/gold"),
    ] = None,
) -> None:
    """Check gold articles and underline each span that is wrong.

    Exit 0 when all is well, 1 when there are problems, 2 when there is nothing to check.

    Example: python -m training check annotations/gold
    """
    try:
        problems = [problem for folder in folders or [GOLD] for problem in check(folder)]
    except GoldError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if problems:
        typer.echo("\n".join(map(str, problems)))
        typer.echo(f"{len(problems)} problem{'s' * (len(problems) != 1)}", err=True)
        raise typer.Exit(1)
    typer.echo(_counts(folders or [GOLD]))


def _counts(folders: list[Path]) -> str:
    articles = [article for folder in folders for article in read_folder(folder)]
    spans = sum(len(article.spans) for article in articles)
    facts = sum(len(article.facts) for article in articles)
    return f"{len(articles)} articles, {spans} spans, {facts} facts: no problems"


def _file_problems(path: Path, seeds: Path) -> list[Problem]:
    try:
        row = load_json(path)
    except GoldError as error:
        return list(error.problems)
    problems = problems_of(row, str(path))
    if isinstance(row, dict) and isinstance(row.get("id"), str) and isinstance(row.get("text"), str):
        problems += _identity_problems(row, path, seeds)
    return problems


def _identity_problems(row: dict[str, Any], path: Path, seeds: Path) -> list[Problem]:
    """Problems of an article that is not named after its file, or is not the seed it says it is."""
    if row["id"] != path.stem:
        return [Problem(str(path), f"the id is {row['id']!r}; the file must be named {row['id']}.json")]
    seed = seeds / f"{path.stem}.txt"
    if not seed.is_file():
        return []
    original = seed.read_bytes().decode("utf-8")
    if row["text"] == original:
        return []
    at = _first_difference(row["text"], original)
    message = f"the text differs from {seed.name} at character {at}, where the seed has «{original[at : at + 20]}»"
    return [Problem(str(path), message, underline(row["text"], at, at + 1))]


def _first_difference(left: str, right: str) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(left), len(right)))
