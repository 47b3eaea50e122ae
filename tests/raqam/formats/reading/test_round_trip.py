"""What is written comes back: the same spans, values and facts, and the same bytes when it is written again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given, settings

from raqam import Article, Record, Span
from raqam.formats import Annotated, Format, FormatError
from raqam.formats.reading import GOLD, READABLE, Originals, Read, Rejection, complete, read
from tests.raqam.formats.items import EVERY, ITEMS, gold, spans_of, write
from tests.raqam.formats.items import GOLD as GOLD_FOLDER

EXACT = (Format.LABEL_STUDIO, Format.DOCCANO, Format.BRAT, Format.SPACY)
ALL = (*EXACT, Format.CONLL)


def articles(found: Sequence[Read | Rejection]) -> list[Read]:
    assert [each for each in found if isinstance(each, Rejection)] == []
    return [each for each in found if isinstance(each, Read)]


def content(path: Path) -> Mapping[str, bytes]:
    """Every file of *path*, or the only one that it is."""
    if path.is_file():
        return {"": path.read_bytes()}
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in path.rglob("*") if each.is_file()}


def zipped(folder: Path) -> BytesIO:
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        for name, each in content(folder).items():
            archive.writestr(name, each)
    return stream


def known(items: Sequence[Annotated]) -> Originals:
    """The texts of *items*, whose ids are made their own."""
    texts = {item.article.id: item.article.text for item in items}
    return texts.get


def numbered(items: Sequence[Annotated]) -> list[Annotated]:
    return [
        Annotated(replace(item.article, id=str(number)), replace(item.record, id=str(number)))
        for number, item in enumerate(items)
        if item.article.text.strip()
    ]


def check(format: Format, items: Sequence[Annotated], folder: Path, originals: Originals) -> None:
    written = write(format, folder / "one", items)
    found = articles(list(read(format, written, originals=originals)))
    assert [spans_of(each) for each in found] == [spans_of(item) for item in items]
    assert [each.article for each in found] == [item.article for item in items]
    assert content(write(format, folder / "two", found)) == content(written)
    if format is not Format.CONLL:
        # the values the format carries, which of Label Studio's are those that are there
        assert [span.value for each in found for span in each.record.spans] == [
            span.value for item in items for span in item.record.spans
        ]
        assert [each.record.facts for each in found] == [item.record.facts for item in items]
        assert [each.record.model for each in found] == [item.record.model for item in items]


@pytest.mark.parametrize("format", ALL)
def test_what_is_written_comes_back(format: Format, tmp_path: Path) -> None:
    items = numbered(EVERY)
    check(format, items, tmp_path, known(items))


@pytest.mark.parametrize("format", ALL)
@settings(max_examples=25, deadline=None)
@given(items=ITEMS)
def test_so_do_random_ones(format: Format, items: Sequence[Annotated]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        items = numbered(items)
        check(format, items, Path(folder), known(items))


@pytest.mark.parametrize("format", ALL)
@pytest.mark.parametrize("text", ["\ufeffهمدان", "\ufeff", "\ufeff\ufeffهمدان\r\nقم"])
def test_a_text_that_begins_with_a_byte_order_mark(format: Format, text: str, tmp_path: Path) -> None:
    spans = (Span(text.index("همدان"), text.index("همدان") + 5, "LOC", "همدان", 1.0),) if "همدان" in text else ()
    items = numbered([Annotated(Article(text), Record(None, "m@1", spans))])
    check(format, items, tmp_path, known(items))


@pytest.mark.parametrize("format", EXACT)
def test_ids_that_are_hostile_or_none(format: Format, tmp_path: Path) -> None:
    found = articles(list(read(format, write(format, tmp_path / "out", EVERY))))
    assert [(each.article.id, each.article.published) for each in found] == [
        (item.article.id, item.article.published) for item in EVERY
    ]


def test_of_a_conll_file_alone_words_and_labels_come_back(tmp_path: Path) -> None:
    found = articles(list(read(Format.CONLL, write(Format.CONLL, tmp_path / "out", EVERY))))
    assert [(each.article.id, each.article.published) for each in found] == [
        (item.article.id, item.article.published) for item in EVERY
    ]
    for each, item in zip(found, EVERY, strict=True):
        assert ["".join(text.split()) for *_, text in spans_of(each)] == [
            "".join(text.split()) for *_, text in spans_of(item)
        ]
        assert [span.label for span in each.record.spans] == [span.label for span in item.record.spans]
        assert "".join(each.article.text.split()) == "".join(item.article.text.split())


def test_of_brat_alone_line_ends_are_what_brat_counts(tmp_path: Path) -> None:
    found = articles(list(read(Format.BRAT, write(Format.BRAT, tmp_path / "out", EVERY))))
    assert [[span[:3] for span in spans_of(each)] for each in found] == [
        [span[:3] for span in spans_of(item)] for item in EVERY
    ]
    assert content(write(Format.BRAT, tmp_path / "again", found)) == content(tmp_path / "out")


@pytest.mark.parametrize("format", [Format.BRAT, Format.SPACY])
def test_a_zip_of_a_folder_is_as_good(format: Format, tmp_path: Path) -> None:
    items = gold()
    folder = write(format, tmp_path / "out", items)
    stream = zipped(folder)
    assert list(map(spans_of, articles(list(read(format, stream))))) == list(map(spans_of, items))
    assert not stream.closed


def test_records_with_their_texts_or_of_known_articles() -> None:
    items = numbered(EVERY)
    whole = [{**item.record.to_dict(), "text": item.article.text, "published": None} for item in items]
    for rows in (whole, [item.record.to_dict() for item in items]):
        stream = BytesIO("\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode())
        found = articles(list(read(Format.JSONL, stream, originals=known(items))))
        assert [each.record.to_dict() for each in found] == [item.record.to_dict() for item in items]
        assert all(each.linked and not each.unvalued for each in found)


def test_gold_files_by_themselves_in_a_folder_and_in_one_array() -> None:
    items, paths = gold(), sorted(GOLD_FOLDER.glob("*.json"))
    rows = [json.loads(path.read_bytes()) for path in paths]
    for source in (GOLD_FOLDER, zipped(GOLD_FOLDER), BytesIO(json.dumps(rows).encode())):
        found = articles(list(read(GOLD, source)))
        assert [each.article for each in found] == [item.article for item in items]
        assert [[span.value for span in each.record.spans] for each in found] == [
            [span.value for span in item.record.spans] for item in items
        ]
        assert [each.record.facts for each in found] == [item.record.facts for item in items]
        assert all(complete(each).record == each.record for each in found)
    assert spans_of(articles(list(read(GOLD, paths[0])))[0]) == spans_of(items[0])


def test_what_cannot_be_read_is_said() -> None:
    for name in ("csv", "xlsx", "parquet", "webannotation", "docx"):
        with pytest.raises(FormatError, match="the formats that can are gold, label-studio, doccano"):
            read(name, BytesIO())
    assert READABLE == ("gold", "label-studio", "doccano", "brat", "conll", "spacy", "jsonl")
