"""docs/formats.md shows what is written, says every field of it, and its programs run."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from raqam.formats import KINDS, Annotated, Format
from raqam.formats.figures import COLUMNS
from raqam.formats.label_studio import CONFIGURATION
from raqam.formats.parquet import VALUE
from raqam.records import Article, Fact, Record, Span
from tests.raqam.formats.items import write

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = (ROOT / "docs" / "formats.md").read_text("utf-8")
SECTIONS: Final = {part.partition("\n")[0]: part for part in re.split("^## ", PAGE, flags=re.MULTILINE)}

#: What the programs of the page call the outputs.
NAMES: Final = {
    Format.JSONL: "records.jsonl",
    Format.PARQUET: "records.parquet",
    Format.CSV: "figures.csv",
    Format.EXCEL: "figures.xlsx",
    Format.CONLL: "records.conll",
    Format.BRAT: "records",
    Format.SPACY: "records",
    Format.WEB_ANNOTATION: "records.jsonld",
}
TITLES: Final = {
    Format.JSONL: "JSON Lines",
    Format.PARQUET: "Parquet",
    Format.CSV: "CSV of figures",
    Format.EXCEL: "Excel of figures",
    Format.CONLL: "CoNLL",
    Format.BRAT: "brat",
    Format.DOCCANO: "doccano",
    Format.LABEL_STUDIO: "Label Studio",
    Format.SPACY: "spaCy",
    Format.WEB_ANNOTATION: "Web Annotation",
}


def blocks(section: str, language: str) -> list[str]:
    """The blocks of *language* in *section*, each with its last line end."""
    return re.findall(rf"^```{language}\n(.*?)^```$", SECTIONS[section], re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def item() -> Annotated:
    """The article and the record of the page."""
    found: dict[str, Any] = json.loads(blocks("JSON Lines", "json")[0])
    spans = tuple(Span(**span) for span in found["spans"])
    facts = tuple(Fact(**fact) for fact in found["facts"])
    text = blocks(next(iter(SECTIONS)), "text")[0].rstrip("\n")
    return Annotated(
        Article(text, found["id"], dt.date(2025, 9, 25)), Record(found["id"], found["model"], spans, facts)
    )


def test_the_article_is_of_a_seed(item: Annotated) -> None:
    (name,) = re.findall(r"`(seeds/\S+\.txt)`", PAGE)
    assert item.article.text in (ROOT / name).read_text("utf-8")


def test_every_format_is_listed_with_its_kind() -> None:
    rows = re.findall(r"^\| \[`([a-z-]+)`\]\(#([a-z-]+)\) \| ([^|]+) \| ([^|]*)\| ([^|]*)\|", PAGE, re.MULTILINE)
    assert [row[0] for row in rows] == [format.value for format in Format]
    for name, anchor, output, suffix, needs in rows:
        kind = KINDS[Format(name)]
        assert anchor == TITLES[Format(name)].lower().replace(" ", "-")
        assert output.startswith("a folder" if kind.folder else "a file")
        assert ("not standard output" in output) == (not kind.streams and not kind.folder)
        assert not suffix.strip() or suffix.strip() == f"`{kind.suffix}`"
        assert needs.strip() == (f"`raqam[{kind.package}]`" if kind.package else "")


def test_the_columns_of_figures_are_listed_in_order() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", SECTIONS["CSV of figures"], re.MULTILINE)
    assert tuple(re.findall(r"`(\w+)`", " ".join(rows))) == COLUMNS


def test_the_fields_of_values_are_listed_with_their_types() -> None:
    rows = re.findall(
        r"^\| ([`\w, ]+) \| (string|bool|date32) \|", SECTIONS["Parquet"].split("spans.value` |")[-1], re.M
    )
    listed = {name: kind for names, kind in rows for name in re.findall(r"`(\w+)`", names)}
    assert listed == {name: "date32" if kind == "date" else kind for name, kind in VALUE.items()}


def test_examples_are_what_is_written(item: Annotated, tmp_path: Path) -> None:
    def written(format: Format) -> str:
        return write(format, tmp_path / format.value, [item]).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")

    assert blocks("CSV of figures", "csv") == [written(Format.CSV)]
    assert blocks("CoNLL", "text") == [written(Format.CONLL).removesuffix("\n")]
    assert [json.loads(block) for block in blocks("doccano", "json")] == [json.loads(written(Format.DOCCANO))]
    assert [json.loads(block) for block in blocks("Label Studio", "json")] == [json.loads(written(Format.LABEL_STUDIO))]
    assert blocks("Label Studio", "xml") == [CONFIGURATION]
    items = json.loads(written(Format.WEB_ANNOTATION))["first"]["items"]
    assert [json.loads(block) for block in blocks("Web Annotation", "json")] == [items[4], items[6]]
    (notes,) = write(Format.BRAT, tmp_path / "brat", [item]).glob("*/*.ann")
    assert blocks("brat", "text") == [notes.read_text("utf-8")]


@pytest.mark.parametrize("format", NAMES)
def test_programs_run(format: Format, item: Annotated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(format, Path(NAMES[format]), [item])
    (program,) = blocks(TITLES[format], "python")
    names: dict[str, Any] = {}
    exec(compile(program, f"docs/formats.md: {TITLES[format]}", "exec"), names)
    name, expected = RESULTS[format]
    assert len(names[name])
    assert expected is ... or names[name] == expected


#: A name that each program leaves, and what it must be there (where that is short).
RESULTS: Final[dict[Format, tuple[str, Any]]] = {
    Format.JSONL: ("records", ...),
    Format.PARQUET: ("money", ["37000000000000", "66000000000000"]),
    Format.CSV: ("figures", ...),
    Format.EXCEL: ("figures", ...),
    Format.CONLL: (
        "entities",
        [[("IND", 0, 1), ("LOC", 2, 3), ("DAT", 5, 7), ("MON", 9, 11), ("MON", 15, 17)], []],
    ),
    Format.BRAT: ("spans", ...),
    Format.SPACY: ("entities", ...),
    Format.WEB_ANNOTATION: ("annotations", ...),
}
