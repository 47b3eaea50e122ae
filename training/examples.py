"""From corpora to what a model trains on: windows of text with spans, tokens with the tags each may have."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np
from numpy.typing import NDArray

from raqam.errors import SourceError
from raqam.labels import OUTSIDE
from raqam.likeness import likeness
from raqam.text import normalize
from raqam.tokens import Tokenizer, Tokens
from raqam.windows import cut
from training.augmentation import SpanTuple, augment, head
from training.corpora import join, read_conll, read_jsonl
from training.corrections import read_corrections, with_corrections
from training.gold import read_folder
from training.loss import IGNORED, outside_set
from training.recipe import CorpusUse

GOLD = "gold"

#: The first byte of the sha256 of an id, below which its article is held out: a fifth of all values.
_HELD_OUT = 256 // 5


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its spans (start, end, label: half-open code points), sorted and flat."""

    text: str
    spans: tuple[SpanTuple, ...]


def read_examples(
    use: CorpusUse, corpora: Path, gold: Path, tokenizer: Tokenizer, corrections: Path | None = None
) -> list[Example]:
    """The examples of one corpus: *use*.path below *corpora*, or the articles in the folder *gold*.

    With the gold come the corrected articles in the folder *corrections*: see :func:`with_corrections`.
    """
    if use.path == GOLD:
        articles = read_folder(gold)
        if corrections is not None:
            articles = with_corrections(articles, read_corrections(corrections))
        kept = part_of([article.id for article in articles], use.part)
        return [Example(article.text, _triples(article.spans)) for article in articles if article.id in kept]
    path = corpora / use.path
    if use.pack and path.suffix == ".conll":
        return list(_packed(read_path(path), use.pack, tokenizer))
    return read_path(path)


def apart_from(examples: Iterable[Example], others: Iterable[Example]) -> list[Example]:
    """*examples* without the texts of *others*, such as those of a set that a model is judged by."""
    known = {likeness(each.text) for each in others}
    return [each for each in examples if likeness(each.text) not in known]


def read_path(path: Path) -> list[Example]:
    """The examples of a ``.conll`` file (one a sentence), a ``.jsonl`` file, or a folder of gold records."""
    if path.is_dir():
        return [Example(article.text, _triples(article.spans)) for article in read_folder(path)]
    if path.suffix == ".conll":
        joined = (join(sentence) for sentence in read_conll(path))
        return [Example(text, tuple(spans)) for text, spans in joined]
    try:
        return [Example(row["text"], _triples_of_row(row)) for row in read_jsonl(path)]
    except (KeyError, TypeError) as error:
        raise SourceError(
            f"{path}: each line must be an object with 'text' and 'spans' of 'start', 'end' and 'label': {error!r}.",
            reason="row",
        ) from error


def part_of(ids: Sequence[str], part: str) -> frozenset[str]:
    """The *ids* of a part: ``all``, ``held-out`` (a fifth, at least one) or ``train`` (the others).

    Which are held out depends on the ids alone, so that it stays as articles are added.

    >>> sorted(part_of(["a", "b", "c"], "train") | part_of(["a", "b", "c"], "held-out"))
    ['a', 'b', 'c']
    """
    if part == "all":
        return frozenset(ids)
    ranked = sorted(ids, key=lambda each: hashlib.sha256(each.encode()).hexdigest())
    held_out = {each for each in ids if hashlib.sha256(each.encode()).digest()[0] < _HELD_OUT} or set(ranked[:1])
    if len(held_out) == len(ids):
        held_out = set(ranked[:1])
    return frozenset(held_out if part == "held-out" else set(ids) - held_out)


def windows_of(example: Example, tokenizer: Tokenizer, size: int) -> Iterator[Example]:
    """Cut *example* into texts of at most *size* tokens, at sentence ends; spans across a cut are left out."""
    tokens = tokenizer.encode(normalize(example.text))
    for window in cut(tokens.breaks, size, 0):
        start = int(tokens.starts[window.start])
        end = int(tokens.ends[window.end - 1])
        inside = [(a - start, b - start, label) for a, b, label in example.spans if start <= a and b <= end]
        yield Example(example.text[start:end], tuple(inside))


def tag_tokens(tokens: Tokens, spans: Iterable[SpanTuple]) -> list[str]:
    """The BIO tag of each token; a token that two spans share belongs to the first.

    A character such as ﷼ gives several tokens with one range; all of them are inside.
    """
    tags = [OUTSIDE] * len(tokens)
    for start, end, label in spans:
        first = int(np.searchsorted(tokens.ends, start, side="right"))
        last = int(np.searchsorted(tokens.starts, end, side="left"))
        free = [at for at in range(first, last) if tags[at] == OUTSIDE]
        for number, at in enumerate(free):
            tags[at] = f"{'I' if number else 'B'}-{label}"
    return tags


