"""Continue masked-language-model training of an encoder on plain Persian text.

The compact encoder comes from the 4-bit weights of a sentence-embedding model with another vocabulary: one pass over
news teaches it single digits, words without their non-joiner, and to see tokens again.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertForMaskedLM, Trainer, TrainingArguments

from raqam.errors import InputError
from raqam.text import normalize
from raqam.tokens import Tokenizer
from training.corpora import read_conll_texts, read_jsonl_texts
from training.vocabulary import SPECIALS


@dataclass(frozen=True, slots=True)
class PretrainRecipe:
    """What a masked-language-model run needs; ``texts`` are paths below the corpora folder, ``block`` is in tokens."""

    encoder: str
    texts: tuple[str, ...]
    block: int = 128
    batch: int = 32
    epochs: float = 1.0
    max_steps: int = -1
    learning_rate: float = 3e-4
    masked: float = 0.2
    seed: int = 1

    @classmethod
    def read(cls, path: Path) -> PretrainRecipe:
        """Read the TOML file *path*; raises :class:`InputError` for an unknown or missing setting."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(**{**values, "texts": tuple(values["texts"])})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise InputError(
                f"{path} is not a recipe of this step: {error}.", field="recipe", reason="recipe"
            ) from error


def read_texts(names: Iterable[str], folder: Path) -> Iterator[str]:
    """Every text of the files *names* below *folder*."""
    for name in names:
        reader = read_conll_texts if name.endswith(".conll") else read_jsonl_texts
        yield from reader(folder / name)


def pack(tokenizer: Tokenizer, texts: Iterable[str], block: int) -> NDArray[np.int32]:
    """All tokens of *texts*, an end token after each, cut to rows of *block* tokens: shape ``(rows, block)``."""
    parts = []
    for text in texts:
        parts.append(np.append(tokenizer.encode(normalize(text)).ids, tokenizer.eos).astype(np.int32))
    stream = np.concatenate(parts)
    body = block - 1
    rows = stream[: len(stream) // body * body].reshape(-1, body)
    return np.concatenate([np.full((len(rows), 1), tokenizer.bos, dtype=np.int32), rows], axis=1)


class WholeWordMasking:
    """A collator that masks whole words: 80 % become the unknown token, 10 % a random one, 10 % stay."""

    def __init__(self, starts: NDArray[np.bool_], unknown: int, specials: int, share: float, seed: int) -> None:
        self._starts, self._unknown, self._specials, self._share = starts, unknown, specials, share
        self._rng = np.random.default_rng(seed)

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        ids = np.asarray([row["input_ids"] for row in rows], dtype=np.int64)
        words = np.cumsum(self._starts[ids].ravel())
        chosen = (self._rng.random(words[-1] + 1) < self._share)[words].reshape(ids.shape) & (ids >= self._specials)
        fate = self._rng.random(ids.shape)
        masked = np.where(chosen & (fate < 0.8), self._unknown, ids)
        random = self._rng.integers(self._specials, len(self._starts), ids.shape)
        masked = np.where(chosen & (fate >= 0.9), random, masked)
        labels = np.where(chosen, ids, -100)
        return {"input_ids": torch.from_numpy(masked), "labels": torch.from_numpy(labels)}


class MaskedTrainer(Trainer):
    """A trainer whose language-model head sees the masked positions only, a fifth of the work."""

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The mean cross-entropy over masked tokens."""
        chosen = inputs["labels"] != -100
        # The head is called apart from the encoder, outside the trainer's own autocast.
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.args.bf16):
            hidden = model.bert(input_ids=inputs["input_ids"]).last_hidden_state[chosen]
            scores = model.cls(hidden)
        loss = torch.nn.functional.cross_entropy(scores.float(), inputs["labels"][chosen])
        return (loss, None) if return_outputs else loss


def pretrain(recipe: PretrainRecipe, corpora: Path, output: Path) -> None:
    """Train by *recipe* on texts below *corpora*; write the encoder to *output*. Resumes where a run was killed."""
    tokenizer = Tokenizer.load(Path(recipe.encoder) / "tokenizer.json")
    rows = pack(tokenizer, read_texts(recipe.texts, corpora), recipe.block)
    data = datasets.Dataset.from_dict({"input_ids": rows})
    # Dropout halves the speed on a CPU and one pass over the text does not overfit.
    model = BertForMaskedLM.from_pretrained(
        recipe.encoder, attn_implementation="eager", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )
    starts = word_starts(tokenizer)
    trainer = MaskedTrainer(
        model=model,
        args=_arguments(recipe, output),
        train_dataset=data,
        data_collator=WholeWordMasking(starts, SPECIALS.index("<unk>"), len(SPECIALS), recipe.masked, recipe.seed),
    )
    checkpoints = sorted(output.glob("checkpoint-*"))
    trainer.train(resume_from_checkpoint=bool(checkpoints))
    # With its head, so that a second run goes on from it; a token classifier leaves the head out.
    model.save_pretrained(output / "encoder")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (output / "encoder" / name).write_bytes((Path(recipe.encoder) / name).read_bytes())
    (output / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2), encoding="utf-8")


def word_starts(tokenizer: Tokenizer) -> NDArray[np.bool_]:
    """For each piece, whether a word begins with it: it follows a space or is no letter."""
    pieces = tokenizer.pieces()
    return np.asarray([piece.startswith("▁") or not piece[:1].isalpha() for piece in pieces], dtype=np.bool_)


def _arguments(recipe: PretrainRecipe, output: Path) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(output),
        per_device_train_batch_size=recipe.batch,
        num_train_epochs=recipe.epochs,
        max_steps=recipe.max_steps,
        learning_rate=recipe.learning_rate,
        warmup_steps=100,
        weight_decay=0.01,
        bf16=torch.backends.mkldnn.is_available(),
        use_cpu=True,
        optim="adamw_torch_fused",
        seed=recipe.seed,
        logging_steps=20,
        save_steps=250,
        save_total_limit=1,
        report_to=[],
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
