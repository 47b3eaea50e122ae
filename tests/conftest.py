"""Model folders small enough to build for every run of the tests, and real in every part that is loaded."""

from __future__ import annotations

import signal
from pathlib import Path

import hypothesis
import numpy as np
import onnx
import pytest
import tokenizers
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import models, pre_tokenizers

from raqam.labels import CODES, TAGS
from raqam.manifest import MODEL_FILE, TOKENIZER_FILE, Manifest, write_manifest
from raqam.text import NORMALIZER_VERSION

hypothesis.settings.register_profile("raqam", deadline=None)  # no test asserts a time
hypothesis.settings.load_profile("raqam")

SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
LETTERS = "ءآابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئؤ"
SIGNS = "▁0123456789.,/%()[]«»؛،؟!:-+" + "abcdefghijklmnopqrstuvwxyz"
WORDS = {
    "▁استاندار": "B-TTL", "▁همدان": "B-LOC", "▁قزوین": "B-LOC", "▁قم": "B-LOC", "▁شرکت": "B-ORG", "▁فولاد": "I-ORG",
    "▁علی": "B-PER", "▁رضایی": "I-PER", "▁صادرات": "B-IND", "▁میلیارد": "I-MON", "▁تومان": "I-MON", "▁امروز": "B-DAT",
    **{f"▁{digit}": "B-MON" for digit in range(10)}, **{str(digit): "I-MON" for digit in range(10)},
}  # fmt: skip
PIECES = (*SPECIALS, *dict.fromkeys([*SIGNS, *LETTERS, *WORDS]))

# Behind a shell's `&` a process ignores SIGINT, and so do those it starts; the tests of Ctrl-C must not depend on it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that labels the words of ``WORDS``, each by itself, and digits as amounts of money.

    «استاندار همدان» is a title and a place; «علی رضایی» is a person; «۶۶۰۰ میلیارد تومان» is money. It is called
    ``tiny@1``. Do not write into it: copy it.
    """
    scores = np.zeros((len(PIECES), len(TAGS)), dtype=np.float32)
    for at, piece in enumerate(PIECES):
        scores[at, TAGS.index(WORDS.get(piece, "O"))] = 10
    return build(tmp_path_factory.mktemp("tiny"), scores)


@pytest.fixture(scope="session")
def wild_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that labels every piece at random, often with sequences that are not valid."""
    random = np.random.default_rng(0).normal(scale=4, size=(len(PIECES), len(TAGS)))
    return build(tmp_path_factory.mktemp("wild"), random.astype(np.float32))


@pytest.fixture(scope="session")
def quantized_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As ``wild_model``, its last product quantized dynamically: what else is in a batch changes the logits."""
    random = np.random.default_rng(0).normal(scale=4, size=(len(PIECES), len(TAGS)))
    return build(tmp_path_factory.mktemp("quantized"), random.astype(np.float32), quantized=True)


def build(
    folder: Path, scores: NDArray[np.float32], *, quantized: bool = False, window: int = 32, overlap: int = 8
) -> Path:
    """Write a model folder whose logits are the row of *scores* of each piece. *Shape:* (pieces, tags)."""
    unigram = [(piece, 0.0 if piece in SPECIALS else -5.0 if len(piece) == 1 else -1.0) for piece in PIECES]
    tokenizer = tokenizers.Tokenizer(models.Unigram(unigram, unk_id=SPECIALS.index("<unk>")))
    tokenizer.add_special_tokens(list(SPECIALS))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.save(str(folder / TOKENIZER_FILE))
    onnx.save(classifier(scores, quantized=quantized), folder / MODEL_FILE)
    manifest = Manifest(
        name=folder.name.rstrip("0123456789"), version="1", labels=CODES, tags=TAGS, normalizer=NORMALIZER_VERSION,
        window=window, overlap=overlap, created="2025-09-25", scores={"f1": 0.5}, data=({"name": "none"},),
    )  # fmt: skip
    write_manifest(folder, manifest)
    return folder


def classifier(scores: NDArray[np.float32], *, quantized: bool = False) -> onnx.ModelProto:
    """A token classifier of the interface of :class:`raqam.model.OnnxModel` that looks *scores* up."""
    rows = helper.make_node("Gather", ["scores", "input_ids"], ["rows"])
    tail = _quantized_tail() if quantized else [helper.make_node("Identity", ["rows"], ["logits"])]
    constants: dict[str, NDArray[np.generic]] = {"scores": scores}
    if quantized:
        weights = np.eye(scores.shape[1], dtype=np.int8)
        constants |= {"weights": weights, "zero": np.array(0, dtype=np.int8)}
    graph = helper.make_graph(
        [rows, *tail],
        "classifier",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
         for name in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "tokens", scores.shape[1]])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def _quantized_tail() -> list[onnx.NodeProto]:
    return [
        helper.make_node("DynamicQuantizeLinear", ["rows"], ["bytes", "scale", "middle"]),
        helper.make_node("MatMulInteger", ["bytes", "weights", "middle", "zero"], ["product"]),
        helper.make_node("Cast", ["product"], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["cast", "scale"], ["logits"]),
    ]
