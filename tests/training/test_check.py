from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from training.check import GOLD, SEEDS, check, check_command
from training.problems import GoldError

SEED = "000_10b24156a2f1ea8b"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(GOLD / f"{SEED}.json", tmp_path)
    return tmp_path


def rewrite(folder: Path, **changes: Any) -> None:
    path = folder / f"{SEED}.json"
    row = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")


def run(*arguments: str) -> Any:
    app = typer.Typer()
    app.command()(check_command)
    return CliRunner().invoke(app, list(arguments))


def test_every_seed_has_gold_and_it_is_right() -> None:
    assert check(GOLD) == []
    assert {path.stem for path in GOLD.glob("*.json")} == {path.stem for path in SEEDS.glob("*.txt")}


def test_a_text_that_differs_from_its_seed_is_named(folder: Path) -> None:
    text = (SEEDS / f"{SEED}.txt").read_bytes().decode("utf-8")
    rewrite(folder, text=text[:-1] + "!", spans=[], facts=[])
    (problem,) = check(folder)
    assert f"differs from {SEED}.txt at character {len(text) - 1}, where the seed has «.»" in problem.message
    assert problem.excerpt.endswith("^")


def test_an_id_that_is_not_the_file_name_is_named(folder: Path) -> None:
    rewrite(folder, id="other")
    (problem,) = check(folder)
    assert problem.message == "the id is 'other'; the file must be named other.json"


def test_an_article_that_is_no_seed_needs_no_seed(folder: Path, tmp_path: Path) -> None:
    assert check(folder, seeds=tmp_path / "none") == []


@pytest.mark.parametrize("name", ["absent", "."])
def test_nothing_to_check_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(GoldError, match="no"):
        check(tmp_path / name)


def test_the_command_counts_what_is_right() -> None:
    result = run()
    assert result.exit_code == 0
    assert result.stdout == "5 articles, 184 spans, 11 facts: no problems\n"


def test_the_command_underlines_and_exits_one(folder: Path) -> None:
    row = json.loads((folder / f"{SEED}.json").read_text(encoding="utf-8"))
    row["spans"][8]["end"] -= 1
    rewrite(folder, spans=row["spans"])
    result = run(str(folder))
    assert result.exit_code == 1
    assert "span 8 (MON" in result.stdout
    assert "^" * 17 in result.stdout
    assert "1 problem" in result.stderr


def test_the_command_goes_on_after_a_file_that_is_not_json(folder: Path) -> None:
    (folder / "a.json").write_text("{", encoding="utf-8")
    rewrite(folder, id="other")
    result = run(str(folder))
    assert result.exit_code == 1
    assert "is not JSON" in result.stdout
    assert "the id is 'other'" in result.stdout


def test_the_command_exits_two_without_articles(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 2
    assert "there are no gold articles" in result.stderr
