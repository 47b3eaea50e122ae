"""What holds for every format: bytes that depend on the articles alone, and outputs that are whole whatever happens."""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raqam.formats import KINDS, Annotated, Format, FormatError, open_writer
from tests.raqam.formats.items import EVERY, HOSTILE, ITEMS, write

FORMATS = pytest.mark.parametrize("format", list(Format))


def contents(target: Path) -> dict[str, bytes]:
    """Every file at *target* by its name in there."""
    files = sorted(target.rglob("*")) if target.is_dir() else [target]
    return {str(path.relative_to(target)): path.read_bytes() for path in files if path.is_file()}


@FORMATS
def test_the_same_articles_give_the_same_bytes(format: Format, tmp_path: Path) -> None:
    once = contents(write(format, tmp_path / "once", EVERY))
    again = contents(write(format, tmp_path / "again", EVERY, cut=3))
    assert once == again
    assert once


@FORMATS
@settings(max_examples=15)
@given(items=ITEMS, cuts=st.lists(st.integers(0, 6), max_size=4))
def test_however_the_calls_are_cut(format: Format, items: Sequence[Annotated], cuts: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        once = contents(write(format, Path(folder) / "once", items))
        edges = [0, *sorted(cuts), len(items)]
        with open_writer(format, Path(folder) / "cut") as writer:
            for start, end in pairwise(edges):
                writer.write(items[start:end])
        assert contents(Path(folder) / "cut") == once


@pytest.mark.parametrize("format", [format for format in Format if KINDS[format].streams])
def test_a_stream_gets_what_a_file_gets_and_stays_open(format: Format, tmp_path: Path) -> None:
    class Pipe(io.BytesIO):
        """A stream that only goes on, as standard output."""

        def seekable(self) -> bool:
            return False

    stream = Pipe()
    with open_writer(format, stream) as writer:
        writer.write(EVERY)
    assert not stream.closed
    assert stream.getvalue() == write(format, tmp_path / "file", EVERY).read_bytes()


@pytest.mark.parametrize("format", [format for format in Format if not KINDS[format].streams])
def test_what_does_not_stream_is_refused_by_name(format: Format) -> None:
    what = "folder" if KINDS[format].folder else "file"
    sentence = f"{format.value} cannot go to standard output: name the {what} to write."
    with pytest.raises(FormatError, match=f"^{sentence}$"), open_writer(format, io.BytesIO()):
        pass


@FORMATS
def test_an_error_inside_leaves_what_was_written(format: Format, tmp_path: Path) -> None:
    whole = contents(write(format, tmp_path / "whole", HOSTILE[:3]))
    with suppress(KeyboardInterrupt), open_writer(format, tmp_path / "broken") as writer:
        writer.write(HOSTILE[:3])
        raise KeyboardInterrupt
    assert contents(tmp_path / "broken") == whole


@FORMATS
def test_where_nothing_can_be_written(format: Format, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file or directory"), open_writer(format, tmp_path / "absent" / "out"):
        pass


@pytest.mark.parametrize(
    ("format", "package", "extra"),
    [
        (Format.PARQUET, "pyarrow", "parquet"),
        (Format.EXCEL, "xlsxwriter", "excel"),
        (Format.SPACY, "spacy", "spacy"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    format: Format, package: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # as where it is not installed
    with pytest.raises(FormatError) as caught, open_writer(format, tmp_path / "out"):
        pass
    assert str(caught.value) == (
        f"Writing {format.value} needs the package {package}, which cannot be imported here; install it with "
        f"pip install 'raqam[{extra}]'."
    )
    assert KINDS[format].package == extra
    assert not (tmp_path / "out").exists()