class Encoder:
    """Turns rows of a dataset into model inputs, a share of them augmented, each epoch in another way.

    The same seed, epoch and row give the same input, so that a resumed run sees what an undisturbed one would.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        tags: Sequence[str],
        *,
        size: int,
        seed: int,
        augmentation: float,
        heads: float = 0.0,
    ) -> None:
        self.epoch = 0
        self._tokenizer, self._size, self._seed = tokenizer, size, seed
        self._augmentation, self._heads = augmentation, heads
        self._bits = {tag: 1 << k for k, tag in enumerate(tags)}
        self._tags = tuple(tags)

    def __call__(self, batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """Encode a batch of rows (``row``, ``text``, ``spans``, ``annotated``) to ``input_ids`` and ``labels``."""
        rows = zip(batch["row"], batch["text"], batch["spans"], batch["annotated"], strict=True)
        encoded = [self._encode(*row) for row in rows]
        return {"input_ids": [ids for ids, _ in encoded], "labels": [sets for _, sets in encoded]}

    def _encode(
        self, row: int, text: str, spans: list[dict[str, Any]], annotated: list[str]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        triples = [(span["start"], span["end"], span["label"]) for span in spans]
        rng = random.Random(f"{self._seed}:{self.epoch}:{row}")
        if rng.random() < self._heads:
            text, triples = head(text, triples, rng)
        if rng.random() < self._augmentation:
            text, triples = augment(text, triples, rng)
        tokens = self._tokenizer.encode(normalize(text))
        outside = outside_set(self._tags, frozenset(annotated))
        sets = [outside if tag == OUTSIDE else self._bits.get(tag, outside) for tag in tag_tokens(tokens, triples)]
        ids = [self._tokenizer.bos, *tokens.ids[: self._size], self._tokenizer.eos]
        return np.asarray(ids, np.int64), np.asarray([IGNORED, *sets[: self._size], IGNORED], np.int64)


def build_dataset(
    parts: Sequence[tuple[CorpusUse, list[Example]]], tokenizer: Tokenizer, size: int
) -> datasets.Dataset:
    """One row a window: ``row``, ``text``, ``spans``, ``annotated`` and ``length`` in tokens.

    Raises :class:`SourceError` where there is no row.
    """
    rows: list[dict[str, Any]] = []
    for use, examples in parts:
        windows = [window for example in examples for window in windows_of(example, tokenizer, size)]
        for window in windows * use.repeat:
            spans = [{"start": a, "end": b, "label": label} for a, b, label in window.spans]
            length = len(tokenizer.encode(normalize(window.text)))
            rows.append({"text": window.text, "spans": spans, "annotated": list(use.labels), "length": length})
    rows = [{"row": number, **row} for number, row in enumerate(rows) if row["length"]]
    if not rows:
        names = " and ".join(f"{use.path} (part: {use.part})" for use, _ in parts)
        raise SourceError(f"There is no article in {names}.", reason="empty")
    return datasets.Dataset.from_list(rows, features=_FEATURES)


_FEATURES = datasets.Features(
    {
        "row": datasets.Value("int64"),
        "text": datasets.Value("string"),
        "spans": datasets.List(
            {"start": datasets.Value("int64"), "end": datasets.Value("int64"), "label": datasets.Value("string")}
        ),
        "annotated": datasets.List(datasets.Value("string")),
        "length": datasets.Value("int64"),
    }
)


def _packed(sentences: Iterable[Example], size: int, tokenizer: Tokenizer) -> Iterator[Example]:
    """Join consecutive *sentences* into texts of up to *size* tokens."""
    text, spans, count = "", list[SpanTuple](), 0
    for sentence in sentences:
        length = len(tokenizer.encode(normalize(sentence.text)))
        if text and count + length > size:
            yield Example(text, tuple(spans))
            text, spans, count = "", [], 0
        at = len(text) + 1 if text else 0
        text = f"{text} {sentence.text}" if text else sentence.text
        spans += [(start + at, end + at, label) for start, end, label in sentence.spans]
        count += length
    if text:
        yield Example(text, tuple(spans))


def _triples(spans: Iterable[Any]) -> tuple[SpanTuple, ...]:
    return tuple((span.start, span.end, span.label) for span in spans)


def _triples_of_row(row: dict[str, Any]) -> tuple[SpanTuple, ...]:
    return tuple(sorted((span["start"], span["end"], span["label"]) for span in row["spans"]))
