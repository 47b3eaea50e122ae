from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from raqam.errors import MismatchError, ModelNotFoundError
from raqam.labels import TAGS
from raqam.manifest import MODEL_FILE, TOKENIZER_FILE
from raqam.model import OnnxModel, log_softmax
from raqam.tokens import Tokenizer


def test_logits_have_a_row_for_each_token(tiny_model: Path) -> None:
    ids = np.array([[0, 5, 2], [0, 6, 2]], dtype=np.int64)
    logits = OnnxModel(tiny_model / MODEL_FILE).run(ids, np.ones_like(ids))
    assert logits.shape == (2, 3, len(TAGS))
    assert logits.dtype == np.float32


def test_ids_and_mask_must_share_a_shape(tiny_model: Path) -> None:
    model = OnnxModel(tiny_model / MODEL_FILE)
    with pytest.raises(ValueError, match=r"\(batch, tokens\), not \(1, 2\) and \(1, 3\)"):
        model.run(np.zeros((1, 2), dtype=np.int64), np.zeros((1, 3), dtype=np.int64))


def test_the_check_takes_a_model_of_its_tokenizer_and_tags(tiny_model: Path) -> None:
    pieces = Tokenizer.load(tiny_model / TOKENIZER_FILE).size
    OnnxModel(tiny_model / MODEL_FILE).check(pieces=pieces, tags=len(TAGS))


def test_fewer_embeddings_than_pieces_are_refused(tiny_model: Path) -> None:
    pieces = Tokenizer.load(tiny_model / TOKENIZER_FILE).size + 1
    message = re.escape(f"{MODEL_FILE} cannot run on a window of 2 tokens up to piece {pieces - 1}, the last of its")
    with pytest.raises(MismatchError, match=message):
        OnnxModel(tiny_model / MODEL_FILE).check(pieces=pieces, tags=len(TAGS))


def test_logits_of_another_width_are_refused(tiny_model: Path) -> None:
    message = re.escape(f"{MODEL_FILE} gives logits of shape (1, 2, 31) for 2 tokens where the 3 tags")
    with pytest.raises(MismatchError, match=message):
        OnnxModel(tiny_model / MODEL_FILE).check(pieces=1, tags=3)


def test_a_file_that_is_absent_or_not_onnx_is_named(tmp_path: Path) -> None:
    path = tmp_path / MODEL_FILE
    with pytest.raises(ModelNotFoundError, match=f"no ONNX model at {path}"):
        OnnxModel(path)
    path.write_bytes(b"not a model")
    with pytest.raises(MismatchError, match=f"{path} is not an ONNX model"):
        OnnxModel(path)


@pytest.mark.parametrize(
    ("inputs", "output", "kind", "named"),
    [
        (("input_ids",), "logits", TensorProto.FLOAT, "a token classifier takes input_ids and attention_mask"),
        (("input_ids", "attention_mask"), "scores", TensorProto.FLOAT, "a token classifier gives logits"),
        (("input_ids", "attention_mask"), "logits", TensorProto.DOUBLE, "a token classifier gives logits"),
    ],
)
def test_a_model_of_another_interface_is_refused(
    tmp_path: Path, inputs: tuple[str, ...], output: str, kind: TensorProto.DataType, named: str
) -> None:
    graph = helper.make_graph(
        [helper.make_node("Cast", ["input_ids"], [output], to=kind)],
        "other",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in inputs],
        [helper.make_tensor_value_info(output, kind, ["batch", "tokens"])],
    )
    path = tmp_path / MODEL_FILE
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    with pytest.raises(MismatchError, match=named):
        OnnxModel(path)


def test_log_softmax_is_stable_and_sums_to_one() -> None:
    logprobs = log_softmax(np.array([[1000, 0, -1000], [1, 2, 3]], dtype=np.float32))
    assert logprobs.dtype == np.float32
    assert np.exp(logprobs).sum(axis=1) == pytest.approx([1, 1])
    assert np.isfinite(logprobs).all()
