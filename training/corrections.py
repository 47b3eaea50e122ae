"""Articles that people corrected on the page, which are trained on beside the gold."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from raqam.likeness import likeness
from training.gold import GoldArticle, read_gold


def read_corrections(folder: Path) -> list[GoldArticle]:
    """The corrected articles of ``*.json`` in *folder*, which may lack values and facts; none where it is not there.

    Raises :class:`GoldError` where something else is wrong with one.
    """
    return [read_gold(path, complete=False) for path in sorted(folder.glob("*.json"))]


def with_corrections(gold: Sequence[GoldArticle], corrections: Sequence[GoldArticle]) -> list[GoldArticle]:
    """*gold*, and *corrections* after it; one of the text of a gold article takes its place, and its id.

    So no text is there twice, and which articles are held out stays as it was. Texts are the same that the model cannot
    tell apart, or that differ in white space alone.
    """
    found = {likeness(article.text): article for article in gold}
    known = {words: article.id for words, article in found.items()}
    for article in corrections:
        words = likeness(article.text)
        found[words] = dataclasses.replace(article, id=known.get(words, article.id))
    return list(found.values())
