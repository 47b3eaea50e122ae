"""Fine-tune an encoder as a token classifier, stage by stage, by a recipe."""

from __future__ import annotations

import dataclasses
import json
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Sampler
from transformers import (
    EvalPrediction,
    PreTrainedModel,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_pt_utils import LengthGroupedSampler

from raqam.decoding import Decoder
from raqam.labels import tags_of
from raqam.tokens import Tokenizer
from training.checkpoints import load_model, load_tokenizer
from training.examples import GOLD, Encoder, Example, apart_from, build_dataset, read_examples
from training.loss import IGNORED, partial_label_loss
from training.recipe import CorpusUse, Recipe, RecipeError, Stage
from training.scoring import score_tags, tags_from_sets

DONE = "done.json"
RECIPE = "recipe.json"


def finetune(recipe: Recipe, *, corpora: Path, gold: Path, output: Path, corrections: Path | None = None) -> Path:
    """Run every stage of *recipe* below *output*; return the folder of the final checkpoint.

    The folders are those of :func:`training.examples.read_examples`.
    A stage that is done is skipped and one that was killed goes on from its last checkpoint, with the same result as
    an undisturbed run on the same machine. Each stage folder gets ``log.jsonl`` (learning curve) and ``done.json``.
    Raises :class:`RecipeError` where a stage below *output* was run by other settings.
    """
    output.mkdir(parents=True, exist_ok=True)
    (output / RECIPE).write_text(json.dumps(dataclasses.asdict(recipe), ensure_ascii=False, indent=2), "utf-8")
    checkpoint = recipe.encoder
    for number, stage in enumerate(recipe.stages, start=1):
        folder = output / f"stage-{number}"
        claim(folder, recipe, number)
        if not (folder / DONE).is_file():
            _run_stage(recipe, stage, checkpoint, folder, corpora, gold, corrections)
        checkpoint = str(folder / "best")
    return Path(checkpoint)


def claim(folder: Path, recipe: Recipe, number: int) -> None:
    """Note in *folder* what stage *number* depends on; raise :class:`RecipeError` where it notes something else."""
    settings = dataclasses.asdict(dataclasses.replace(recipe, name="", version="", data=()))
    settings["stages"] = settings["stages"][:number]
    noted = json.dumps(settings, indent=2)
    path = folder / "settings.json"
    if path.is_file() and path.read_text(encoding="utf-8") != noted:
        raise RecipeError(folder, "another recipe was run here; remove the folder, or give another with --output.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(noted, encoding="utf-8")


def collate(rows: list[dict[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """Pad a batch: ``input_ids``, ``attention_mask`` and ``labels``, int64 of shape (batch, longest)."""
    longest = max(len(row["input_ids"]) for row in rows)
    shape = (len(rows), longest)
    ids, mask = np.full(shape, pad, np.int64), np.zeros(shape, np.int64)
    sets = np.full(shape, IGNORED, np.int64)
    for at, row in enumerate(rows):
        size = len(row["input_ids"])
        ids[at, :size], mask[at, :size], sets[at, :size] = row["input_ids"], 1, row["labels"]
    arrays = {"input_ids": ids, "attention_mask": mask, "labels": sets}
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


class SpanTrainer(Trainer):
    """A trainer with the loss of partial labels and batches of about equal length."""

    def __init__(self, *args: Any, smoothing: float, lengths: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._smoothing, self._lengths = smoothing, lengths

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The mean over tokens of :func:`partial_label_loss`."""
        outputs = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
        loss = partial_label_loss(outputs.logits, inputs["labels"], self._smoothing if model.training else 0.0)
        return (loss, outputs) if return_outputs else loss

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        """Batches of windows of about equal length, shuffled."""
        return LengthGroups(self.args.train_batch_size, self._lengths, self.args.seed)


class LengthGroups(LengthGroupedSampler):
    """Batches of about equal length, in an order that follows from seed and epoch alone.

    So a run that is resumed in its third epoch sees the order that an undisturbed one sees there.
    """

    def __init__(self, batch: int, lengths: list[int], seed: int) -> None:
        super().__init__(batch, lengths=lengths)
        self._seed, self._epoch = seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Shuffle in the order of *epoch* from now on; the trainer calls it."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        self.generator = torch.Generator().manual_seed(random.Random(f"{self._seed}:{self._epoch}").getrandbits(63))
        order: Iterator[int] = super().__iter__()  # type: ignore[no-untyped-call]
        return order


class EpochCallback(TrainerCallback):
    """Tells the encoder which epoch it is in, and keeps the learning curve."""

    def __init__(self, encoder: Encoder, log: Path) -> None:
        self._encoder, self._log = encoder, log

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Augment in another way than in the epoch before."""
        self._encoder.epoch = math.floor(state.epoch or 0)

    def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Write the whole history, so that a killed run leaves its curve too."""
        lines = [json.dumps(entry, ensure_ascii=False) for entry in state.log_history]
        self._log.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _run_stage(
    recipe: Recipe, stage: Stage, checkpoint: str, folder: Path, corpora: Path, gold: Path, corrections: Path | None
) -> None:
    set_seed(recipe.seed)
    tokenizer = load_tokenizer(checkpoint)
    tags = tags_of(recipe.labels)
    size = recipe.window - 2
    encoder = Encoder(
        tokenizer, tags, size=size, seed=recipe.seed, augmentation=recipe.augmentation, heads=recipe.heads
    )
    plain = Encoder(tokenizer, tags, size=size, seed=recipe.seed, augmentation=0.0)

    def read(use: CorpusUse) -> list[Example]:
        return read_examples(use, corpora, gold, tokenizer, corrections)

    judges = read(recipe.dev)
    dev = build_dataset([(recipe.dev, judges)], tokenizer, size)
    parts = [(use, apart_from(read(use), judges) if use.path == GOLD else read(use)) for use in stage.corpora]
    train = build_dataset(parts, tokenizer, size)
    folder.mkdir(parents=True, exist_ok=True)
    model = load_model(checkpoint, tags, dropout=recipe.dropout, attention_dropout=recipe.attention_dropout)
    trainer = SpanTrainer(
        model=model,
        args=arguments(recipe, stage, folder, len(train)),
        train_dataset=train.with_transform(encoder),
        eval_dataset=dev.with_transform(plain),
        data_collator=lambda rows: collate(rows, tokenizer.pad),
        compute_metrics=metrics_of(tags),
        callbacks=[EpochCallback(encoder, folder / "log.jsonl")],
        smoothing=recipe.smoothing,
        lengths=list(train["length"]),
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(folder))
    metrics = trainer.evaluate()
    save(model, checkpoint, tokenizer, folder / "best")
    (folder / DONE).write_text(json.dumps(metrics, indent=2), encoding="utf-8")


def last_checkpoint(folder: Path) -> str | None:
    """The newest whole checkpoint below *folder*; one that a kill cut short lacks the state, written last."""
    whole = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json") if path.stat().st_size]
    return str(max(whole, key=lambda path: int(path.name.rpartition("-")[2]))) if whole else None


def save(model: PreTrainedModel, source: str, tokenizer: Tokenizer, folder: Path) -> None:
    """Write *model* and its tokenizer to *folder*, as a checkpoint that the next stage can load."""
    model.save_pretrained(folder)
    tokenizer.save(folder / "tokenizer.json")
    config = Path(source) / "tokenizer_config.json"
    if config.is_file():
        (folder / config.name).write_bytes(config.read_bytes())


def metrics_of(tags: tuple[str, ...]) -> Callable[[EvalPrediction], dict[str, float]]:
    """The function that scores the logits of a dev set, shape (windows, tokens, tags): strict spans, by seqeval."""
    decoder = Decoder(tags)

    def score(prediction: EvalPrediction) -> dict[str, float]:
        gold, found = [], []
        for logits, sets in zip(prediction.predictions, prediction.label_ids, strict=True):
            kept = sets > IGNORED
            gold.append(tags_from_sets(sets[kept], tags))
            found.append([tags[k] for k in decoder.best(np.asarray(logits[kept], np.float32))])
        return score_tags(gold, found)

    return score


def arguments(recipe: Recipe, stage: Stage, folder: Path, rows: int) -> TrainingArguments:
    """The trainer's settings for *stage* over *rows* windows."""
    steps = math.ceil(rows / stage.batch) * stage.epochs
    every = max(1, math.floor(steps / (stage.evaluations or max(1, round(stage.epochs)))))
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=stage.epochs,
        learning_rate=stage.learning_rate,
        per_device_train_batch_size=stage.batch,
        per_device_eval_batch_size=32,
        warmup_steps=round(stage.warmup * steps),
        weight_decay=recipe.weight_decay,
        optim="adamw_torch_fused",
        use_cpu=not torch.cuda.is_available(),
        bf16=fast_bf16(),
        seed=recipe.seed,
        eval_strategy="steps",
        eval_steps=every,
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=stage.keep == "best",
        metric_for_best_model="f1",
        logging_steps=max(1, every // 5),
        report_to=[],
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        label_names=["labels"],
    )


def fast_bf16() -> bool:
    """Whether this machine multiplies bfloat16 faster than float32: a GPU, or a processor with AMX or AVX-512 BF16."""
    amx, vector = torch.cpu._is_amx_tile_supported(), torch.cpu._is_avx512_bf16_supported()
    return bool(torch.cuda.is_available() or amx or vector)
