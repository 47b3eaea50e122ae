"""spaCy, read by a blank Persian pipeline: the texts exactly, and every span as an entity."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from spacy.tokens import Doc, DocBin

from raqam.formats import Annotated, Format, docbin
from raqam.formats.docbin import KEY
from tests.raqam.formats.items import EVERY, HOSTILE, ITEMS, annotated, spans_of, write


def read(folder: Path) -> list[Doc]:
    vocabulary = spacy.blank("fa").vocab
    return [doc for path in sorted(folder.glob("*.spacy")) for doc in DocBin().from_disk(path).get_docs(vocabulary)]


def lists(value: Any) -> Any:
    """*value* with lists where spaCy gives tuples."""
    if isinstance(value, dict):
        return {key: lists(item) for key, item in value.items()}
    return [lists(item) for item in value] if isinstance(value, list | tuple) else value


def check(docs: Sequence[Doc], items: Sequence[Annotated]) -> None:
    for doc, item in zip(docs, items, strict=True):
        assert doc.text == item.article.text
        assert [(span.start_char, span.end_char, span.label_, span.text) for span in doc.ents] == spans_of(item)
        published = str(item.article.published) if item.article.published else None
        assert lists(doc.user_data[KEY]) == {**item.record.to_dict(), "published": published}


def test_every_span_comes_back(tmp_path: Path) -> None:
    check(read(write(Format.SPACY, tmp_path / "out", EVERY)), EVERY)


@settings(max_examples=30)
@given(items=ITEMS)
def test_so_do_random_ones(items: Sequence[Annotated]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(read(write(Format.SPACY, Path(folder) / "out", items)), items)


@pytest.mark.parametrize(("docs", "characters", "files"), [(4, 10**9, -(-len(HOSTILE) // 4)), (1000, 1, len(HOSTILE))])
def test_a_file_is_bounded(
    docs: int, characters: int, files: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docbin, "FILE_DOCS", docs)
    monkeypatch.setattr(docbin, "FILE_CHARACTERS", characters)
    folder = write(Format.SPACY, tmp_path / "out", HOSTILE, cut=3)
    assert [path.name for path in sorted(folder.iterdir())] == [f"{number:05}.spacy" for number in range(files)]
    check(read(folder), HOSTILE)


def test_no_articles_are_one_file_without_documents(tmp_path: Path) -> None:
    folder = write(Format.SPACY, tmp_path / "out", ())
    assert [path.name for path in folder.iterdir()] == ["00000.spacy"]
    assert read(folder) == []


def test_words_are_tokens_and_one_space_belongs_to_the_word_before(tmp_path: Path) -> None:
    item = annotated(" در  استان‌قم\n\nآمد ", ("استان‌قم", "LOC"))
    (doc,) = read(write(Format.SPACY, tmp_path / "out", [item]))
    assert [token.text_with_ws for token in doc] == [" ", "در ", " ", "استان‌قم", "\n\n", "آمد "]
