from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from raqam import Annotator, Article
from raqam.errors import InputError, MismatchError
from raqam.manifest import read_manifest
from training import retrain as module
from training.evaluation import evaluate
from training.examples import GOLD, read_path
from training.export import GateError, export
from training.recipe import CorpusUse, Recipe, Stage
from training.retrain import Comparison, retrain


@pytest.fixture(scope="module")
def original(checkpoint: Path, recipe: Recipe, corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "toy"
    export(checkpoint, recipe, read_path(corpora / "toy-dev.jsonl"), folder)
    return folder


@pytest.fixture
def model(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "models" / "toy")


def recipe_of(learning_rate: float, corpus: str = "toy.jsonl") -> Recipe:
    stage = Stage((CorpusUse(GOLD, part="train"), CorpusUse(corpus)), 1, learning_rate, batch=4, keep="last")
    return Recipe("retrained", "0", "checkpoint", CorpusUse("toy-dev.jsonl"), (stage,))


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("with_corpora", [True, False])
def test_what_is_not_worse_is_promoted(
    with_corpora: bool, model: Path, toy_gold: Path, corpora: Path, tmp_path: Path
) -> None:
    outcome = retrain(
        recipe_of(1e-5), model=model, gold=toy_gold, corpora=corpora if with_corpora else None, work=tmp_path / "work"
    )
    assert outcome.promoted
    assert outcome.model == "toy@1.1" == read_manifest(model).id
    assert [each.name for each in outcome.comparisons] == ["held-out gold", "dev"][: 1 + with_corpora]
    assert outcome.comparisons[0].sentence().startswith("held-out gold: F1 1.0000 before, 1.0000 after (")
    with Annotator.load(model) as annotator:
        assert annotator.annotate(Article("شهردار کرمان رسید.")).spans[0].label == "TTL"
    assert [path.name for path in model.parent.iterdir()] == ["toy"]


def test_what_is_worse_is_kept_out_and_the_old_folder_is_as_it_was(
    model: Path, toy_gold: Path, corpora: Path, tmp_path: Path
) -> None:
    """A corpus that says that everything is nothing, at a rate that believes it."""
    folder = shutil.copytree(corpora, tmp_path / "corpora")
    rows = [json.loads(line) for line in (folder / "toy.jsonl").read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps({**row, "spans": []}, ensure_ascii=False) for row in rows * 4]
    (folder / "nothing.jsonl").write_text("\n".join(lines), encoding="utf-8")
    before = digest(model)
    outcome = retrain(
        recipe_of(1e-2, "nothing.jsonl"), model=model, gold=toy_gold, corpora=folder, work=tmp_path / "work"
    )
    assert not outcome.promoted
    assert outcome.refusal.startswith("toy@1.1 is worse on held-out gold and dev")
    assert all(each.worse for each in outcome.comparisons)
    assert digest(model) == before
    assert read_manifest(tmp_path / "work" / "model").id == "toy@1.1"


def test_what_fails_a_gate_is_not_promoted_and_says_why(
    model: Path, toy_gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise GateError("Quantization costs too much.")

    monkeypatch.setattr(module, "export", refuse)
    before = digest(model)
    outcome = retrain(recipe_of(1e-5), model=model, gold=toy_gold, corpora=None, work=tmp_path / "work")
    assert (outcome.promoted, outcome.refusal) == (False, "Quantization costs too much.")
    assert digest(model) == before


def test_a_folder_that_is_no_run_is_never_emptied(model: Path, toy_gold: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(InputError, match="mine is not the folder of an earlier run"):
        retrain(recipe_of(1e-5), model=model, gold=toy_gold, corpora=None, work=tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_a_model_whose_checkpoint_was_changed_is_refused(model: Path, toy_gold: Path, tmp_path: Path) -> None:
    (model / "checkpoint" / "config.json").write_text("{}")
    with pytest.raises(MismatchError, match=r"checkpoint/config\.json has"):
        retrain(recipe_of(1e-5), model=model, gold=toy_gold, corpora=None, work=tmp_path / "work")


def test_equal_is_not_worse(original: Path, corpora: Path) -> None:
    with Annotator.load(original) as annotator:
        score = evaluate(annotator, read_path(corpora / "toy-dev.jsonl"))
    assert not Comparison("dev", score, score).worse
    micro = dataclasses.replace(score["micro"], both=score["micro"].both - 1)
    assert Comparison("dev", score, {**score, "micro": micro}).worse
