from __future__ import annotations

from pathlib import Path

import pytest

from raqam.errors import ModelNotFoundError
from raqam.labels import TAGS, tags_of
from raqam.text import normalize
from training.checkpoints import load_model, load_tokenizer


@pytest.fixture
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_word_pieces_of_a_hub_folder_have_offsets_of_the_original(parsbert: Path) -> None:
    assert not (parsbert / "tokenizer.json").exists()
    tokenizer = load_tokenizer(str(parsbert))
    text = "استاندار همدان: ۴۷ درصد سرمایه‌گذاری"
    tokens = tokenizer.encode(normalize(text))
    slices = [text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)]
    assert slices[:3] == ["استاندار", "همدان", ":"]
    assert "".join(normalize("".join(slices)).text.split()) == "".join(normalize(text).text.split())
    pieces = tokenizer.pieces()
    assert (pieces[tokenizer.bos], pieces[tokenizer.eos], pieces[tokenizer.pad]) == ("[CLS]", "[SEP]", "[PAD]")


@pytest.mark.parametrize("family", ["parsbert", "compact"])
def test_an_encoder_gets_a_new_head_and_keeps_its_body(family: str, request: pytest.FixtureRequest) -> None:
    folder = str(request.getfixturevalue(family))
    one, two = load_model(folder, TAGS), load_model(folder, tags_of(("LOC",)), dropout=0.3)
    assert one.get_parameter("classifier.weight").shape == (31, 32)
    assert two.get_parameter("classifier.weight").shape == (3, 32)
    assert (two.config.hidden_dropout_prob, two.config.attention_probs_dropout_prob) == (0.3, 0.0)
    name = "bert.embeddings.word_embeddings.weight"
    assert one.get_parameter(name).equal(two.get_parameter(name))


@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize("source", ["HooshvareLab/bert-fa-base-uncased", "runs/none/encoder", "/nowhere/encoder"])
def test_an_encoder_that_cannot_be_had_says_what_to_do(source: str) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        load_tokenizer(source)
    assert source in str(caught.value)
    assert "hf download" in str(caught.value)
    with pytest.raises(ModelNotFoundError):
        load_model(source, TAGS)
