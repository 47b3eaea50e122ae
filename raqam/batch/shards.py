"""One shard of a corpus: the rows it holds, and the function that annotates them into one file.

The file has a line of JSON for each row: an article with its record, or why a row was rejected; and a last line that
says how many there are, with the sha256 of those above. It is there whole or not at all, and its name is the key of the
shard, which stands for everything that its content depends on: the bytes it was read from, the model, the options and
this version of Raqam. So a file that is there and whole need never be written again.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from raqam import __version__, readers
from raqam.annotator import Annotator, Outcome
from raqam.batch.files import replacing
from raqam.errors import RaqamError, SourceError
from raqam.readers import Mark, Options, Row, Source
from raqam.records import Article, Record, check_published

#: Of what is written to a shard, and how: part of its key.
FORMAT: Final = 1


#: Reasons that are of the machine, not of the row.
OUT_OF_MEMORY: Final = "out_of_memory"
MACHINE: Final = readers.MACHINE | {OUT_OF_MEMORY}


class JobError(RaqamError):
    """A job cannot go on. The message says why, and that what was done is kept."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one source that follow each other: *rows* of them from *first*.

    ``sha256`` and ``stamp`` (inode, bytes, and nanoseconds of its last change) are of the whole file.
    """

    source: str
    sha256: str
    stamp: tuple[int, int, int]
    first: Mark
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Shard:
    """What is annotated and written together."""

    number: int
    key: str
    pieces: tuple[Piece, ...]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(piece.rows for piece in self.pieces)

    @property
    def bytes(self) -> int:
        """How many bytes they take in their sources."""
        return sum(piece.bytes for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Job:
    """What all shards have in common: where they are written, how rows are read, and the model with its sha256."""

    folder: Path
    options: Options
    model: Path
    sha256: str
    strict: bool = False

    def path(self, shard: Shard) -> Path:
        """The file of *shard*."""
        return self.folder / f"{shard.key}.jsonl"


@dataclass(slots=True)
class Tally:
    """How many rows there were, how many of them were annotated, and their tokens."""

    rows: int = 0
    annotated: int = 0
    tokens: int = 0

    @property
    def rejected(self) -> int:
        """How many rows have no record."""
        return self.rows - self.annotated

    def add(self, other: Tally) -> None:
        """Count what *other* counts too."""
        self.rows += other.rows
        self.annotated += other.annotated
        self.tokens += other.tokens


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row without a record: where it stands, a stable code of the reason, and a sentence."""

    source: str
    line: int | None
    reason: str
    message: str
    id: str | None = None


Entry = tuple[Article, Record] | Rejection
Watch = Callable[[Tally, Rejection | None], None]


