"""Random texts with everything that Persian news hold and then some, their variants, and what must be true of each."""

from __future__ import annotations

from typing import Final

import numpy as np
from hypothesis import strategies as st

from raqam.characters import is_mark
from raqam.text import NormalizedText
from raqam.tokens import Tokens

_NEWS: Final = (
    "استاندار همدان گفت: ۶۶۰۰ میلیارد تومان و ۴۷ درصد. سرمایهگذاری سرمايه‌گذاري می‌شود ميشود ملت‌ها تأمین خانۀ "
    "اِستان، «بانک» مؤسسه مسئله قُرآن 12.5 ٣٤٫٥ ۱۴۰۴/۰۶/۱۶ A4 $ <s> </s> <pad> [SEP] ▁"
)
WORDS: Final = _NEWS.split(" ")
CHARACTERS: Final = (
    "آاأإٱبیيىےکكگهۀةؤئء"  # letters, Persian and Arabic
    "059٠٥٩۰۵۹०५९"  # digits of four scripts
    "\u200c\u200d\u200b\u00ad\u00ac\u0640\ufeff"  # joiners and what passes for them
    "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2069"  # bidirectional controls
    "\u064b\u064e\u0650\u0651\u0653\u0654\u0670\u0301\u20dd"  # combining marks
    "﷼ﷺﻻﷲ½②ﬁÅé한"  # characters that stand for several
    "😀👨👩\ufe0f🇮🇷𐎠𝟙𠀀\U0010ffff"  # emoji and other astral code points
    " \t\r\n\0\x1f\x85\xa0\u2028\u3000"  # spaces, line ends and controls
    ".,،؛؟!?%٪٬٫/«»\"'()-–▁"
)
_PARTS: Final = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(CHARACTERS),
    st.sampled_from(["\r\n", "و\u0654", "ي\u0654", "ا\u0653", "👨\u200d👩", ". ", " "]),
    st.characters(exclude_categories=["Cs"]),
)
TEXTS: Final = st.lists(_PARTS, max_size=40).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda between: between.join(parts))
)

#: Ways in which one text arrives, each as what is replaced and by what.
ARABIC_LETTERS: Final = str.maketrans({"ی": "ي", "ک": "ك"})
ARABIC_DIGITS: Final = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩")
LATIN_DIGITS: Final = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
LOST_JOINERS: Final = str.maketrans({"\N{ZERO WIDTH NON-JOINER}": None})
VARIANTS: Final = (ARABIC_LETTERS, ARABIC_DIGITS, LATIN_DIGITS, LOST_JOINERS)


def check_alignment(normalized: NormalizedText) -> None:
    """The copy has one range of the original for each character, in order, inside, with the marks that hang on it."""
    original, starts, ends = normalized.original, normalized.starts, normalized.ends
    assert starts.shape == ends.shape == (len(normalized.text),)
    assert starts.dtype == ends.dtype == np.int32
    assert (np.diff(starts) >= 0).all()
    assert (np.diff(ends) >= 0).all()
    assert (starts < ends).all()
    if len(starts):
        assert starts[0] >= 0
        assert ends[-1] <= len(original)
    last = np.append(starts[:-1] < starts[1:], len(starts) > 0)[: len(starts)]  # of what one range stands for
    after = {original[end] for end in ends[last].tolist() if end < len(original)}
    assert not any(map(is_mark, after))  # each mark is taken in


def check_ranges(normalized: NormalizedText, start: int, end: int) -> None:
    """A range of the copy comes back from the original as itself, or wider where one character stands for several."""
    first, last = normalized.to_original(start, end)
    assert 0 <= first <= last <= len(normalized.original)
    assert (first < last) == (start < end)
    again = normalized.to_normalized(first, last)
    if start < end:
        assert again[0] <= start < end <= again[1]
        assert normalized.to_original(*again) == (first, last)
    else:
        assert again[0] == again[1]


def check_tokens(tokens: Tokens, text: str) -> None:
    """Every token lies inside *text*, they are in order, and none is empty."""
    arrays = {"ids": np.int64, "starts": np.int32, "ends": np.int32, "breaks": np.bool_}
    assert all(getattr(tokens, name).dtype == dtype for name, dtype in arrays.items())
    assert {getattr(tokens, name).shape for name in arrays} == {(len(tokens),)}
    assert (np.diff(tokens.starts) >= 0).all()
    assert (np.diff(tokens.ends) >= 0).all()
    assert (tokens.starts < tokens.ends).all()
    if len(tokens):
        assert tokens.starts[0] >= 0
        assert tokens.ends[-1] <= len(text)
