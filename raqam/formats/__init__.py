"""Formats out: annotated articles as JSON Lines, tables, or what annotation tools and libraries read.

Every format gives the spans back exactly, in code points of the article as it came, and the same articles in the same
order give the same bytes. A module for each; :func:`open_writer` opens any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from raqam.formats import conll, doccano, jsonl, web_annotation
from raqam.formats.brat import BratWriter
from raqam.formats.delimited import open_csv
from raqam.formats.docbin import DocBinWriter
from raqam.formats.excel import ExcelWriter
from raqam.formats.kinds import KINDS, Annotated, Format, FormatError, Kind, Writer, format_of, require
from raqam.formats.label_studio import open_label_studio
from raqam.formats.parquet import ParquetWriter
from raqam.formats.streams import StreamWriter, open_output

__all__ = [
    "KINDS",
    "Annotated",
    "Format",
    "FormatError",
    "Kind",
    "Writer",
    "format_of",
    "open_output",
    "open_writer",
    "require",
]

_FILES: Final[Mapping[Format, Callable[[BinaryIO], Writer]]] = {
    Format.JSONL: lambda output: StreamWriter(output, jsonl.encode),
    Format.PARQUET: ParquetWriter,
    Format.CSV: open_csv,
    Format.EXCEL: ExcelWriter,
    Format.CONLL: lambda output: StreamWriter(output, conll.encode),
    Format.DOCCANO: lambda output: StreamWriter(output, doccano.encode),
    Format.LABEL_STUDIO: open_label_studio,
    Format.WEB_ANNOTATION: lambda output: StreamWriter(output, web_annotation.encode),
}
_FOLDERS: Final[Mapping[Format, Callable[[Path], Writer]]] = {
    Format.BRAT: BratWriter,
    Format.SPACY: DocBinWriter,
}


@contextmanager
def open_writer(format: Format, target: Path | BinaryIO) -> Iterator[Writer]:
    """Open a writer of *format* to *target*: a path where nothing is yet, or a stream, which stays open.

    An exception inside the block leaves what was written, closed as the format wants it. Raises :class:`FormatError`
    where a package is missing or a stream cannot take the format; and :class:`OSError`.
    """
    require(format)
    if not isinstance(target, Path) and not KINDS[format].streams:
        what = "folder" if KINDS[format].folder else "file"
        raise FormatError(f"{format.value} cannot go to standard output: name the {what} to write.")
    with ExitStack() as stack:
        if not isinstance(target, Path):
            writer = _FILES[format](target)
        elif format in _FOLDERS:
            writer = _FOLDERS[format](target)
        else:
            writer = _FILES[format](stack.enter_context(target.open("wb")))
        yield stack.enter_context(closing(writer))