def key_of(pieces: Sequence[Piece], job: Job) -> str:
    """The key of the shard that *pieces* make."""
    rows = [[piece.source, piece.sha256, asdict(piece.first), piece.rows] for piece in pieces]
    content = [FORMAT, __version__, job.sha256, asdict(job.options), rows]
    return hashlib.sha256(json.dumps(content, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


def run_shard(shard: Shard, job: Job, annotator: Annotator, watch: Watch | None = None) -> Tally:
    """Annotate the rows of *shard* and write its file; *watch* is told of each row when it is done.

    Raises :class:`JobError` where a source is not what it was when the shard was planned, and over the first row that
    is rejected if the job is strict; and OSError. Then no file is written.
    """
    with replacing(job.path(shard)) as stream:
        part = _Part(stream)
        for entry, tokens in annotate_rows(_rows(shard, job), annotator):
            if isinstance(entry, Rejection):
                _check(entry, shard, job)
            part.write(entry, tokens)
            if watch is not None:
                watch(Tally(1, int(not isinstance(entry, Rejection)), tokens), _rejection_of(entry))
        if part.tally.rows != shard.rows:
            raise changed(shard.pieces[0].source)
        part.end(shard.key)
    return part.tally


def annotate_rows(rows: Iterator[tuple[str, Row]], annotator: Annotator) -> Iterator[tuple[Entry, int]]:
    """Yield what becomes of each of *rows*, which come with the place of their source, and its tokens, in order."""
    waiting: deque[tuple[str, Row]] = deque()

    def items() -> Iterator[Article | SourceError]:
        for source, row in rows:
            waiting.append((source, row))
            yield row.found

    for outcome in annotator.stream(items()):
        source, row = waiting.popleft()
        yield _entry(source, row, outcome), outcome.tokens if isinstance(outcome, Outcome) else 0


def rejection(source: str, line: int | None, error: SourceError) -> Rejection:
    """Why a row is rejected, as the reader says it."""
    return Rejection(source, line, error.reason, str(error))


def encode(entry: Entry) -> bytes:
    """The line of *entry*."""
    if isinstance(entry, Rejection):
        content: Mapping[str, Any] = {"rejected": asdict(entry)}
    else:
        article, record = entry
        published = article.published.isoformat() if article.published is not None else None
        content = {
            "article": {"text": article.text, "id": article.id, "published": published},
            "record": record.to_dict(),
        }
    return (json.dumps(content, ensure_ascii=False) + "\n").encode()


def decode(line: bytes) -> Entry:
    """The entry that :func:`encode` made *line* of."""
    content = json.loads(line)
    if "rejected" in content:
        return Rejection(**content["rejected"])
    article = content["article"]
    published = check_published(article["published"])
    return Article(article["text"], article["id"], published), Record.from_dict(content["record"])


def read_part(path: Path, key: str) -> tuple[list[bytes], Tally] | None:
    """The lines of the file of the shard *key*, and their tally; None where it is absent, damaged or of another."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    lines = content.splitlines(keepends=True)
    try:
        end = json.loads(lines[-1])
        digest = hashlib.sha256(content[: -len(lines[-1])]).hexdigest()
        whole = (end["shard"], end["sha256"], end["rows"]) == (key, digest, len(lines) - 1)
        return (lines[:-1], Tally(end["rows"], end["annotated"], end["tokens"])) if whole else None
    except (ValueError, LookupError, TypeError):
        return None


def refused(entry: Rejection) -> JobError:
    """What to say of a row that is rejected where none may be."""
    return JobError(f"{entry.message} Nothing is annotated behind it, as --strict asks; what was is kept.")


def _check(entry: Rejection, shard: Shard, job: Job) -> None:
    """Raise :class:`JobError` where a rejected row ends the job: it is strict, or the row is not to blame.

    A row that could not be read for want of memory or of a package would be read the next time.
    """
    readable = any(piece.source == entry.source and piece.bytes for piece in shard.pieces)
    if entry.reason in MACHINE or (entry.reason == "unreadable" and readable):
        raise JobError(f"{entry.message} What was done is kept; run the same command again when that is mended.")
    if job.strict:
        raise refused(entry)


def changed(source: str) -> JobError:
    """What to say of a source that is not what it was."""
    return JobError(
        f"{source} was changed while it was annotated. Run the same command again: what still holds is kept."
    )


@dataclass(slots=True)
class _Part:
    """The file of a shard while it is written."""

    stream: BinaryIO
    tally: Tally = field(default_factory=Tally)
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, entry: Entry, tokens: int) -> None:
        line = encode(entry)
        self.digest.update(line)
        self.stream.write(line)
        self.tally.add(Tally(1, int(not isinstance(entry, Rejection)), tokens))

    def end(self, key: str) -> None:
        tally = {"rows": self.tally.rows, "annotated": self.tally.annotated, "tokens": self.tally.tokens}
        end = {"shard": key, **tally, "sha256": self.digest.hexdigest()}
        self.stream.write((json.dumps(end) + "\n").encode())


def _rows(shard: Shard, job: Job) -> Iterator[tuple[str, Row]]:
    for piece in shard.pieces:
        source = Source(Path(piece.source), job.options)
        for row in source.rows(piece.first, piece.rows):
            yield source.place(), row
        if stamp_of(piece.source) != piece.stamp:
            raise changed(source.place())


def stamp_of(source: str) -> tuple[int, int, int]:
    """The inode of the file *source*, its bytes, and when it was last changed, in nanoseconds; zeros without it."""
    try:
        status = Path(source).stat()
    except OSError:
        return 0, 0, 0
    return status.st_ino, status.st_size, status.st_mtime_ns


def _entry(source: str, row: Row, outcome: Outcome | SourceError) -> Entry:
    if not isinstance(outcome, Outcome):
        return rejection(source, row.line, outcome)
    if isinstance(outcome.result, Record):
        return outcome.article, outcome.result
    if isinstance(outcome.result, MemoryError):
        return Rejection(source, row.line, OUT_OF_MEMORY, f"{outcome.article.id}: there is not enough memory for it.")
    id_, kind = outcome.article.id, type(outcome.result).__name__
    message = f"{id_}: could not be annotated ({kind}); please report it."
    return Rejection(source, row.line, "failed", message, id_)


def _rejection_of(entry: Entry) -> Rejection | None:
    return entry if isinstance(entry, Rejection) else None
