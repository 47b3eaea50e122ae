"""Load encoders and classifiers: the one place that meets a hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tokenizers
from transformers import AutoModelForTokenClassification, AutoTokenizer, PreTrainedModel

from raqam.errors import ModelNotFoundError
from raqam.tokens import Tokenizer


def load_tokenizer(source: str) -> Tokenizer:
    """The tokenizer of a checkpoint folder or hub id; raises :class:`ModelNotFoundError` where there is none."""
    if (Path(source) / "tokenizer.json").is_file():
        return Tokenizer.load(Path(source) / "tokenizer.json")
    loaded = _reached(source, lambda: AutoTokenizer.from_pretrained(source))
    inner: tokenizers.Tokenizer = loaded.backend_tokenizer
    return Tokenizer(inner)


def load_model(
    source: str, tags: Sequence[str], *, dropout: float = 0.1, attention_dropout: float = 0.0
) -> PreTrainedModel:
    """The token classifier over *tags* of a checkpoint folder or hub id, with a new head where it has another.

    Attention is computed by the plain implementation: with dropout off it is the fastest on a processor.
    """
    model: PreTrainedModel = _reached(
        source,
        lambda: AutoModelForTokenClassification.from_pretrained(
            source,
            num_labels=len(tags),
            id2label=dict(enumerate(tags)),
            label2id={tag: k for k, tag in enumerate(tags)},
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=attention_dropout,
            attn_implementation="eager",
            ignore_mismatched_sizes=True,
        ),
    )
    model.float()
    return model


def _reached(source: str, load: Any) -> Any:
    """What *load* returns; an unreachable hub or an absent folder becomes one sentence that says what to do."""
    try:
        return load()
    except OSError as error:
        raise ModelNotFoundError(
            f"The encoder {source!r} is no checkpoint folder here, and the hub could not be reached for it. On a "
            f"machine with access run `hf download {source} --local-dir {Path(source).name}`, copy the folder "
            "here, and give its path as `encoder` in the recipe or with --encoder."
        ) from error
