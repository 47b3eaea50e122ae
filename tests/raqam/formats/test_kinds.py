"""The table of formats, and the format that a name of a file tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from raqam.formats import KINDS, Format, format_of


def test_every_format_has_its_kind() -> None:
    assert set(KINDS) == set(Format)
    assert {format for format in Format if KINDS[format].folder} == {Format.BRAT, Format.SPACY}
    assert not any(kind.folder and (kind.streams or kind.suffix) for kind in KINDS.values())


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.jsonl", Format.JSONL),
        ("a.JSONL", Format.JSONL),
        ("a.parquet", Format.PARQUET),
        ("ارقام.csv", Format.CSV),
        ("a.b.xlsx", Format.EXCEL),
        ("a.conll", Format.CONLL),
        ("a.jsonld", Format.WEB_ANNOTATION),
        ("a.json", Format.JSONL),
        ("a", Format.JSONL),
        (".csv", Format.JSONL),
    ],
)
def test_a_suffix_tells_the_format(name: str, format: Format) -> None:
    assert format_of(Path("folder.csv", name)) is format


def test_standard_output_is_json_lines() -> None:
    assert format_of(None) is Format.JSONL
