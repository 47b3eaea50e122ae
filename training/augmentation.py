"""Write a training text as other sites would: non-joiners lost or spaced, Arabic letters, other digits, lost spaces.

The normalizer already gives one copy for most of these; what it cannot mend (a non-joiner that became a space, words
run together) the model must see.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final

SpanTuple = tuple[int, int, str]

ZWNJ: Final = "\N{ZERO WIDTH NON-JOINER}"
_ARABIC: Final = str.maketrans("یک", "يك")
_DIGITS: Final = ("0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩")

#: Share of the spaces between two letters that are lost where spaces are lost.
_LOST_SPACES: Final = 0.03


def augment(text: str, spans: Sequence[SpanTuple], rng: random.Random) -> tuple[str, list[SpanTuple]]:
    """Return *text* written in one other way, drawn by *rng*, with its spans moved along.

    >>> augment("می‌شود ۵ تن", [(7, 11, "QTY")], random.Random(2))
    ('میشود ۵ تن', [(6, 10, 'QTY')])
    """
    way = rng.choice((drop_joiners, space_joiners, arabic_letters, other_digits, lose_spaces))
    return apply(way(text, rng), spans)


def drop_joiners(text: str, _: random.Random) -> list[str]:
    """Every non-joiner lost."""
    return ["" if character == ZWNJ else character for character in text]


def space_joiners(text: str, _: random.Random) -> list[str]:
    """Every non-joiner a space."""
    return [" " if character == ZWNJ else character for character in text]


def arabic_letters(text: str, _: random.Random) -> list[str]:
    """Arabic letters for Persian ones, and no non-joiners, as in texts of old sites."""
    return [" " if character == ZWNJ else character.translate(_ARABIC) for character in text]


def other_digits(text: str, rng: random.Random) -> list[str]:
    """Digits of one set, Latin, Persian or Arabic."""
    digits = rng.choice(_DIGITS)
    return [digits[int(character)] if character.isdecimal() else character for character in text]


def lose_spaces(text: str, rng: random.Random) -> list[str]:
    """A few spaces between letters lost, as where lines were joined."""

    def lost(at: int) -> bool:
        inside = 0 < at < len(text) - 1 and text[at - 1].isalpha() and text[at + 1].isalpha()
        return text[at] == " " and inside and rng.random() < _LOST_SPACES

    return ["" if lost(at) else character for at, character in enumerate(text)]


def apply(characters: Sequence[str], spans: Sequence[SpanTuple]) -> tuple[str, list[SpanTuple]]:
    """Join *characters*, one string for each character of the old text, and move *spans* along."""
    offsets = [0]
    for character in characters:
        offsets.append(offsets[-1] + len(character))
    moved = [(offsets[start], offsets[end], label) for start, end, label in spans]
    return "".join(characters), [span for span in moved if span[0] < span[1]]


Way = Callable[[str, random.Random], list[str]]
