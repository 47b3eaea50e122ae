"""Whether every offset holds: random texts through normalization, tokenization, windows and decoding.

Each text is drawn by hypothesis from Persian words, joiners, bidirectional controls, combining marks, three sets of
digits, emoji, line ends and any other code point. It is normalized, tokenized with the tokenizer of a model folder,
cut into short windows, labelled at random and decoded. Checked: the alignment of the copy, the offsets of the tokens,
that the copy does not change with Arabic letters, digits or lost joiners, and that ``text[start:end] == span.text``
inside the text for every span. A text that fails is made as short as possible and printed.

Needs the extra ``dev`` (hypothesis). Run from the root of a checkout::

    python -m benchmarks.alignment --examples 100000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from numpy.typing import NDArray

from raqam import Annotator, Article, ModelError, Record
from raqam.annotator import find_model
from raqam.manifest import TOKENIZER_FILE, Manifest, read_manifest
from raqam.model import OnnxModel
from raqam.text import normalize
from raqam.tokens import Tokenizer
from tests.texts import TEXTS, VARIANTS, check_alignment, check_ranges, check_tokens

CHUNK = 2000  # examples of one run of hypothesis, which keeps all of a run in memory


class Noise(OnnxModel):
    """A model that labels at random; the same windows always in the same way."""

    def __init__(self, manifest: Manifest) -> None:
        self._tags = len(manifest.tags)

    def run(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        random = np.random.default_rng(int(ids.sum()))
        return random.normal(scale=4, size=(*ids.shape, self._tags)).astype(np.float32)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check as many texts as asked for; 0 when all of them hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=10_000, metavar="N", help="how many texts (default: 10,000)")
    parser.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    parser.add_argument("--seed", type=int, default=0, help="of the random texts (default: 0)")
    options = parser.parse_args(arguments)
    try:
        tokenizer, annotator = load(find_model() if options.model is None else options.model)
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    began = time.perf_counter()
    counts = run(tokenizer, annotator, options.examples, options.seed)
    print("| texts | characters | tokens | spans | failures | seconds |")
    print("|---:|---:|---:|---:|---:|---:|")
    names = ("texts", "characters", "tokens", "spans", "failures")
    print(f"| {' | '.join(f'{counts[name]:,}' for name in names)} | {time.perf_counter() - began:,.0f} |")
    return 1 if counts["failures"] else 0


def load(folder: Path) -> tuple[Tokenizer, Annotator]:
    """The tokenizer of *folder*, and an annotator with it that labels windows of 32 tokens at random."""
    manifest = replace(read_manifest(folder), window=32, overlap=8)
    tokenizer = Tokenizer.load(folder / TOKENIZER_FILE)
    return tokenizer, Annotator(manifest, tokenizer, Noise(manifest))


def run(tokenizer: Tokenizer, annotator: Annotator, examples: int, start: int) -> Counter[str]:
    """Check *examples* texts; a failure ends its run of CHUNK texts, and the next run goes on."""
    counts: Counter[str] = Counter()

    def check_counted(text: str) -> None:
        counts["texts"] += 1
        counts["characters"] += len(text)
        check(text, tokenizer, annotator, counts)

    for at in range(0, examples, CHUNK):
        chunk = settings(
            max_examples=min(CHUNK, examples - at), deadline=None, database=None, print_blob=False,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
        )  # fmt: skip
        try:
            seed(start + at)(chunk(given(TEXTS)(check_counted)))()
        except (AssertionError, Exception) as error:  # whatever it is, it is what we look for
            counts["failures"] += 1
            notes = "\n".join(getattr(error, "__notes__", []))
            print(f"{type(error).__name__}: {error}\n{notes}", file=sys.stderr, flush=True)
        if sys.stderr.isatty():
            print(f"\r{counts['texts']:,} texts", end="", file=sys.stderr, flush=True)
    return counts


def check(text: str, tokenizer: Tokenizer, annotator: Annotator, counts: Counter[str]) -> None:
    """Raise AssertionError if an offset of *text* does not hold."""
    normalized = normalize(text)
    check_alignment(normalized)
    check_ranges(normalized, 0, len(normalized.text))
    tokens = tokenizer.encode(normalized)
    check_tokens(tokens, text)
    counts["tokens"] += len(tokens)
    assert all(normalize(text.translate(variant)).text == normalized.text for variant in VARIANTS)
    if text.strip():
        record = annotator.annotate(Article(text))
        check_spans(text, record)
        counts["spans"] += len(record.spans)


def check_spans(text: str, record: Record) -> None:
    """Spans are pieces of *text*, in order, and do not overlap."""
    free = 0
    for span in record.spans:
        assert free <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
        free = span.end


if __name__ == "__main__":
    sys.exit(main())
