from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from raqam.errors import SourceError
from raqam.labels import CODES, TAGS
from raqam.text import normalize
from raqam.tokens import Tokenizer, Tokens
from training.augmentation import SpanTuple
from training.examples import (
    GOLD,
    Encoder,
    Example,
    build_dataset,
    part_of,
    read_examples,
    read_path,
    tag_tokens,
    windows_of,
)
from training.gold import GoldArticle
from training.loss import IGNORED
from training.recipe import CorpusUse

NOWHERE = Path("nowhere")


def example_of(article: GoldArticle) -> Example:
    return Example(article.text, tuple((span.start, span.end, span.label) for span in article.spans))


def spans_of(tags: Sequence[str], tokens: Tokens) -> list[SpanTuple]:
    """The spans that *tags* mean, in code points."""
    spans: list[SpanTuple] = []
    for at, tag in enumerate(tags):
        if tag.startswith("B-"):
            spans.append((int(tokens.starts[at]), int(tokens.ends[at]), tag[2:]))
        elif tag.startswith("I-"):
            spans[-1] = (spans[-1][0], int(tokens.ends[at]), tag[2:])
    return spans


def test_tags_give_back_the_gold_of_the_seeds(seeds: Sequence[GoldArticle], tokenizer: Tokenizer) -> None:
    """Every span whose edges are edges of tokens comes back as it was; in the seeds those are all."""
    total = whole = 0
    for article in seeds:
        tokens = tokenizer.encode(normalize(article.text))
        gold = list(example_of(article).spans)
        exact = [span for span in gold if span[0] in tokens.starts and span[1] in tokens.ends]
        found = spans_of(tag_tokens(tokens, gold), tokens)
        assert len(found) == len(gold)
        assert set(exact) <= set(found)
        total, whole = total + len(gold), whole + len(exact)
    assert whole / total > 0.98, f"{whole} of {total} gold spans begin and end with a token"


def test_a_token_that_two_spans_share_belongs_to_the_first() -> None:
    tokens = Tokens(np.arange(3), np.array([0, 4, 8]), np.array([4, 8, 12]), *np.zeros((2, 3), dtype=np.bool_))
    assert tag_tokens(tokens, [(0, 6, "PER"), (6, 12, "LOC")]) == ["B-PER", "I-PER", "B-LOC"]
    assert tag_tokens(tokens, [(5, 6, "PER"), (6, 7, "LOC")]) == ["O", "B-PER", "O"]


