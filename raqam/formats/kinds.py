"""The formats out: what each is called, what kind of output it is, and what a writer of one does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from raqam.errors import RaqamError
from raqam.records import Article, Record


class Format(StrEnum):
    """The formats that annotated articles are written in."""

    JSONL = "jsonl"
    PARQUET = "parquet"
    CSV = "csv"
    EXCEL = "xlsx"
    CONLL = "conll"
    BRAT = "brat"
    DOCCANO = "doccano"
    LABEL_STUDIO = "label-studio"
    SPACY = "spacy"
    WEB_ANNOTATION = "webannotation"


class FormatError(RaqamError):
    """A format cannot be written: its package is not installed, or the output is not one it can go to."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """An article and the record of its annotation."""

    article: Article
    record: Record


class Writer(Protocol):
    """Writes annotated articles in one format, in the order they come; how they are cut into calls changes no byte."""

    def write(self, items: Sequence[Annotated]) -> None: ...

    def close(self) -> None:
        """Write what is still held back, and what ends the format. Nothing can be written afterwards."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an output of a format is.

    ``suffix`` ends its name; a ``folder`` holds many files; one that ``streams`` may go to standard output;
    ``package`` is the extra of ``raqam`` that writing it needs.
    """

    suffix: str
    folder: bool = False
    streams: bool = True
    package: str | None = None


KINDS: Final[Mapping[Format, Kind]] = {
    Format.JSONL: Kind(".jsonl"),
    Format.PARQUET: Kind(".parquet", package="parquet"),
    Format.CSV: Kind(".csv"),
    Format.EXCEL: Kind(".xlsx", streams=False, package="excel"),
    Format.CONLL: Kind(".conll"),
    Format.BRAT: Kind("", folder=True, streams=False),
    Format.DOCCANO: Kind(".jsonl"),
    Format.LABEL_STUDIO: Kind(".json"),
    Format.SPACY: Kind("", folder=True, streams=False, package="spacy"),
    Format.WEB_ANNOTATION: Kind(".jsonld"),
}

#: The packages behind those extras.
_PACKAGES: Final[Mapping[Format, str]] = {
    Format.PARQUET: "pyarrow",
    Format.EXCEL: "xlsxwriter",
    Format.SPACY: "spacy",
}

#: The suffixes that name a format by themselves: ``.json`` may be many things.
_BY_SUFFIX: Final[Mapping[str, Format]] = {
    KINDS[format].suffix: format
    for format in (Format.JSONL, Format.PARQUET, Format.CSV, Format.EXCEL, Format.CONLL, Format.WEB_ANNOTATION)
}


def format_of(path: Path | None) -> Format:
    """The format that the suffix of *path* names; JSON Lines for another one, and for standard output (None).

    >>> format_of(Path("ارقام.CSV")), format_of(Path("records")), format_of(None)
    (<Format.CSV: 'csv'>, <Format.JSONL: 'jsonl'>, <Format.JSONL: 'jsonl'>)
    """
    return Format.JSONL if path is None else _BY_SUFFIX.get(path.suffix.lower(), Format.JSONL)


def require(format: Format) -> None:
    """Raise :class:`FormatError` unless the package that writing *format* needs is installed, if it needs any."""
    if format in _PACKAGES:
        load(_PACKAGES[format], format)


def load(module: str, format: Format) -> Any:
    """Import *module*, which writing *format* needs; raises :class:`FormatError` with how to install it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise FormatError(
            f"Writing {format.value} needs the package {_PACKAGES[format]}, which cannot be imported here; install it "
            f"with pip install 'raqam[{KINDS[format].package}]'."
        ) from error
