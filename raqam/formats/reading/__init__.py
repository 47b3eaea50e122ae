"""Formats in: what annotation tools and libraries give back, as annotated articles.

Every span is verified against the text that the file quotes for it, offsets in UTF-16 units are told from code points
by that, and what is wrong with one article costs no other. A module for each format; :func:`read` reads any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from raqam.formats.kinds import Format, FormatError, require
from raqam.formats.reading.brat import read_brat
from raqam.formats.reading.conll import read_conll
from raqam.formats.reading.docbin import read_docbin
from raqam.formats.reading.doccano import read_doccano
from raqam.formats.reading.drafts import Read, RefusedError, Rejection, clean, complete
from raqam.formats.reading.files import Files, open_files
from raqam.formats.reading.label_studio import read_label_studio
from raqam.formats.reading.records import Originals, read_gold, read_records

__all__ = ["GOLD", "READABLE", "Originals", "Read", "Rejection", "complete", "read"]

#: The name of the format of gold files, which is no format that a corpus is annotated into.
GOLD: Final = "gold"

_READERS: Final[Mapping[str, Callable[[Files, Originals], Iterator[Read | Rejection]]]] = {
    GOLD: read_gold,
    Format.LABEL_STUDIO: lambda files, _: read_label_studio(files),
    Format.DOCCANO: lambda files, _: read_doccano(files),
    Format.BRAT: read_brat,
    Format.CONLL: read_conll,
    Format.SPACY: lambda files, _: read_docbin(files),
    Format.JSONL: read_records,
}

#: The formats that can be read.
READABLE: Final = tuple(map(str, _READERS))


def read(
    format: str, source: Path | BinaryIO, *, originals: Originals = lambda id: None, limit: int | None = None
) -> Iterator[Read | Rejection]:
    """The annotated articles of *source*: a file, a folder, a zip, or a stream of one, which can seek and stays open.

    *originals* gives the texts of articles that are known: CoNLL and brat do not keep a text to the last character.
    Not more than *limit* bytes are unpacked. Raises :class:`raqam.formats.FormatError` where *format* is none of
    :data:`READABLE`, or its package is missing; whatever is wrong with *source* is a :class:`Rejection`.
    """
    if format not in _READERS:
        raise FormatError(f"'{format}' cannot be read; the formats that can are {', '.join(READABLE)}.")
    if format == Format.SPACY:
        require(Format.SPACY)
    return _read(format, source, originals, limit)


def _read(format: str, source: Path | BinaryIO, originals: Originals, limit: int | None) -> Iterator[Read | Rejection]:
    name = source.name if isinstance(source, Path) else "the file"
    try:
        with open_files(source, limit) as files:
            for found in _READERS[format](files, originals):
                yield found if isinstance(found, Read) else Rejection(clean(found.place), found.message)
    except RefusedError as error:
        yield Rejection(name, str(error))
    except OSError as error:
        yield Rejection(name, f"It cannot be read: {error.strerror or type(error).__name__}.")