def test_tokens_of_one_character_are_all_inside(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.encode(normalize("۵﷼"))
    tags = tag_tokens(tokens, [(0, 2, "MON")])
    assert tags[0] == "B-MON"
    assert set(tags[1:]) == {"I-MON"}


@pytest.mark.parametrize("size", [12, 40, 254])
def test_windows_keep_spans_whole_and_lose_no_text(
    size: int, seeds: Sequence[GoldArticle], tokenizer: Tokenizer
) -> None:
    for article in seeds:
        example = example_of(article)
        kept = 0
        windows = list(windows_of(example, tokenizer, size))
        for window in windows:
            assert 0 < len(tokenizer.encode(normalize(window.text))) <= size + 1  # a piece cut off may split anew
            assert window.text in example.text
            for start, end, label in window.spans:
                assert any(window.text[start:end] == example.text[a:b] and label == c for a, b, c in example.spans)
            kept += len(window.spans)
        assert "".join("".join(window.text for window in windows).split()) == "".join(example.text.split())
        assert kept >= len(example.spans) * (0.99 if size == 254 else 0.6)


def test_packing_moves_the_spans_along(tmp_path: Path, tokenizer: Tokenizer) -> None:
    words = ["همدان", "قزوین", "کرمان", "ایلام"]
    (tmp_path / "a.conll").write_text("".join(f"شهر\tO\n{word}\tB-LOC\n.\tO\n\n" for word in words), encoding="utf-8")
    alone = read_examples(CorpusUse("a.conll"), tmp_path, NOWHERE, tokenizer)
    packed = read_examples(CorpusUse("a.conll", pack=12), tmp_path, NOWHERE, tokenizer)
    assert [each.text for each in alone] == [f"شهر {word}." for word in words]
    assert 1 < len(packed) < len(alone)
    assert " ".join(each.text for each in packed) == " ".join(each.text for each in alone)
    assert [each.text[a:b] for each in packed for a, b, _ in each.spans] == words
    assert all(len(tokenizer.encode(normalize(each.text))) <= 12 for each in packed)


def test_parts_divide_the_articles_and_stay_as_more_come() -> None:
    ids = [f"article-{number}" for number in range(200)]
    train, held_out = part_of(ids, "train"), part_of(ids, "held-out")
    assert train | held_out == part_of(ids, "all") == set(ids)
    assert not train & held_out
    assert 20 < len(held_out) < 60
    assert part_of(ids[:150], "held-out") == held_out & set(ids[:150])


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_few_articles_hold_out_at_least_one(count: int) -> None:
    ids = [f"a{number}" for number in range(count)]
    held_out = part_of(ids, "held-out")
    assert held_out
    assert count == 1 or part_of(ids, "train")


def test_the_gold_is_read_by_its_parts(seeds: Sequence[GoldArticle], tokenizer: Tokenizer) -> None:
    gold = Path(__file__).parents[2] / "annotations" / "gold"
    train, held_out = (
        read_examples(CorpusUse(GOLD, part=part), NOWHERE, gold, tokenizer) for part in ("train", "held-out")
    )
    assert {each.text for each in train + held_out} == {article.text for article in seeds}
    assert {each.text for each in read_path(gold)} == {article.text for article in seeds}


@pytest.mark.parametrize("row", ['{"text": "a"}', '{"text": "a", "spans": [{"start": 0}]}', "[1]"])
def test_a_row_without_what_it_needs_is_named(row: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(row + "\n")
    with pytest.raises(SourceError, match=r"a\.jsonl: each line must be an object with 'text' and 'spans'"):
        read_path(tmp_path / "a.jsonl")


def rows_of(corpora: Path, tokenizer: Tokenizer, **changes: object) -> dict[str, list[object]]:
    use = CorpusUse("seeds.jsonl", **changes)  # type: ignore[arg-type]
    examples = read_examples(use, corpora, NOWHERE, tokenizer)
    rows: dict[str, list[object]] = build_dataset([(use, examples)], tokenizer, 62)[:]
    return rows


def test_a_dataset_has_a_row_a_window(corpora: Path, tokenizer: Tokenizer) -> None:
    rows, twice = rows_of(corpora, tokenizer), rows_of(corpora, tokenizer, repeat=2, labels=("PER",))
    assert rows["row"] == list(range(len(rows["text"])))
    assert len(twice["text"]) == 2 * len(rows["text"])
    assert set(itertools.chain.from_iterable(twice["annotated"])) == {"PER"}  # type: ignore[arg-type]
    assert all(0 < length <= 63 for length in rows["length"])  # type: ignore[operator]


def test_inputs_have_a_set_a_token_and_none_for_the_special_ones(corpora: Path, tokenizer: Tokenizer) -> None:
    encoder = Encoder(tokenizer, TAGS, size=62, seed=1, augmentation=0.0)
    encoded = encoder(rows_of(corpora, tokenizer))
    for ids, sets in zip(encoded["input_ids"], encoded["labels"], strict=True):
        assert len(ids) == len(sets) <= 64
        assert (ids[0], ids[-1]) == (tokenizer.bos, tokenizer.eos)
        assert sets[0] == sets[-1] == IGNORED
        assert all(int(each).bit_count() == 1 for each in sets[1:-1])  # every label is annotated: one tag each


def test_outside_of_a_corpus_with_fewer_labels_is_a_set(corpora: Path, tokenizer: Tokenizer) -> None:
    encoder = Encoder(tokenizer, TAGS, size=62, seed=1, augmentation=0.0)
    encoded = encoder(rows_of(corpora, tokenizer, labels=("MON",)))
    counts = {int(each).bit_count() for sets in encoded["labels"] for each in sets[1:-1]}
    assert counts == {1, 1 + 2 * (len(CODES) - 1)}


def test_every_epoch_writes_in_another_way_and_the_same_one_in_the_same(corpora: Path, tokenizer: Tokenizer) -> None:
    rows = rows_of(corpora, tokenizer)

    def ids(epoch: int, share: float) -> str:
        encoder = Encoder(tokenizer, TAGS, size=62, seed=1, augmentation=share)
        encoder.epoch = epoch
        return json.dumps([each.tolist() for each in encoder(rows)["input_ids"]])

    assert ids(0, 0.9) == ids(0, 0.9) != ids(1, 0.9)
    assert ids(0, 0.0) == ids(1, 0.0)


def test_a_share_of_the_inputs_stands_below_a_line_with_a_date(corpora: Path, tokenizer: Tokenizer) -> None:
    rows = rows_of(corpora, tokenizer)

    def ids(heads: float) -> list[list[int]]:
        encoder = Encoder(tokenizer, TAGS, size=62, seed=1, augmentation=0.0, heads=heads)
        encoded = encoder(rows)
        assert all(len(a) == len(b) <= 64 for a, b in zip(encoded["input_ids"], encoded["labels"], strict=True))
        return [each.tolist() for each in encoded["input_ids"]]

    assert all(new != old for new, old in zip(ids(1.0), ids(0.0), strict=True))
