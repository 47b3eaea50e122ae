from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForTokenClassification, EvalPrediction

from raqam.errors import SourceError
from raqam.labels import TAGS, tags_of
from training.checkpoints import load_tokenizer
from training.finetune import LengthGroups, claim, collate, finetune, last_checkpoint, metrics_of
from training.loss import IGNORED
from training.recipe import CorpusUse, Recipe, RecipeError, Stage

ROOT = Path(__file__).parents[2]
TWO_STAGES = (
    Stage((CorpusUse("seeds.jsonl"), CorpusUse("places.conll", labels=("LOC",), pack=30)), 1, 1e-3, batch=4),
    Stage((CorpusUse("toy.jsonl"),), 3, 1e-2, batch=8, evaluations=4),
)

#: Runs a recipe and is killed in the middle of its second epoch.
KILLED = """
import json, os, signal, sys, torch
from pathlib import Path
from training import finetune
from training.recipe import CorpusUse, Recipe, Stage
torch.set_num_threads(1)
train = finetune.SpanTrainer.training_step
def step(self, *rest):
    if self.state.global_step == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return train(self, *rest)
finetune.SpanTrainer.training_step = step
encoder, corpora, output = (Path(each) for each in sys.argv[3:])
stage = Stage((CorpusUse("toy.jsonl"),), 2, 1e-2, batch=8, evaluations=int(sys.argv[1]))
recipe = Recipe("toy", "1", str(encoder), CorpusUse("toy-dev.jsonl"), (stage,), window=64, overlap=16)
finetune.finetune(recipe, corpora=corpora, gold=output, output=output)
"""


def recipe_of(encoder: Path, stages: tuple[Stage, ...] = TWO_STAGES) -> Recipe:
    return Recipe("toy", "1", str(encoder), CorpusUse("toy-dev.jsonl"), stages, window=64, overlap=16)


