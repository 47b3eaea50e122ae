from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tokenizers
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import models, normalizers, pre_tokenizers

from raqam.errors import MismatchError, ModelNotFoundError
from raqam.manifest import TOKENIZER_FILE
from raqam.text import normalize
from raqam.tokens import Tokenizer
from tests.texts import TEXTS, VARIANTS, check_tokens


@pytest.fixture(scope="module")
def unigram(tiny_model: Path) -> Tokenizer:
    return Tokenizer.load(tiny_model / TOKENIZER_FILE)


@pytest.fixture(scope="module")
def wordpiece() -> Tokenizer:
    """A tokenizer of ParsBERT's kind, with a normalizer of its own."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "همدان", "استان", "##دار", "##ا", "1", "##1", ".", "!", "،"]
    inner = tokenizers.Tokenizer(models.WordPiece({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer(strip_accents=False, lowercase=False)
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.add_special_tokens(words[:4])
    inner.enable_truncation(8)
    inner.enable_padding(length=16)
    return Tokenizer(inner)


@pytest.fixture(params=["unigram", "wordpiece"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    found: Tokenizer = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("name", ["unigram", "wordpiece"])
def test_every_token_lies_in_the_original(name: str, request: pytest.FixtureRequest) -> None:
    tokenizer: Tokenizer = request.getfixturevalue(name)

    @given(TEXTS)
    @settings(max_examples=300)
    @example("")
    @example("<s> [SEP] </s>")
    @example("﷼\u064e.\n")
    def check(text: str) -> None:
        check_tokens(tokenizer.encode(normalize(text)), text)

    check()


@given(text=TEXTS, variant=st.sampled_from(VARIANTS))
@settings(max_examples=200)
def test_letters_digits_and_lost_joiners_give_the_same_pieces(
    unigram: Tokenizer, text: str, variant: dict[int, int | str | None]
) -> None:
    found, expected = (unigram.encode(normalize(each)) for each in (text.translate(variant), text))
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.breaks, expected.breaks)


@pytest.mark.parametrize(
    "text",
    ["ي" * 2**19, "😀" * 2**18, "." * 2**20],
    ids=lambda text: text[:2],
)
def test_one_token_of_a_megabyte_is_cut_into_pieces(unigram: Tokenizer, text: str) -> None:
    tokens = unigram.encode(normalize(text))
    check_tokens(tokens, text)
    assert (tokens.starts[0], tokens.ends[-1]) == (0, len(text))
    assert not tokens.breaks.any()


def test_a_token_has_the_non_joiner_inside_and_the_marks_after_it(unigram: Tokenizer) -> None:
    text = "شرکت قزو\u200cینِ."
    tokens = unigram.encode(normalize(text))
    surfaces = [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]
    assert surfaces == ["شرکت", "قزو\u200cینِ", "."]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("قم. قم", ["قم.", "قم"]),
        ("قم؟! قم", ["قم؟!", "قم"]),
        ("«قم.» قم", ["«قم.»", "قم"]),
        ("قم\nقم\r\n\r\nقم", ["قم", "قم", "قم"]),
        ("12.5 A.B قم", ["12.5 A.B قم"]),
        ("۱۲.۵ درصد. قم", ["۱۲.۵ درصد.", "قم"]),
        ("... قم", ["...", "قم"]),
        ("\n\nقم.", ["قم."]),
    ],
)
def test_a_sentence_ends_with_its_last_token(unigram: Tokenizer, text: str, sentences: list[str]) -> None:
    tokens = unigram.encode(normalize(text))
    cuts = [0, *(np.flatnonzero(tokens.breaks) + 1).tolist()]
    ranges = zip(cuts, [*cuts[1:], len(tokens)], strict=True)
    found = [text[tokens.starts[first] : tokens.ends[end - 1]] for first, end in ranges if first < end]
    assert found == sentences


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("قزوین قم", ["قزوین", "قم"]),
        ("قزو\u200cینِ.", ["قزو\u200cینِ", "."]),
        ("۵هزار", ["۵", "هزار"]),
        ("قم.قم", ["قم", ".", "قم"]),
        ("۱۴۰۴ ۵۰", ["۱۴۰۴", "۵۰"]),
        ("۴٫۵", ["۴", "٫", "۵"]),
    ],
)
def test_letters_join_two_tokens_to_a_word_and_digits_to_a_number(
    unigram: Tokenizer, text: str, words: list[str]
) -> None:
    tokens = unigram.encode(normalize(text))
    cuts = [*np.flatnonzero(tokens.joined == 0).tolist(), len(tokens)]
    assert [text[tokens.starts[first] : tokens.ends[end - 1]] for first, end in pairwise(cuts)] == words


def test_no_padding_and_no_truncation_is_left(wordpiece: Tokenizer) -> None:
    assert len(wordpiece.encode(normalize("همدان"))) == 1
    assert len(wordpiece.encode(normalize("همدان " * 100))) == 100


def test_the_special_tokens_are_found_under_either_name(unigram: Tokenizer, wordpiece: Tokenizer) -> None:
    assert [unigram.pieces()[at] for at in (unigram.bos, unigram.eos, unigram.pad)] == ["<s>", "</s>", "<pad>"]
    assert [wordpiece.pieces()[at] for at in (wordpiece.bos, wordpiece.eos, wordpiece.pad)] == [
        "[CLS]", "[SEP]", "[PAD]",
    ]  # fmt: skip


def test_the_pieces_are_as_many_as_the_size(tokenizer: Tokenizer) -> None:
    assert len(tokenizer.pieces()) == tokenizer.size


def test_what_is_saved_is_loaded(tokenizer: Tokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / TOKENIZER_FILE)
    again = Tokenizer.load(tmp_path / TOKENIZER_FILE)
    assert again.pieces() == tokenizer.pieces()


def test_a_tokenizer_without_special_tokens_is_refused(tmp_path: Path) -> None:
    inner = tokenizers.Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    with pytest.raises(MismatchError, match=r"none of the special tokens <s>, \[CLS\]"):
        Tokenizer(inner)
    inner.save(str(tmp_path / TOKENIZER_FILE))
    with pytest.raises(MismatchError, match="none of the special tokens"):
        Tokenizer.load(tmp_path / TOKENIZER_FILE)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"model": 1}'])
def test_a_file_that_is_no_tokenizer_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / TOKENIZER_FILE
    path.write_bytes(content)
    with pytest.raises(MismatchError, match=r"tokenizer\.json is not a tokenizer"):
        Tokenizer.load(path)


def test_a_missing_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="no tokenizer at"):
        Tokenizer.load(tmp_path / TOKENIZER_FILE)
