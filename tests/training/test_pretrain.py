from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoModel, BertForMaskedLM

from raqam.errors import InputError
from raqam.tokens import Tokenizer
from training.checkpoints import load_tokenizer
from training.pretrain import PretrainRecipe, WholeWordMasking, pack, pretrain, read_texts, word_starts


def test_texts_are_packed_to_rows_that_begin_alike(tokenizer: Tokenizer) -> None:
    rows = pack(tokenizer, ["استاندار همدان رسید."] * 9, block=8)
    assert rows.shape[1] == 8
    assert (rows[:, 0] == tokenizer.bos).all()
    assert (rows == tokenizer.eos).sum() in {8, 9}


def test_words_are_masked_whole(tokenizer: Tokenizer) -> None:
    starts = word_starts(tokenizer)
    rows = pack(tokenizer, ["سبزوار نیشابور"] * 200, block=32)
    batch = WholeWordMasking(starts, unknown=3, specials=4, share=0.5, seed=0)([{"input_ids": row} for row in rows])
    ids, labels = batch["input_ids"].numpy().ravel(), batch["labels"].numpy().ravel()
    chosen = labels != -100
    assert (labels[chosen] == rows.ravel()[chosen]).all()
    assert (ids[~chosen] == rows.ravel()[~chosen]).all()
    assert not chosen[rows.ravel() < 4].any()
    words = np.cumsum(starts[rows.ravel()])
    ordinary = rows.ravel() >= 4
    assert all(len(set(chosen[(words == word) & ordinary])) <= 1 for word in range(1, 60))
    assert 0.7 < (ids[chosen] == 3).mean() < 0.9


def test_a_run_gives_an_encoder_that_fine_tuning_loads(compact: Path, corpora: Path, tmp_path: Path) -> None:
    recipe = PretrainRecipe(str(compact), ("seeds.jsonl", "places.conll"), block=32, batch=8, max_steps=3)
    pretrain(recipe, corpora, tmp_path)
    assert AutoModel.from_pretrained(tmp_path / "encoder", add_pooling_layer=False).config.hidden_size == 32
    assert load_tokenizer(str(tmp_path / "encoder")).pieces() == load_tokenizer(str(compact)).pieces()
    assert json.loads((tmp_path / "recipe.json").read_text())["block"] == 32
    again = BertForMaskedLM.from_pretrained(tmp_path / "encoder", output_loading_info=True)[1]  # type: ignore[index]
    assert again["missing_keys"] in (set(), {"cls.predictions.decoder.weight", "cls.predictions.decoder.bias"})


def test_texts_come_from_every_file(corpora: Path) -> None:
    texts = list(read_texts(["seeds.jsonl", "places.conll"], corpora))
    assert len(texts) == 6


@pytest.mark.parametrize("content", ["encoder =", 'encoder = "a"', 'encoder = "a"\ntexts = []\nblok = 3'])
def test_a_wrong_recipe_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(content)
    with pytest.raises(InputError, match=r"a\.toml is not a recipe of this step"):
        PretrainRecipe.read(tmp_path / "a.toml")
