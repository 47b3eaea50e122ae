"""The token classifier as an ONNX file: token ids in, logits of the tags out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import numpy as np

# Newer builds of onnxruntime report to their maker unless this is set before they are imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime
from numpy.typing import NDArray

from raqam.errors import MismatchError, ModelNotFoundError

INPUTS: Final = ("input_ids", "attention_mask")
OUTPUT: Final = "logits"

#: Fusions that cost time on a processor: the sum and its norm in one are seven times as slow as one after the other.
SLOWER_FUSIONS: Final = ("SkipLayerNormFusion",)
_ERRORS_ONLY: Final = 3  # severity from which onnxruntime writes to stderr


class OnnxModel:
    """A token classifier on the processor. Thread-safe: runs may overlap, each uses up to *threads* threads.

    Inputs ``input_ids`` and ``attention_mask``, int64, *Shape:* (batch, tokens); output ``logits``, float32,
    *Shape:* (batch, tokens, tags).
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        """Load *path*; raises :class:`ModelNotFoundError` or :class:`MismatchError`, which name it."""
        if not path.is_file():
            raise ModelNotFoundError(f"There is no ONNX model at {path}.")
        self.path = path
        self._session = _session(path, threads)
        _check_interface(path, self._session)

    def run(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the logits of *ids*; *mask* is 1 for a token and 0 for padding.

        *Shape:* (batch, tokens), twice, to (batch, tokens, tags).
        """
        if ids.ndim != 2 or ids.shape != mask.shape:
            raise ValueError(f"ids and mask must share a shape (batch, tokens), not {ids.shape} and {mask.shape}.")
        logits: NDArray[np.float32] = self._session.run([OUTPUT], dict(zip(INPUTS, (ids, mask), strict=True)))[0]
        return logits

    def check(self, *, pieces: int, tags: int, window: int = 2) -> None:
        """Raise :class:`MismatchError` unless the model takes *window* ids below *pieces* and gives *tags* logits each.

        It runs the model once, on the first and the last piece.
        """
        ids = np.full((1, max(2, window)), pieces - 1, dtype=np.int64)
        ids[0, 0] = 0
        try:
            logits = self.run(ids, np.ones_like(ids))
        except Exception as error:  # onnxruntime's errors share no base class of their own
            raise MismatchError(
                f"{self.path} cannot run on a window of {ids.size:,} tokens up to piece {pieces - 1:,}, the last of "
                "its tokenizer: the model, the tokenizer and the manifest are not of one model."
            ) from error
        if logits.shape != (*ids.shape, tags):
            raise MismatchError(
                f"{self.path} gives logits of shape {logits.shape} for {ids.size} tokens where the {tags} tags of the "
                f"manifest call for {(*ids.shape, tags)}."
            )
        if not np.isfinite(logits).all():
            raise MismatchError(f"{self.path} gives logits that are not finite numbers.")


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log-probabilities of *logits* over their last axis, float32, *Shape:* as given.

    >>> log_softmax(np.zeros((1, 4), dtype=np.float32)).round(3).tolist()
    [[-1.3860000371932983, -1.3860000371932983, -1.3860000371932983, -1.3860000371932983]]
    """
    shifted: NDArray[np.float32] = logits - logits.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def _session(path: Path, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = _ERRORS_ONLY
    options.enable_mem_pattern = False  # which remembers a layout for every length of window there was
    # Threads that spin while they wait take the processor from the other runs and from the rest of a service.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER_FUSIONS
        )
    except Exception as error:  # as above
        raise MismatchError(f"{path} is not an ONNX model this version of onnxruntime loads: {error}") from error


def _check_interface(path: Path, session: Any) -> None:
    inputs = {entry.name: entry.type for entry in session.get_inputs()}
    if inputs != dict.fromkeys(INPUTS, "tensor(int64)"):
        raise MismatchError(f"{path} takes {inputs}; a token classifier takes {' and '.join(INPUTS)}, as int64.")
    outputs = {entry.name: entry.type for entry in session.get_outputs()}
    if outputs.get(OUTPUT) != "tensor(float)":
        raise MismatchError(f"{path} gives {outputs}; a token classifier gives {OUTPUT}, as float32.")
