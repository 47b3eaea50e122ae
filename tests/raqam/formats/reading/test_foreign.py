"""Files as the tools themselves write them, and files that something is wrong with."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import spacy
from label_studio_sdk.converter.converter import Converter
from spacy.tokens import DocBin

from raqam.formats import Format
from raqam.formats.label_studio import CONFIGURATION
from raqam.formats.reading import Read, Rejection, complete, read
from tests.raqam.formats.items import annotated, spans_of, write

TEXT = "📈 صادرات همدان ۴۷ درصد رشد کرد"
MARKS = (("صادرات", "IND"), ("همدان", "LOC"), ("۴۷ درصد", "PCT"))
WANTED = [(2, 8, "IND", "صادرات"), (9, 14, "LOC", "همدان"), (15, 22, "PCT", "۴۷ درصد")]

Region = dict[str, Any]


def rows(*found: Any) -> BytesIO:
    return BytesIO("\n".join(json.dumps(row, ensure_ascii=False) for row in found).encode())


def parts(name: str, content: str) -> BytesIO:
    return packed({f"{name}.txt": TEXT, f"{name}.ann": content})


def packed(files: dict[str, str | bytes]) -> BytesIO:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream


def one(format: str, stream: BytesIO) -> Read:
    (found,) = read(format, stream)
    assert isinstance(found, Read), found
    return found


def refused(format: str, stream: BytesIO, **more: Any) -> str:
    (found,) = read(format, stream, **more)
    assert isinstance(found, Rejection), found
    return found.message


def region(start: int, end: int, label: str, quote: str | None = None, **more: Any) -> Region:
    text = {} if quote is None else {"text": quote}
    value = {"start": start, "end": end, "labels": [label], **text}
    return {"id": f"r{start}", "from_name": "label", "to_name": "text", "type": "labels", "value": value, **more}


REGIONS = [region(start, end, label, quote) for start, end, label, quote in WANTED]


def task(result: Sequence[Region] = REGIONS, text: str = TEXT, **annotation: Any) -> dict[str, Any]:
    """A task as the JSON export of Label Studio 1.23 has it."""
    return {
        "id": 7,
        "data": {"text": text},
        "annotations": [
            {
                "id": 3, "completed_by": 1, "result": [*result], "was_cancelled": False, "ground_truth": False,
                "created_at": "2025-01-01T10:00:00Z", "updated_at": "2025-01-01T10:00:00Z", "lead_time": 4.1,
                **annotation,
            }
        ],
        "drafts": [], "predictions": [], "meta": {}, "inner_id": 1, "project": 2,
    }  # fmt: skip


def tasks(*found: Any) -> BytesIO:
    return BytesIO(json.dumps([*found], ensure_ascii=False).encode())


def test_an_export_of_label_studio() -> None:
    found = one("label-studio", tasks(task()))
    assert spans_of(found) == WANTED
    assert (found.author, found.who, found.article.id, found.place) == ("person", "label-studio:1", "7", "[0] (task 7)")
    assert found.unvalued == {0, 1, 2}
    assert not found.linked
    whole = complete(found)
    assert whole.record.spans[2].value == {"kind": "percent", "number": "47", "bound": "exact"}
    assert [fact.to_dict() for fact in whole.record.facts] == [{"indicator": 0, "figure": 2}]


def test_the_truth_counts_then_what_was_changed_last_and_what_was_skipped_does_not() -> None:
    def spans(*annotations: dict[str, Any]) -> list[str]:
        found = one("label-studio", tasks({**task(), "annotations": [*annotations]}))
        return [span.label for span in found.record.spans]

    old, new, skipped, truth = (
        {"result": [each], "updated_at": f"2025-01-0{day}", **more}
        for each, day, more in zip(
            [*REGIONS, REGIONS[0]], (1, 2, 3, 1), ({}, {}, {"was_cancelled": True}, {"ground_truth": True}), strict=True
        )
    )
    assert spans(old, new) == spans(new, old) == spans(new, skipped, old) == ["LOC"]
    assert spans(truth, new) == ["IND"]
    assert spans({"result": []}) == []


def test_predictions_are_a_models_and_a_bare_task_is_nobodys() -> None:
    prediction = {"model_version": "other@2", "result": REGIONS, "score": 0.5}
    found = one("label-studio", tasks({"data": {"text": TEXT}, "predictions": [prediction]}))
    assert (found.author, found.record.model, spans_of(found)) == ("model", "other@2", WANTED)
    skipped = {**task(was_cancelled=True), "predictions": [12]}
    for bare in ({"data": {"text": TEXT}}, skipped):
        found = one("label-studio", tasks(bare))
        assert (found.author, spans_of(found)) == ("nobody", [])


def test_offsets_in_utf16_units_are_told_by_the_quotes() -> None:
    moved = [region(start + 1, end + 1, label, quote) for start, end, label, quote in WANTED]
    assert spans_of(one("label-studio", tasks(task(moved)))) == WANTED
    notes = "".join(f"T{at}\t{label} {start + 1} {end + 1}\t{quote}\n" for at, (start, end, label, quote) in
                    enumerate(WANTED))  # fmt: skip
    assert spans_of(one("brat", parts("a", notes))) == WANTED


def test_quotes_that_fit_neither_refuse_that_article_alone() -> None:
    wrong = [REGIONS[0], region(10, 15, "LOC", "همدان")]
    first, second = read("label-studio", tasks(task(wrong), task()))
    assert isinstance(first, Rejection)
    assert first.message.startswith("Span 1 (LOC, 10 to 15) does not have the text that it quotes, whether")
    assert "همدان" not in first.message
    assert isinstance(second, Read)


def test_white_space_at_edges_and_doubles_are_left_out() -> None:
    result = [*REGIONS, region(8, 15, "LOC", " همدان ")]
    assert spans_of(one("label-studio", tasks(task(result)))) == WANTED


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ([region(2, 8, "MISC", "صادرات")], "Span 0 has the label 'MISC'; the labels are PER, TTL"),
        ([*REGIONS, region(2, 14, "ORG")], r"The spans IND (2 to 8) and ORG (2 to 14) overlap"),
        ([region(2, 999, "LOC")], "Span 0 (LOC, 2 to 999) does not lie inside the text, which has 30 characters"),
        ([region(8, 2, "LOC")], "must begin before it ends"),
        ([region(8, 9, "LOC")], "nothing but white space"),
        ([{**region(2, 8, "LOC"), "value": {"start": "2", "end": 8, "labels": ["LOC"]}}], "no whole numbers"),
        ([{**region(2, 8, "LOC"), "value": {"start": 2, "end": 8, "labels": ["LOC", "FAC"]}}], "several labels"),
        ([region(2, 8, "LOC"), {**region(9, 14, "LOC"), "to_name": "title"}], "spans of several texts"),
        ([7], "must be an array of objects"),
    ],
)
def test_a_task_that_cannot_be_taken_says_why(result: list[Any], says: str) -> None:
    first, second = read("label-studio", tasks(task(result), task()))
    assert isinstance(first, Rejection)
    assert says in first.message
    assert isinstance(second, Read)


def test_a_region_that_a_person_changed_loses_the_value_it_had() -> None:
    note = {"meta": {"text": [json.dumps({"kind": "percent", "number": "4", "bound": "exact"})]}}
    kept = one("label-studio", tasks(task([region(15, 22, "PCT", "۴۷ درصد", **note)])))
    assert kept.record.spans[0].value == {"kind": "percent", "number": "4", "bound": "exact"}
    lost = one("label-studio", tasks(task([region(15, 22, "PCT", "۴۷ درصد", origin="prediction-changed", **note)])))
    assert lost.unvalued == {0}


def test_a_task_with_another_name_for_its_text() -> None:
    found = {**task(), "data": {"title": "رشد", "body": TEXT}}
    assert one("label-studio", tasks(found)).article.text == TEXT
    assert "not just one" in refused("label-studio", tasks({**found, "data": {"a": TEXT, "b": TEXT}}))


def test_what_the_converter_of_label_studio_makes_of_an_export(tmp_path: Path) -> None:
    export = tmp_path / "export.json"
    quiet = "استاندار همدان آمد"
    second = task([region(0, 8, "TTL", "استاندار"), region(9, 14, "LOC", "همدان")], quiet)
    export.write_bytes(tasks(task(), second).getvalue())
    converter = Converter(CONFIGURATION, str(tmp_path))
    converter.convert_to_json_min(str(export), str(tmp_path / "min"), is_dir=False)
    converter.convert_to_conll2003(str(export), str(tmp_path / "conll"), is_dir=False)
    (minimal,) = (tmp_path / "min").iterdir()
    found = list(read("label-studio", minimal))
    assert [spans_of(each) for each in found if isinstance(each, Read)] == [WANTED, spans_of(read_one(second))]
    (tokens,) = (tmp_path / "conll").iterdir()
    articles = [each for each in read("conll", tokens) if isinstance(each, Read)]
    assert [each.article.text for each in articles] == [TEXT, quiet]
    assert [spans_of(each) for each in articles] == [WANTED, spans_of(read_one(second))]


def read_one(row: dict[str, Any]) -> Read:
    return one("label-studio", tasks(row))


def test_json_min_that_is_ambiguous() -> None:
    minimal = {"id": 1, "text": TEXT, "annotation_id": 3, "annotator": 1}
    spans = [{"start": 2, "end": 8, "text": "صادرات", "labels": ["IND"]}]
    assert spans_of(one("label-studio", tasks({**minimal, "label": spans}))) == WANTED[:1]
    assert spans_of(one("label-studio", tasks({**minimal, "label": []}))) == []
    assert "Several of its fields" in refused("label-studio", tasks({**minimal, "label": spans, "other": spans}))
    assert "no task of Label Studio" in refused("label-studio", tasks({"text": TEXT}))


def test_a_task_in_json_min_that_nobody_annotated(tmp_path: Path) -> None:
    """As Label Studio 1.23.2 exports it when all tasks are asked for: it is no annotation without spans."""
    export = tmp_path / "export.json"
    export.write_bytes(tasks({**task(), "annotations": []}, task([])).getvalue())
    Converter(CONFIGURATION, str(tmp_path)).convert_to_json_min(str(export), str(tmp_path / "min"), is_dir=False)
    (minimal,) = (tmp_path / "min").iterdir()
    open_, empty = read("label-studio", minimal)
    assert isinstance(open_, Read)
    assert isinstance(empty, Read)
    assert (open_.author, open_.who) == ("nobody", None)
    assert (empty.author, empty.who) == ("person", "label-studio:1")


@pytest.mark.parametrize("published", ["", "2025-09-25T10:00:00", "۱۴۰۴/۰۷/۰۳", 5, {}])
@pytest.mark.parametrize("id", [True, {}, None])
def test_fields_of_label_studio_that_are_called_like_ours_cost_nothing(id: Any, published: Any) -> None:
    named = {"id": id, "published": published}
    minimal = {"text": TEXT, "annotation_id": 3, "annotator": 1, "label": [region(2, 8, "IND")["value"]], **named}
    for row in ({**task(), "data": {"text": TEXT, **named}}, minimal):
        found = one("label-studio", tasks(row))
        assert (found.article.id, found.article.published, found.author) == (None, None, "person")


LABELS = [[start, end, label] for start, end, label, _ in WANTED]


@pytest.mark.parametrize("name", ["label", "labels"])
def test_an_export_of_doccano(name: str) -> None:
    found = one("doccano", rows({"id": 5, "text": TEXT, name: LABELS, "Comments": []}))
    assert (spans_of(found), found.article.id, found.unvalued) == (WANTED, "5", frozenset({0, 1, 2}))


def test_an_export_of_doccano_with_relations() -> None:
    entities = [
        {"id": 10 + at, "label": label, "start_offset": start, "end_offset": end}
        for at, (start, end, label, _) in enumerate(WANTED)
    ]
    relations = [{"id": 1, "from_id": 12, "to_id": 10, "type": "measures"},
                 {"id": 2, "from_id": 11, "to_id": 10, "type": "near"}]  # fmt: skip
    found = one("doccano", rows({"id": 1, "text": TEXT, "entities": entities, "relations": relations}))
    assert spans_of(found) == WANTED
    assert [fact.to_dict() for fact in found.record.facts] == [{"indicator": 0, "figure": 2}]


def test_what_was_edited_in_doccano_keeps_the_values_of_what_was_not(tmp_path: Path) -> None:
    value = {"kind": "percent", "number": "47.0", "bound": "about"}
    marks = (*MARKS[:2], ("۴۷ درصد", "PCT", value))
    path = write(Format.DOCCANO, tmp_path / "out", [annotated(TEXT, *marks, facts=[(0, 2)])])
    row = json.loads(path.read_bytes())
    row["label"] = [*row["label"][1:], [23, 26, "EVT"]]
    found = one("doccano", rows(row))
    assert [(span.label, span.value) for span in found.record.spans] == [("LOC", None), ("PCT", value), ("EVT", None)]
    assert found.unvalued == {2}
    assert found.record.facts == ()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"text": TEXT}, "neither 'label' nor 'labels'"),
        ({"text": TEXT, "label": ["sport"]}, "must be [start, end, label]"),
        ({"text": "", "label": []}, "'text' is blank"),
        ({"text": "\ud800", "label": []}, "lone surrogate"),
        ([], "must be a JSON object"),
    ],
)
def test_lines_of_doccano_that_are_none(row: Any, says: str) -> None:
    stream = BytesIO(json.dumps(row).encode() + b"\n" + rows({"text": TEXT, "label": LABELS}).getvalue())
    first, second = read("doccano", stream)
    assert isinstance(first, Rejection)
    assert says in first.message
    assert (first.place, second.place) == ("line 1", "line 2")
    assert isinstance(second, Read)


def test_brat_with_pieces_relations_and_line_ends_of_windows() -> None:
    text = "بانک\r\nمرکزی ایران نرخ ۴۷ درصد"
    notes = (
        "T1\tORG 0 4;5 16\tبانک مرکزی ایران\r\nT7\tIND 17 20\tنرخ\nT2\tPCT 21 28\t۴۷ درصد\n"
        "R1\tMeasures Arg1:T2 Arg2:T7\t\nE1\tT1\nA1\tBound T2 exact\n"
        "#1\tAnnotatorNotes T1\tآیا درست است؟\n*\tEquiv T1 T2\n"
    )
    found = one("brat", packed({"x/a.txt": text, "x/a.ann": notes, "x/annotation.conf": "[entities]"}))
    assert [span[:3] for span in spans_of(found)] == [(0, 16, "ORG"), (17, 20, "IND"), (21, 28, "PCT")]
    assert found.article.id == "x/a"
    assert [fact.to_dict() for fact in found.record.facts] == [{"indicator": 1, "figure": 2}]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a.txt": TEXT}, "a.ann is not there"),
        ({"a.txt": TEXT, "a.ann": "T1 LOC 1 2 x"}, "Line 1 of the .ann"),
        ({"a.txt": TEXT, "a.ann": "T1\tLOC 2 8;15 22\tصادرات ۴۷ درصد"}, "in pieces with words between"),
        ({"a.txt": TEXT, "a.ann": "T1\tCity 9 14\tهمدان"}, "'City'"),
        ({"a.txt": b"\xff", "a.ann": ""}, "not valid UTF-8: see byte 0"),
        ({"a.doc": TEXT}, "There is no .txt"),
    ],
)
def test_folders_of_brat_that_are_none(files: dict[str, str | bytes], says: str) -> None:
    assert says in refused("brat", packed(files))


def test_conll_in_other_schemes() -> None:
    bioes = "صادرات S-IND\n۴۷ B-PCT\nدرصد E-PCT\n\n-DOCSTART- O\n\nهمدان U-LOC\n"
    start = "-DOCSTART- -X- O O\n\n"
    iob = f"{start}صادرات NN I-IND\n۴۷ CD I-PCT\nدرصد NN I-PCT\n\nآمد VB O\n\n{start}همدان NP I-LOC\n"
    for content, texts in (
        (bioes, ["صادرات ۴۷ درصد", "همدان"]),
        (iob, ["صادرات ۴۷ درصد\nآمد", "همدان"]),
    ):
        found = list(read("conll", BytesIO(content.encode())))
        assert [each.article.text for each in found if isinstance(each, Read)] == texts
        assert [[span.label for span in each.record.spans] for each in found if isinstance(each, Read)] == [
            ["IND", "PCT"], ["LOC"],
        ]  # fmt: skip
    assert "no tag such as" in refused("conll", BytesIO("همدان\tcity\n".encode()))


def test_documents_of_spacy_itself() -> None:
    doc = spacy.blank("fa")(TEXT)
    drawn = [doc.char_span(start, end, label) for start, end, label, _ in WANTED]
    doc.ents = [span for span in drawn if span is not None]
    assert len(doc.ents) == 3
    for bin in (DocBin(docs=[doc]), DocBin(docs=[doc], store_user_data=True)):
        found = one("spacy", BytesIO(bin.to_bytes()))
        assert (spans_of(found), found.unvalued, found.linked) == (WANTED, frozenset({0, 1, 2}), False)


@pytest.mark.parametrize(
    "content", [b"", b"x", zlib.compress(b"\x80"), zlib.compress(b"\xc1"), zlib.compress(b"\x91" * 100_000)]
)
def test_files_that_are_no_docbin(content: bytes) -> None:
    assert refused("spacy", BytesIO(content)) == "It is no file of DocBin, or it is damaged."


def test_nothing_is_unpacked_beyond_the_limit() -> None:
    bomb = packed({"a.txt": "ا" * 2_000_000, "a.ann": ""})
    assert "more than 1,000,000 bytes" in refused("brat", bomb, limit=1_000_000)
    assert "more than 1,000,000 bytes" in refused("spacy", BytesIO(zlib.compress(b"\0" * 2_000_000)), limit=1_000_000)


@pytest.mark.parametrize("format", ["gold", "label-studio", "doccano", "brat", "spacy"])
def test_damaged_files(format: str) -> None:
    for content in (b"PK\x03\x04 and then nothing", b"\xff\xfe\x00", b"[" * 100_000, b"[1" + b"0" * 5000 + b"]"):
        (found,) = read(format, BytesIO(content))
        assert isinstance(found, Rejection)
        assert found.message.endswith(".")
