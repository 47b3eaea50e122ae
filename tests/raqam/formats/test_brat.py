"""brat, read by pybrat; where texts and names are hostile, by the rules of brat's own reader."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pybrat.parser import BratParser

from raqam.formats import Annotated, Format, brat
from raqam.formats.brat import INDEX, file_name
from raqam.labels import CODES
from tests.raqam.formats.items import EVERY, ITEMS, SHARE, annotated, spans_of, write


def index(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / INDEX).read_bytes().split(b"\n")[:-1]]


def check(folder: Path, items: Sequence[Annotated]) -> None:
    """Every span and fact is read by pybrat as it was, and the texts have the length of the articles."""
    examples = {example.id: example for example in BratParser().parse(folder)}
    entries = index(folder)
    assert [entry["id"] for entry in entries] == [item.record.id for item in items]
    assert {entry["file"] for entry in entries} == set(examples)
    for entry, item in zip(entries, items, strict=True):
        example, spans = examples[entry["file"]], item.record.spans
        text = str(example.text)
        assert len(text) == len(item.article.text)
        places = [(entity.spans[0].start, entity.spans[-1].end, entity.type) for entity in example.entities]
        assert [(*place, item.article.text[place[0] : place[1]]) for place in places] == spans_of(item)
        for entity in example.entities:
            assert entity.mention == " ".join(text[span.start : span.end] for span in entity.spans)
        assert [(relation.arg1.id, relation.arg2.id) for relation in example.relations] == [
            (f"T{fact.figure + 1}", f"T{fact.indicator + 1}") for fact in item.record.facts
        ]
        check_notes((folder / f"{entry['file']}.ann").read_bytes().decode(), item)
        assert len({(span.start, span.end) for span in spans}) == len(example.entities)


def check_notes(content: str, item: Annotated) -> None:
    """Scores, values and bounds are all there; no line is broken for any reader."""
    assert content.splitlines() == content.split("\n")[:-1]
    notes = [json.loads(note) for note in re.findall(r"^#\d+\tAnnotatorNotes T\d+\t(.*)$", content, re.MULTILINE)]
    assert notes == [{key: span.to_dict()[key] for key in ("score", "value")} for span in item.record.spans]
    bounds = re.findall(r"^A\d+\tBound T(\d+) (\w+)$", content, re.MULTILINE)
    values = [(str(at), span.value) for at, span in enumerate(item.record.spans, start=1)]
    assert bounds == [(at, value["bound"]) for at, value in values if value and "bound" in value]


def test_every_span_comes_back(tmp_path: Path) -> None:
    check(write(Format.BRAT, tmp_path / "out", EVERY), EVERY)


@settings(max_examples=40)
@given(items=ITEMS)
def test_so_do_random_ones(items: Sequence[Annotated]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(write(Format.BRAT, Path(folder) / "out", items), items)


def test_looks_so(tmp_path: Path) -> None:
    marks = (("رشد", "IND"), ("بانک \r\n مرکزی", "ORG"), ("-۵ درصد", "PCT", SHARE))
    item = annotated("رشد\r\nبانک \r\n مرکزی -۵ درصد", *marks, facts=[(0, 2)])
    folder = write(Format.BRAT, tmp_path / "out", [item])
    assert sorted(path.name for path in folder.iterdir()) == ["00000", "annotation.conf", "index.jsonl", "tools.conf"]
    assert (folder / "00000" / "0000000-a1.txt").read_bytes().decode() == "رشد \nبانک  \n مرکزی -۵ درصد"
    assert (folder / "00000" / "0000000-a1.ann").read_text("utf-8").split("\n") == [
        "T1\tIND 0 3\tرشد",
        "T2\tORG 5 9;13 18\tبانک مرکزی",
        "T3\tPCT 19 26\t-۵ درصد",
        "R1\tMeasures Arg1:T3 Arg2:T1",
        "A1\tBound T3 about",
        '#1\tAnnotatorNotes T1\t{"score": 0.993, "value": null}',
        '#2\tAnnotatorNotes T2\t{"score": 0.993, "value": null}',
        '#3\tAnnotatorNotes T3\t{"score": 0.993, "value": {"kind": "percent", "number": "-0.1", "bound": "about"}}',
        "",
    ]


def test_the_configuration_knows_every_type(tmp_path: Path) -> None:
    text = (write(Format.BRAT, tmp_path / "out", EVERY) / "annotation.conf").read_text("utf-8")
    sections = dict(re.findall(r"^\[(\w+)\]\n((?:.+\n)*)", text, re.MULTILINE))
    assert sections["entities"].split() == list(CODES)
    assert sections["relations"] == "Measures\tArg1:MON|PCT|QTY|CNT|RNK, Arg2:IND\n"
    assert sections["events"] == ""
    assert set(re.findall(r"^(\w+)\t", sections["attributes"], re.MULTILINE)) == {"Bound"}


@given(id=st.one_of(st.none(), st.text(), st.text("./\\\u200cن۱a_-", max_size=300)))
def test_names_are_safe(id: str | None) -> None:
    name = file_name(12, id)
    assert re.fullmatch(r"0000012(-\w([\w.-]*\w)?)?", name), name
    assert len(f"{name}.ann".encode()) <= 255


def test_a_folder_holds_so_many_articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brat, "FOLDER_ARTICLES", 4)
    folder = write(Format.BRAT, tmp_path / "out", EVERY, cut=3)
    assert len(list(folder.glob("*/"))) == -(-len(EVERY) // 4)
    assert len(list((folder / "00000").iterdir())) == 8
    check(folder, EVERY)
