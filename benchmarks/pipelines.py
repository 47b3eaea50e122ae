"""The Hugging Face pipeline that ``raqam annotate`` is measured against: torch, fp32, on the same texts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from raqam.labels import TAGS
from raqam.manifest import SPECIAL_TOKENS, TOKENIZER_FILE

#: Windows that run together in the pipeline; the best is taken.
BATCH_SIZES: Final = (1, 4, 8, 16)

#: Tokens that windows of a long article share, and the most there are in one.
STRIDE: Final = 64
WINDOW: Final = 512


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline, what it is, and how many windows it runs together."""

    name: str
    call: Any
    batch_size: int = 1

    def run(self, texts: Sequence[str]) -> float:
        """The seconds it takes for *texts*."""
        began = time.perf_counter()
        list(self.call(list(texts), batch_size=self.batch_size))
        return time.perf_counter() - began

    def tuned(self, texts: Sequence[str]) -> Pipeline:
        """The same with the batch size that is fastest for *texts*."""
        self.run(texts[:1])
        tried = [Pipeline(self.name, self.call, size) for size in BATCH_SIZES]
        return min(tried, key=lambda each: each.run(texts))


def parsbert(model: Path, threads: int) -> Pipeline:
    """A model of the shape of ParsBERT base, with random weights and the tokenizer of the folder *model*."""
    from transformers import BertConfig, BertForTokenClassification

    config = BertConfig(
        vocab_size=100_000, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072,
        max_position_embeddings=WINDOW, id2label=dict(enumerate(TAGS)),
    )  # fmt: skip
    return _pipeline("of ParsBERT base's shape", BertForTokenClassification(config), model / TOKENIZER_FILE, threads)


def checkpoint(folder: Path, model: Path, threads: int) -> Pipeline:
    """The checkpoint in *folder* in fp32, with the tokenizer of the folder *model*."""
    import torch
    from transformers import AutoModelForTokenClassification
    from transformers.utils import logging

    logging.disable_progress_bar()
    found = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32)
    return _pipeline("of our own checkpoint", found, model / TOKENIZER_FILE, threads)


def _pipeline(name: str, model: Any, tokenizer_file: Path, threads: int) -> Pipeline:
    import torch
    from transformers import PreTrainedTokenizerFast, pipeline
    from transformers.utils import logging

    logging.set_verbosity_error()
    torch.set_num_threads(threads)
    window = min(WINDOW, model.config.max_position_embeddings - SPECIAL_TOKENS)
    specials = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(tokenizer_file), model_max_length=window, **specials)
    options: dict[str, Any] = {"aggregation_strategy": "simple", "stride": STRIDE, "device": "cpu"}
    found: Any = pipeline  # whose many overloads know no model that is given as an object
    return Pipeline(name, found("token-classification", model=model.eval(), tokenizer=tokenizer, **options))
