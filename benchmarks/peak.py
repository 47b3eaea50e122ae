"""How many operations the machine does in products of whole numbers, and how many the model needs for its windows."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

#: Rows, columns and depth of the products that the peak is measured with; the best of them is the peak.
SHAPES: Final = ((1024, 1024, 1024), (2048, 2048, 2048), (4096, 1024, 1024))

#: The kinds of nodes that multiply by a matrix of whole numbers, which is their second input.
_PRODUCTS: Final = ("MatMulInteger", "QAttention", "DynamicQuantizeMatMul", "MatMulIntegerToFloat")


def peak(threads: int, repeats: int = 12) -> float:
    """The most operations a second of a product of 8-bit matrices, u8 by s8, in onnxruntime; an addition is one too."""
    return max(_rate(shape, threads, repeats) for shape in SHAPES)


def _rate(shape: tuple[int, int, int], threads: int, repeats: int) -> float:
    rows, columns, depth = shape
    random = np.random.default_rng(0)
    weights = random.integers(-127, 128, (depth, columns)).astype(np.int8)
    session = _session(_product(weights), threads)
    left = random.integers(0, 256, (rows, depth)).astype(np.uint8)
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        session.run(None, {"left": left})
        seconds.append(time.perf_counter() - began)
    return 2 * rows * columns * depth / min(seconds)


def _product(weights: np.ndarray[Any, np.dtype[np.int8]]) -> bytes:
    """A graph of one node that multiplies by *weights*."""
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["left", "weights", "middle", "zero"], ["product"])],
        "product",
        [helper.make_tensor_value_info("left", TensorProto.UINT8, ["rows", weights.shape[0]])],
        [helper.make_tensor_value_info("product", TensorProto.INT32, ["rows", weights.shape[1]])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array(128, np.uint8), "middle"),
            numpy_helper.from_array(np.array(0, np.int8), "zero"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def _session(model: bytes, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def operations(path: Path, lengths: Iterable[int]) -> float:
    """What the model at *path* does to windows of *lengths* tokens: two for each multiplication and its addition.

    They are those of its 8-bit matrices, for each token, and of attention, for each pair of tokens of a window and
    each layer (which runs in fp32). All else is not counted, so the share of the peak is no more than it is.
    """
    graph = onnx.load(str(path)).graph
    shapes = {entry.name: tuple(entry.dims) for entry in graph.initializer}
    products = [shapes[node.input[1]] for node in graph.node if node.op_type in _PRODUCTS]
    each = sum(map(math.prod, products))
    pair = sum(2 * shapes[node.input[1]][0] for node in graph.node if node.op_type == "QAttention")
    return float(sum(2 * (length * each + length * length * pair) for length in lengths))
