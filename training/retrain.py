"""Retrain the default model on the annotated articles, and promote the result only if it is not worse."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raqam import Annotator
from raqam.errors import InputError
from raqam.manifest import Manifest, read_manifest, verify
from training.checkpoints import load_tokenizer
from training.evaluation import MICRO, Score, evaluate
from training.examples import GOLD, Example, read_examples
from training.export import CHECKPOINT, GateError, export, replace_folder
from training.finetune import RECIPE, finetune
from training.recipe import CorpusUse, Recipe


@dataclass(frozen=True, slots=True)
class Comparison:
    """The old and the new model on the articles of one set, none of which the new one was trained on."""

    name: str
    old: dict[str, Score]
    new: dict[str, Score]

    @property
    def worse(self) -> bool:
        """Whether the new model has a lower micro F1."""
        return self.new[MICRO].f1 < self.old[MICRO].f1

    def sentence(self) -> str:
        """The comparison in words."""
        old, new = self.old[MICRO], self.new[MICRO]
        return f"{self.name}: F1 {old.f1:.4f} before, {new.f1:.4f} after ({old.gold} gold spans)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a retraining: the new model's id, the comparisons, and why it was refused, if it was."""

    model: str
    comparisons: tuple[Comparison, ...]
    refusal: str = ""

    @property
    def promoted(self) -> bool:
        """Whether the new model took the place of the old one."""
        return not self.refusal


def retrain(
    recipe: Recipe, *, model: Path, gold: Path, corpora: Path | None, work: Path, corrections: Path | None = None
) -> Outcome:
    """Go on training the checkpoint of *model* on the articles in *gold*, and compare on those held out.

    With the gold come the *corrections*, some of which are held out as well.

    With *corpora*, the recipe's corpora are mixed in and its dev set is compared on too. The new model takes the place
    of *model* if it passes the gates of the export and is worse on none of the sets. *work* is emptied first; raises
    :class:`InputError` where that is a folder of something else.
    """
    old = read_manifest(model)
    verify(model, old, everything=True)
    recipe = _adapted(recipe, old, model, corpora, corrections)
    _empty(work)
    folder = corpora or Path()
    checkpoint = finetune(recipe, corpora=folder, gold=gold, output=work, corrections=corrections)
    tokenizer = load_tokenizer(str(checkpoint))
    held_out = CorpusUse(GOLD, part="held-out")
    sets = [("held-out gold", read_examples(held_out, folder, gold, tokenizer, corrections))]
    if corpora is not None:
        sets.append(("dev", read_examples(recipe.dev, corpora, gold, tokenizer)))
    name = f"{recipe.name}@{recipe.version}"
    try:
        export(checkpoint, recipe, sets[-1][1], work / "model")
    except GateError as error:
        return Outcome(name, (), str(error))
    comparisons = _compare(model, work / "model", sets)
    if worse := [each.name for each in comparisons if each.worse]:
        return Outcome(name, comparisons, f"{name} is worse on {' and '.join(worse)}; it is in {work / 'model'}.")
    replace_folder(work / "model", model)
    return Outcome(name, comparisons)


def next_version(version: str) -> str:
    """The version after *version*: its last number and one.

    >>> next_version("1.0.9"), next_version("1"), next_version("1.0-rc")
    ('1.0.10', '2', '1.0-rc.1')
    """
    head, dot, last = version.rpartition(".")
    return f"{head}{dot}{int(last) + 1}" if last.isdigit() else f"{version}.1"


def _empty(work: Path) -> None:
    """Remove *work*, if it is the folder of a run or has nothing in it."""
    if work.is_dir() and any(work.iterdir()) and not (work / RECIPE).is_file():
        raise InputError(
            f"{work} is not the folder of an earlier run, and would be emptied: give another with --work.",
            field="work",
            reason="not_empty",
        )
    shutil.rmtree(work, ignore_errors=True)


def _adapted(recipe: Recipe, old: Manifest, model: Path, corpora: Path | None, corrections: Path | None) -> Recipe:
    """*recipe* for the model at hand; without *corpora* only the gold is trained on and judged by."""
    stages = recipe.stages
    dev = recipe.dev
    if corpora is None:
        stages = tuple(
            dataclasses.replace(stage, corpora=tuple(use for use in stage.corpora if use.path == GOLD))
            for stage in stages
            if any(use.path == GOLD for use in stage.corpora)
        )
        dev = CorpusUse(GOLD, part="held-out")
    return dataclasses.replace(
        recipe,
        name=old.name,
        version=next_version(old.version),
        encoder=str(model / CHECKPOINT),
        labels=old.labels,
        window=old.window,
        overlap=old.overlap,
        stages=stages,
        dev=dev,
        data=_data_of(old, corrections),
    )


def _data_of(old: Manifest, corrections: Path | None) -> tuple[dict[str, Any], ...]:
    """What the new model learned from: what the old one did, the gold articles, and the corrected ones if any."""
    found = [dict(each) for each in old.data]
    new = [{"name": "annotated articles of the project", "use": "retraining", "terms": "see seeds/README.md"}]
    if corrections is not None and any(corrections.glob("*.json")):
        new.append({"name": "corrected articles", "use": "retraining", "terms": "those of their texts"})
    return (*found, *(each for each in new if each not in found))


def _compare(old: Path, new: Path, sets: Sequence[tuple[str, list[Example]]]) -> tuple[Comparison, ...]:
    with Annotator.load(old) as before, Annotator.load(new) as after:
        return tuple(Comparison(name, evaluate(before, examples), evaluate(after, examples)) for name, examples in sets)
