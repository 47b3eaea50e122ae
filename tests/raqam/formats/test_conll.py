"""CoNLL, read by the conllu package and by seqeval."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import conllu
import pytest
from hypothesis import given, settings
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, Entities

from raqam.formats import Annotated, Format
from tests.raqam.formats.items import EVERY, ITEMS, Found, annotated, spans_of, write

Sentence = list[tuple[str, str]]


def articles(path: Path) -> list[tuple[str | None, list[Sentence]]]:
    """The id and the sentences of every article, as docs/formats.md says to read them."""
    found: list[tuple[str | None, list[Sentence]]] = []
    for line in path.read_bytes().decode().split("\n"):
        if match := re.fullmatch("# id =(?: (.*))?", line):
            found.append((None if match[1] is None else json.loads(f'"{match[1]}"'), [[]]))
        elif line and not line.startswith("# "):
            token, tag = line.split("\t")
            found[-1][1][-1].append((token, tag))
        elif not line and found and found[-1][1][-1]:
            found[-1][1].append([])
    return [(id, [sentence for sentence in sentences if sentence]) for id, sentences in found]


def offsets(text: str, sentences: Sequence[Sentence]) -> Iterator[list[tuple[int, int]]]:
    """Where the tokens of each sentence stand in *text*: only white space lies between them."""
    at = 0
    for sentence in sentences:
        places = []
        for token, _ in sentence:
            start = text.index(token, at)
            assert not text[at:start].strip()
            at = start + len(token)
            places.append((start, at))
        yield places
    assert not text[at:].strip()


def spans_back(text: str, sentences: Sequence[Sentence]) -> Found:
    found = []
    for sentence, places in zip(sentences, offsets(text, sentences), strict=True):
        for label, first, last in get_entities([tag for _, tag in sentence]):
            start, end = places[first][0], places[last][1]
            found.append((start, end, label, text[start:end]))
    return found


def check(path: Path, items: Sequence[Annotated]) -> None:
    found = articles(path)
    assert [id for id, _ in found] == [item.record.id for item in items]
    for (_, sentences), item in zip(found, items, strict=True):
        assert spans_back(item.article.text, sentences) == spans_of(item)
        tags = [[tag for _, tag in sentence] for sentence in sentences]
        strict = Entities(tags, IOB2).entities
        assert sum(map(len, strict)) == len(item.record.spans)  # the tags are valid IOB2, none is dropped


def test_every_span_comes_back(tmp_path: Path) -> None:
    check(write(Format.CONLL, tmp_path / "out", EVERY), EVERY)


@settings(max_examples=50)
@given(items=ITEMS)
def test_so_do_random_ones(items: Sequence[Annotated]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(write(Format.CONLL, Path(folder) / "out", items), items)


def test_conllu_reads_the_same(tmp_path: Path) -> None:
    items = [item for item in EVERY if "#" not in item.article.text]  # of which it makes comments
    path = write(Format.CONLL, tmp_path / "out", items)
    with path.open(encoding="utf-8", newline="\n") as file:
        read = list(conllu.parse_incr(file, fields=("form", "tag")))
    expected = [sentence for _, sentences in articles(path) for sentence in sentences]
    assert [[(token["form"], token["tag"]) for token in sentence] for sentence in read] == expected
    named = [json.loads(f'"{sentence.metadata["id"]}"') for sentence in read if sentence.metadata.get("id")]
    assert named == [item.record.id for item in items if (item.record.id or "").strip()]


def test_looks_so(tmp_path: Path) -> None:
    item = annotated("رشد ۴۷٪ بود.\nدر استان قم!", ("۴۷٪", "PCT"), ("استان قم", "LOC"))
    assert write(Format.CONLL, tmp_path / "out", [item]).read_text("utf-8") == (
        "# id = a1\n# published = 2025-09-25\nرشد\tO\n۴۷\tB-PCT\n٪\tI-PCT\nبود\tO\n.\tO\n\n"
        "در\tO\nاستان\tB-LOC\nقم\tI-LOC\n!\tO\n\n"
    )


@pytest.mark.parametrize("id", ["# id = x", "a\nb", "\u2028", "\\n", '"', " ", ""])
def test_an_id_stays_on_its_line(id: str, tmp_path: Path) -> None:
    path = write(Format.CONLL, tmp_path / "out", [annotated("قم", ("قم", "LOC"), id=id)])
    assert len(path.read_text("utf-8").splitlines()) == 4
    assert articles(path) == [(id, [[("قم", "B-LOC")]])]
