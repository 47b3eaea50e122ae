"""Corrected articles in the formats that a corpus is annotated into, as one file: of a folder, its zip."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

from raqam import Article, Record
from raqam.formats import KINDS, Annotated, Format, open_writer, require
from raqam.formats.label_studio import open_label_studio
from raqam.formats.reading import GOLD
from raqam.formats.streams import StreamWriter
from raqam.records import check_published
from serving.corrections.gold import EPOCH, write_zip
from serving.corrections.rows import Stored

#: Formats that do not keep a text to the last character: the key tells of which article one without an id is.
_KEYED: Final = (Format.CONLL, Format.BRAT)
#: Articles that are written at a time.
_TOGETHER: Final = 50


def name_of(format: str) -> str:
    """The name of the file of *format*."""
    folder = format == GOLD or KINDS[Format(format)].folder
    suffix = ".zip" if folder else KINDS[Format(format)].suffix
    return f"raqam-{format}{suffix}"


def check(format: str) -> None:
    """Raise :class:`raqam.formats.FormatError` where *format* needs a package that is not here."""
    if format != GOLD:
        require(Format(format))


def write(format: str, articles: Iterable[Stored], file: IO[bytes]) -> None:
    """Write *articles* to *file*; the same ones give the same bytes. A few are in memory at a time."""
    if format == GOLD:
        write_zip(articles, file)
        return
    kind = KINDS[Format(format)]
    if format == Format.LABEL_STUDIO:
        _write_all(open_label_studio(file, corrected=True), articles)  # type: ignore[arg-type]
    elif format == Format.JSONL:
        _write_all(StreamWriter(file, _line), articles)  # type: ignore[arg-type]
    else:
        with TemporaryDirectory() as folder:
            target = Path(folder) / "articles"
            with open_writer(Format(format), target) as writer:
                for items in _parts(articles, format in _KEYED):
                    writer.write(items)
            if kind.folder:
                _zip(target, file)
            else:
                with target.open("rb") as written:
                    shutil.copyfileobj(written, file)


def annotated(stored: Stored, id: str | None) -> Annotated:
    """*stored* as it would come from the model."""
    annotation = stored.revision.annotation
    content = {"id": id, "model": annotation.model, "spans": annotation.spans, "facts": annotation.facts}
    return Annotated(Article(stored.text, id, check_published(stored.published)), Record.from_dict(content))


def _write_all(writer: StreamWriter, articles: Iterable[Stored]) -> None:
    with closing(writer):
        for items in _parts(articles):
            writer.write(items)


def _parts(articles: Iterable[Stored], keyed: bool = False) -> Iterator[Sequence[Annotated]]:
    rest = iter(articles)
    while part := [annotated(each, each.article if keyed and each.id is None else each.id)
                   for each in islice(rest, _TOGETHER)]:  # fmt: skip
        yield part


def _line(item: Annotated) -> bytes:
    """A record with its text, without which nobody could read it back."""
    published = None if item.article.published is None else item.article.published.isoformat()
    row = {**item.record.to_dict(), "published": published, "text": item.article.text}
    return (json.dumps(row, ensure_ascii=False) + "\n").encode()


def _zip(folder: Path, file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as content, archive.open(entry, "w") as packed:
                shutil.copyfileobj(content, packed)
