"""The manifest of a job: all inputs read through once, and cut into shards that come out the same every time.

The manifest is lines of JSON: what the job is; the inputs that could not be found; the shards in order; how many there
are. It is read line by line, so that a corpus of any size takes no more memory than one shard.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from raqam import __version__
from raqam.batch.files import replacing
from raqam.batch.shards import Job, Piece, Rejection, Shard, changed, key_of, rejection, stamp_of
from raqam.errors import SourceError
from raqam.readers import Mark, Source

MANIFEST: Final = "manifest.jsonl"

#: Rows of a shard: with news of 1,700 characters about half a minute of work for one processor.
SHARD_ROWS: Final = 256

#: Bytes of its sources at which a shard ends, however few rows it has.
SHARD_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """How much there is to do, and the sha256 of the manifest that says what."""

    path: Path
    shards: int
    rows: int
    bytes: int
    sha256: str

    def __iter__(self) -> Iterator[Shard]:
        """Read the shards, one by one."""
        return (_shard(content["shard"]) for content in _lines(self.path) if "shard" in content)

    def missing(self) -> Iterator[Rejection]:
        """The inputs that could not be found."""
        return (Rejection(**content["missing"]) for content in _lines(self.path) if "missing" in content)


def make_plan(
    sources: Iterable[Source | SourceError],
    job: Job,
    rows: int = SHARD_ROWS,
    watch: Callable[[int], None] | None = None,
) -> Plan:
    """Read *sources* through, write the manifest of *job*, and return what it holds.

    A shard has at most *rows* rows, of one source or of several. *watch* is told of the bytes of each row. Raises
    :class:`raqam.batch.shards.JobError` where a source is changed meanwhile, :class:`SourceError` where the machine and
    not the source keeps it from being read, and OSError.
    """
    path = job.folder / MANIFEST
    inputs = list(sources)
    found = [source for source in inputs if isinstance(source, Source)]
    with replacing(path) as stream:
        manifest = _Manifest(stream)
        manifest.line({"raqam": __version__, "sha256": job.sha256, "options": asdict(job.options), "shard_rows": rows})
        for error in (error for error in inputs if isinstance(error, SourceError)):
            manifest.line({"missing": asdict(rejection(str(error).partition(": ")[0], None, error))})
        for number, pieces in enumerate(_cut(_pieces(found, rows, watch), rows)):
            manifest.shard(Shard(number, key_of(pieces, job), pieces))
        manifest.line({"end": {"shards": manifest.shards, "rows": manifest.rows, "bytes": manifest.bytes}})
    return Plan(path, manifest.shards, manifest.rows, manifest.bytes, manifest.digest.hexdigest())


class _Manifest:
    """The manifest while it is written. What it holds, but for the stamps of files, is its digest."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.shards = self.rows = self.bytes = 0

    def line(self, content: dict[str, Any], identity: object = None) -> None:
        self._stream.write((json.dumps(content) + "\n").encode())
        self.digest.update((json.dumps(identity or content) + "\n").encode())

    def shard(self, shard: Shard) -> None:
        self.shards, self.rows, self.bytes = self.shards + 1, self.rows + shard.rows, self.bytes + shard.bytes
        self.line({"shard": asdict(shard)}, shard.key)


def _pieces(sources: Iterable[Source], rows: int, watch: Callable[[int], None] | None) -> Iterator[Piece]:
    """Cut each of *sources* into pieces of at most *rows* rows and about :data:`SHARD_BYTES`."""
    for source in sources:
        name = str(source.path)
        stamp, digest = stamp_of(name), hashlib.sha256()
        cuts: list[tuple[Mark, int, int]] = []  # where a piece begins, its rows and its bytes
        for mark, size in source.scan(digest):
            if not cuts or cuts[-1][1] == rows or cuts[-1][2] >= SHARD_BYTES:
                cuts.append((mark, 0, 0))
            first, count, length = cuts[-1]
            cuts[-1] = (first, count + 1, length + size)
            if watch is not None:
                watch(size)
        if stamp_of(name) != stamp:
            raise changed(source.place())
        yield from (Piece(name, digest.hexdigest(), stamp, *cut) for cut in cuts)


def _cut(pieces: Iterable[Piece], rows: int) -> Iterator[tuple[Piece, ...]]:
    """Put *pieces* that are small together."""
    shard: list[Piece] = []
    count = length = 0
    for piece in pieces:
        if shard and (count + piece.rows > rows or length >= SHARD_BYTES):
            yield tuple(shard)
            shard, count, length = [], 0, 0
        shard.append(piece)
        count, length = count + piece.rows, length + piece.bytes
    if shard:
        yield tuple(shard)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as stream:
        yield from map(json.loads, stream)


def _shard(content: dict[str, Any]) -> Shard:
    pieces = (
        Piece(**{**piece, "stamp": tuple(piece["stamp"]), "first": Mark(**piece["first"])})
        for piece in content["pieces"]
    )
    return Shard(content["number"], content["key"], tuple(pieces))