@pytest.mark.parametrize("family", ["parsbert", "compact"])
def test_a_recipe_of_two_stages_trains_and_leaves_its_traces(
    family: str, corpora: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    encoder: Path = request.getfixturevalue(family)
    run = tmp_path / "run"
    best = finetune(recipe_of(encoder), corpora=corpora, gold=tmp_path, output=run)
    assert best == run / "stage-2" / "best"
    metrics = json.loads((run / "stage-2" / "done.json").read_text())
    assert metrics["eval_f1"] > 0.5
    assert {"eval_f1_TTL", "eval_f1_LOC", "eval_f1_MON"} <= metrics.keys()
    curve = [json.loads(line) for line in (run / "stage-2" / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in curve if "eval_f1" in entry][:4] == [6, 12, 18, 24]
    assert metrics["eval_f1"] == max(entry["eval_f1"] for entry in curve if "eval_f1" in entry)
    assert any("loss" in entry for entry in curve)
    assert json.loads((run / "recipe.json").read_text())["name"] == "toy"
    model = AutoModelForTokenClassification.from_pretrained(best)
    assert tuple(model.config.id2label.values()) == TAGS
    assert load_tokenizer(str(best)).pieces() == load_tokenizer(str(encoder)).pieces()


def test_a_stage_that_is_done_is_not_run_again(compact: Path, corpora: Path, tmp_path: Path) -> None:
    recipe = recipe_of(compact, TWO_STAGES[1:])
    best = finetune(recipe, corpora=corpora, gold=tmp_path, output=tmp_path)
    before = (best / "model.safetensors").stat().st_mtime_ns
    assert finetune(recipe, corpora=Path("nowhere"), gold=tmp_path, output=tmp_path) == best
    assert (best / "model.safetensors").stat().st_mtime_ns == before


def test_a_run_of_other_settings_is_not_taken_for_this_one(compact: Path, tmp_path: Path) -> None:
    recipe = recipe_of(compact)
    for number in (1, 2):
        claim(tmp_path / f"stage-{number}", recipe, number)
    later = dataclasses.replace(recipe, name="renamed", stages=(TWO_STAGES[0], TWO_STAGES[0]))
    claim(tmp_path / "stage-1", later, 1)
    with pytest.raises(RecipeError, match="stage-2: another recipe was run here; remove the folder"):
        claim(tmp_path / "stage-2", later, 2)


@pytest.mark.parametrize(("evaluations", "step"), [(4, 13), (2, 9)], ids=["inside-an-epoch", "at-its-start"])
def test_a_killed_run_goes_on_to_the_weights_of_an_undisturbed_one(
    evaluations: int, step: int, compact: Path, corpora: Path, tmp_path: Path
) -> None:
    stage = Stage((CorpusUse("toy.jsonl"),), 2, 1e-2, batch=8, evaluations=evaluations)
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    recipe = recipe_of(compact, (stage,))
    expected = finetune(recipe, corpora=corpora, gold=tmp_path, output=undisturbed)
    command = [sys.executable, "-c", KILLED, str(evaluations), str(step), str(compact), str(corpora), str(killed)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    assert not (killed / "stage-1" / "done.json").exists()
    (killed / "stage-1" / "checkpoint-15").mkdir()  # as a kill in the middle of writing one leaves it
    found = finetune(recipe, corpora=corpora, gold=tmp_path, output=killed)
    old, new = (load_file(folder / "model.safetensors") for folder in (expected, found))
    for name, weights in old.items():
        torch.testing.assert_close(new[name], weights, rtol=1e-6, atol=1e-7)


def test_the_last_checkpoint_is_the_newest_whole_one(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path) is None
    for step in (9, 10):
        (tmp_path / f"checkpoint-{step}").mkdir()
        (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text("{}")
    (tmp_path / "checkpoint-11").mkdir()
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-10")


def test_the_order_follows_from_seed_and_epoch_alone() -> None:
    lengths = [int(each) for each in np.random.default_rng(0).integers(1, 90, 300)]

    def order(epoch: int, seed: int = 1) -> list[int]:
        sampler = LengthGroups(4, lengths, seed)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert sorted(order(0)) == list(range(300))
    assert order(1) == order(1)
    assert order(0) != order(1) != order(1, seed=2)
    batches = [[lengths[at] for at in order(0)[k : k + 4]] for k in range(0, 300, 4)]
    assert np.mean([max(batch) - min(batch) for batch in batches]) < 10


def test_padding_takes_no_part() -> None:
    batch = collate([{"input_ids": [5, 6, 7], "labels": [0, 1, 0]}, {"input_ids": [5], "labels": [2]}], pad=9)
    assert batch["input_ids"].tolist() == [[5, 6, 7], [5, 9, 9]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch["labels"].tolist() == [[0, 1, 0], [2, IGNORED, IGNORED]]


def test_metrics_decode_what_is_valid_and_leave_out_what_takes_no_part() -> None:
    tags = tags_of(("LOC",))
    logits = np.full((1, 4, 3), -5.0)
    logits[0, [0, 1, 2, 3], [0, 2, 2, 1]] = 5  # O I I B: the first I cannot follow O
    sets = np.array([[IGNORED, 0b010, 0b100, -100]])
    scores = metrics_of(tags)(EvalPrediction(predictions=logits, label_ids=sets))
    assert scores["f1"] == scores["f1_LOC"] == 1.0


def test_a_set_without_articles_is_named(compact: Path, corpora: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    recipe = dataclasses.replace(recipe_of(compact, TWO_STAGES[1:]), dev=CorpusUse("empty.jsonl"))
    (tmp_path / "toy.jsonl").write_bytes((corpora / "toy.jsonl").read_bytes())
    with pytest.raises(SourceError, match=r"no article in empty\.jsonl"):
        finetune(recipe, corpora=tmp_path, gold=tmp_path, output=tmp_path / "run")
