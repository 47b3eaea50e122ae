"""From normalized text to tokens: subword pieces with offsets into the original text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import tokenizers
from numpy.typing import NDArray

from raqam.errors import MismatchError, ModelNotFoundError
from raqam.text import NormalizedText

#: The names that the two families of BERT-like tokenizers give to the tokens around a window.
_SPECIALS: Final = {"bos": ("<s>", "[CLS]"), "eos": ("</s>", "[SEP]"), "pad": ("<pad>", "[PAD]")}

#: A sentence ends at a full stop, a question or exclamation mark before white space, or at a line end. A run of marks
#: is tried once, from its first and as a whole, so that a text of dots takes no longer than one of letters.
_SENTENCE_END: Final = re.compile(r"(?<![.!?؟])[.!?؟]++[\"'»)\]]*+(?=\s)|\n")

#: What a token goes on with, in :attr:`Tokens.joined`.
WORD: Final = 1
NUMBER: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of one text, without special tokens; every array has shape ``(n,)``.

    ``ids`` int64; ``starts`` and ``ends`` int32, half-open code points of the original text; ``breaks`` bool, True
    where a sentence ends with this token; ``joined`` int8, :data:`WORD` where it goes on with the word of the one
    before, :data:`NUMBER` where with its digits, else 0.
    """

    ids: NDArray[np.int64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    breaks: NDArray[np.bool_]
    joined: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.ids)


class Tokenizer:
    """A ``tokenizer.json`` over normalized text. Thread-safe: encoding changes nothing."""

    def __init__(self, inner: tokenizers.Tokenizer) -> None:
        inner.no_padding()
        inner.no_truncation()
        self._inner = inner
        self.bos, self.eos, self.pad = (self._special(name) for name in ("bos", "eos", "pad"))

    @classmethod
    def load(cls, path: Path) -> Tokenizer:
        """Read the tokenizer at *path*; raises :class:`ModelError` where there is none or it is not one."""
        if not path.is_file():
            raise ModelNotFoundError(f"There is no tokenizer at {path}.")
        try:
            return cls(tokenizers.Tokenizer.from_file(str(path)))
        except MismatchError:
            raise
        except Exception as error:  # tokenizers raises bare Exception for a file it cannot read
            raise MismatchError(f"{path} is not a tokenizer that this version reads.") from error

    @property
    def size(self) -> int:
        """The number of pieces, special tokens included."""
        return self._inner.get_vocab_size(with_added_tokens=True)

    def save(self, path: Path) -> None:
        """Write ``tokenizer.json`` to *path*."""
        self._inner.save(str(path))

    def pieces(self) -> list[str]:
        """Every piece, by id."""
        vocabulary = self._inner.get_vocab(with_added_tokens=True)
        return sorted(vocabulary, key=vocabulary.__getitem__)

    def encode(self, normalized: NormalizedText) -> Tokens:
        """Return the tokens of *normalized*, with offsets into its original."""
        encoding = self._inner.encode(normalized.text, add_special_tokens=False)
        offsets = np.asarray(encoding.offsets, dtype=np.int32).reshape(-1, 2)
        return Tokens(
            ids=np.asarray(encoding.ids, dtype=np.int64),
            starts=normalized.starts[offsets[:, 0]],
            ends=normalized.ends[offsets[:, 1] - 1],
            breaks=_breaks(normalized.text, offsets[:, 0]),
            joined=_joined(normalized.text, offsets),
        )

    def _special(self, name: str) -> int:
        for token in _SPECIALS[name]:
            if (found := self._inner.token_to_id(token)) is not None:
                return found
        raise MismatchError(f"The tokenizer has none of the special tokens {', '.join(_SPECIALS[name])}.")


def sentence_ends(text: str) -> list[int]:
    """Where the sentences of the normalized *text* end, each behind its mark; the last need not have one.

    >>> sentence_ends("رشد 4.5 درصد بود. چرا؟ آمد")
    [17, 22]
    """
    return [match.end() for match in _SENTENCE_END.finditer(text)]


def _breaks(text: str, starts: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Mark the last token of each sentence of the normalized *text*; *starts* are the tokens' offsets in it."""
    ends = sentence_ends(text)
    breaks = np.zeros(len(starts), dtype=np.bool_)
    last = np.searchsorted(starts, np.asarray(ends, dtype=np.int32), side="left") - 1
    breaks[last[last >= 0]] = True
    return breaks


def _joined(text: str, offsets: NDArray[np.int32]) -> NDArray[np.int8]:
    """Mark the tokens that begin right behind the one before, with letters, or digits, on both sides.

    *Shape:* (n, 2) to (n,).
    """
    joined = np.zeros(len(offsets), dtype=np.int8)
    for at in (np.flatnonzero(offsets[1:, 0] == offsets[:-1, 1]) + 1).tolist():
        start = offsets[at, 0]
        before, after = text[start - 1 : start], text[start : start + 1]
        if before.isalpha() and after.isalpha():
            joined[at] = WORD
        elif before.isdecimal() and after.isdecimal():
            joined[at] = NUMBER
    return joined
