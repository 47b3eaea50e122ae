"""A source: one place to read articles from, its rows, and the marks where they begin."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from raqam.errors import InputError, SourceError
from raqam.readers.archives import SUFFIXES as PACKED
from raqam.readers.archives import unpacked
from raqam.readers.bookmarks import Bookmarks
from raqam.readers.failures import MACHINE, unreadable
from raqam.readers.jsonl import cut_json
from raqam.readers.names import located
from raqam.readers.options import DEFAULTS, Options
from raqam.readers.pages import cut_page
from raqam.readers.parquet import cut_parquet
from raqam.readers.plain import cut_text
from raqam.readers.rows import START, Cut, Mark, Row, refused
from raqam.readers.stdin import cut_standard_input
from raqam.readers.streams import BUFFER, Hashed, open_file, standard_input
from raqam.readers.tables import cut_table
from raqam.records import Article

Reader: TypeAlias = Callable[[io.BufferedReader, Options, Mark], Iterator[Cut]]

READERS: Final[Mapping[str, Reader]] = {
    ".txt": cut_text,
    ".jsonl": cut_json,
    ".ndjson": cut_json,
    ".csv": cut_table,
    ".tsv": partial(cut_table, delimiter="\t"),
    ".parquet": cut_parquet,
    ".html": cut_page,
    ".htm": cut_page,
}
"""How a file is read, by its suffix in lower case."""

#: Read from its end, not from its first byte to its last.
_PARQUET: Final = ".parquet"

_CHANGED: Final = "the file has changed since it was scanned; it has no more than {:,} rows now."
_BOOKMARKS: Final = Bookmarks()


@dataclass(frozen=True, slots=True)
class Source:
    """One place to read articles from: a file, or standard input where ``path`` is None.

    >>> Source(Path("news/a.jsonl")).place(3), Source(Path("news/a.jsonl")).id_at(3)
    ('news/a.jsonl:3', 'a.jsonl:3')
    """

    path: Path | None
    options: Options = DEFAULTS

    @property
    def size(self) -> int | None:
        """The bytes of the file; None where the sizes of rows are not bytes of it, or it is not known beforehand."""
        if self.path is None or not self.path.is_file() or not self._enterable:
            return None
        return self.path.stat().st_size

    def place(self, line: int | None = None) -> str:
        """The path as it was given, and the line, for messages."""
        return located("standard input" if self.path is None else str(self.path), line)

    def id_at(self, line: int | None = None) -> str:
        """The id of an article that brings none: the file name, and the line in files of many articles."""
        return located("stdin" if self.path is None else self.path.name, line)

    def scan(self, digest: hashlib._Hash) -> Iterator[tuple[Mark, int]]:
        """Yield the mark and the size of each row, while *digest* gets the bytes of the file: all of them by the end.

        Rows are told apart, not read: one that :meth:`rows` refuses has its mark too. In constant memory; for files,
        not for standard input. Raises :class:`SourceError` for the reasons in :data:`MACHINE`, which say nothing of
        how many rows there are, and where the bytes behind the last row cannot be read.
        """
        try:
            file = Hashed(open_file(self._file), digest)
        except OSError as error:
            yield self._seen(refused(START, unreadable(error)))
            return
        with closing(file):
            cuts = self._read(file)
            if self._kind == _PARQUET:
                self._drain(file)
                cuts = self._cuts()
            for cut in cuts:
                yield self._seen(cut)
            self._drain(file)

    def _seen(self, cut: Cut) -> tuple[Mark, int]:
        if cut.failure is not None and cut.failure.reason in MACHINE:
            raise self._placed(cut.failure)
        return cut.mark, cut.size

    def _drain(self, file: Hashed) -> None:
        try:
            file.drain()
        except OSError as error:
            raise self._placed(unreadable(error)) from error

    def rows(self, start: Mark = START, count: int | None = None) -> Iterator[Row]:
        """Yield *count* rows from *start*, in order, or all to the end; raise nothing.

        Each is an article, or the error that says why there is none. Cut at any marks of :meth:`scan`, they join to
        what they are in one piece.
        """
        if count is not None and count <= 0:
            return
        kept = None if self._enterable else _BOOKMARKS.take(self, start.row)
        cuts = self._cuts(start) if kept is None else kept
        taken = 0
        for cut in cuts:
            if cut.mark.row < start.row:
                continue
            yield self._row(cut)
            taken += 1
            if taken == count:
                if not self._enterable:
                    _BOOKMARKS.keep(self, cut.mark.row + 1, cuts)
                return
        if not taken and start.row:
            yield self._row(refused(start, SourceError(_CHANGED.format(start.row), reason="changed")))

    def _row(self, cut: Cut) -> Row:
        """Check the values of *cut*, and return them as an article of this source, or as an error."""
        try:
            values = cut.read()
            article = Article.checked(values["text"], values.get("id"), values.get("published"))
        except InputError as error:
            return Row(self._placed(error, cut.line), cut.size, cut.line)
        except (OSError, MemoryError) as error:
            return Row(self._placed(unreadable(error), cut.line), cut.size, cut.line)
        named = article.id if article.id is not None else self.id_at(cut.line)
        return Row(Article(article.text, named, article.published), cut.size, cut.line)

    def _placed(self, error: InputError, line: int | None = None) -> SourceError:
        return SourceError(f"{self.place(line)}: {error}", reason=error.reason, field=error.field)

    def _cuts(self, start: Mark = START) -> Iterator[Cut]:
        """The cuts of the source from *start* on, or from before it where it cannot be entered there."""
        try:
            file = standard_input() if self.path is None else open_file(self.path)
        except OSError as error:
            yield refused(start, unreadable(error))
            return
        if self.path is None:
            yield from self._read(file, start)
        else:
            with closing(file):
                yield from self._read(file, start)

    def _read(self, file: io.RawIOBase | io.BufferedReader, start: Mark = START) -> Iterator[Cut]:
        """The cuts of the bytes of *file*, which stays open; what makes it unreadable is one of them."""
        row = start.row
        try:
            reader, stream = self._reader(), self._stream(file)
            begin = start if self._enterable or self._kind == _PARQUET else START
            try:
                for cut in reader(stream, self.options, begin):
                    row = cut.mark.row + 1
                    yield cut if self._packing is None else replace(cut, mark=replace(cut.mark, offset=0))
            finally:
                if stream is not file:
                    stream.detach()
        except SourceError as error:
            yield refused(Mark(row), error)
        except (OSError, MemoryError) as error:
            yield refused(Mark(row), unreadable(error))

    def _reader(self) -> Reader:
        if self.path is None:
            return cut_standard_input
        if self._kind not in READERS:
            raise SourceError(UNKNOWN, reason="unknown_kind")
        return READERS[self._kind]

    def _stream(self, file: io.RawIOBase | io.BufferedReader) -> io.BufferedReader:
        if isinstance(file, io.BufferedReader):
            return file
        return io.BufferedReader(file if self._packing is None else unpacked(file, self._packing), BUFFER)

    @property
    def _file(self) -> Path:
        if self.path is None:
            raise ValueError("standard input is read once, and cannot be scanned")
        return self.path

    @property
    def _packing(self) -> str | None:
        """The suffix of the archive that the file is, if it is one."""
        suffix = "" if self.path is None else self.path.suffix.lower()
        return suffix if suffix in PACKED else None

    @property
    def _kind(self) -> str:
        """The suffix that says how the file is read."""
        return "" if self.path is None else kind_of(self.path)

    @property
    def _enterable(self) -> bool:
        """Whether reading can begin at the offset of a mark: not so in archives, in Parquet and in what flows by."""
        return self.path is not None and self._packing is None and self._kind != _PARQUET


KINDS: Final = ", ".join(READERS)
UNKNOWN: Final = (
    f"the kind of a file is told by its suffix ({KINDS}, also with {', '.join(PACKED)} behind it); "
    "to read it as it is, send it to standard input (-)."
)


def kind_of(path: Path) -> str:
    """The suffix that says how the file at *path* is read, in lower case, without that of an archive.

    >>> kind_of(Path("اخبار.JSONL.gz"))
    '.jsonl'
    """
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in PACKED else suffix
