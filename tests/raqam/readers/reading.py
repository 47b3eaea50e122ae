"""What the tests of readers share: to write a source, and to read all of it."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import zstandard

from raqam.errors import SourceError
from raqam.readers import Mark, Options, Row, Source
from raqam.records import Article

TEXT = "استاندار همدان امروز آمد."


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, **options: str) -> list[Article | SourceError]:
    """Everything *path* holds, in order."""
    return [row.found for row in Source(path, Options(**options)).rows()]


def marks(source: Source) -> list[tuple[Mark, int]]:
    """What a scan of *source* finds; its digest is that of the file."""
    digest = hashlib.sha256()
    found = list(source.scan(digest))
    assert source.path is not None
    if source.path.is_file():
        assert digest.digest() == hashlib.sha256(source.path.read_bytes()).digest()
    return found


def shape(row: Row) -> tuple[object, int, int | None]:
    """What two rows that are the same have in common."""
    found = row.found
    what = (str(found), found.reason, found.field) if isinstance(found, SourceError) else found
    return what, row.size, row.line


def ids(found: list[Article | SourceError]) -> list[str | None]:
    return [article.id for article in found if isinstance(article, Article)]


def errors(found: list[Article | SourceError]) -> list[str]:
    return [str(error) for error in found if isinstance(error, SourceError)]


PACKERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda content: zstandard.ZstdCompressor().compress(content),
}
