"""Readers of articles for the command line: text files, JSON Lines, CSV, folders and standard input.

Everything is read in constant memory, as a stream of rows. A row is either an article or the reason why there is
none, so that one bad row never costs its neighbours. The text of an article is exactly the decoded content: line
ends stay as they are, and only a byte order mark at the start of a file is left out.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from raqam.errors import InputError, SourceError
from raqam.lines import LINE_LIMIT, Line, read_lines
from raqam.records import MAX_CHARACTERS, Article
from raqam.tables import TableRow, read_table

FIELDS: Final = ("id", "text", "published")

#: What a record or a gold article has besides: annotated articles can be annotated again, by this model.
IGNORED: Final = frozenset({"spans", "facts", "model"})
STDIN: Final = "-"

_PARQUET: Final = (
    "Parquet is not read; write the table as JSON Lines first, for example with pandas: "
    "read_parquet('news.parquet').to_json('news.jsonl', orient='records', lines=True)."
)
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """An article, or the error that says why there is none; ``size`` is the bytes it took in its source."""

    found: Article | SourceError
    size: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """One place to read articles from: a file, or standard input where ``path`` is None.

    >>> Source(Path("news/a.jsonl")).place(3), Source(Path("news/a.jsonl")).id_at(3)
    ('news/a.jsonl:3', 'a.jsonl:3')
    """

    path: Path | None

    @property
    def size(self) -> int | None:
        """The bytes of the file, or None where that is not known beforehand."""
        return self.path.stat().st_size if self.path is not None and self.path.is_file() else None

    def place(self, line: int | None = None) -> str:
        """The path as it was given, and the line, for messages."""
        return _located("standard input" if self.path is None else str(self.path), line)

    def id_at(self, line: int | None = None) -> str:
        """The id of an article that brings none: the file name, and the line in files of many articles."""
        return _located("stdin" if self.path is None else self.path.name, line)

    def rows(self) -> Iterator[Row]:
        """Yield the articles in order, and an error for each row that is none; raise nothing."""
        reader = _stdin_rows if self.path is None else _READERS[self.path.suffix.lower()]
        try:
            with _standard_input() if self.path is None else self.path.open("rb") as stream:
                yield from reader(self, read_lines(stream))
        except OSError as error:
            yield self.reject(f"cannot be read: {error.strerror or error}.", reason="unreadable")

    def row(self, values: Mapping[str, object], line: int | None, size: int) -> Row:
        """Check *values* (id, text, published) and return them as an article of this source, or as an error."""
        try:
            if "text" not in values:
                raise SourceError("'text' is missing.", reason="missing", field="text")
            article = Article.checked(values["text"], values.get("id"), values.get("published"))
        except InputError as error:
            return self.reject(str(error), line, size, reason=error.reason, field=error.field)
        named = article.id if article.id is not None else self.id_at(line)
        return Row(Article(article.text, named, article.published), size)

    def reject(self, why: str, line: int | None = None, size: int = 0, *, reason: str, field: str = "source") -> Row:
        """A row without an article; *why* completes the sentence that begins with its place."""
        return Row(SourceError(f"{self.place(line)}: {why}", reason=reason, field=field), size)


def _standard_input() -> AbstractContextManager[BinaryIO]:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    return nullcontext(sys.stdin.buffer)


def find_sources(inputs: Iterable[str]) -> list[Source | SourceError]:
    """Resolve what was named on the command line, in order: files, folders (their files by name) and ``-``.

    An input that does not exist, or is of an unknown kind, becomes an error in its place.
    """
    return list(itertools.chain.from_iterable(map(_resolve, inputs)))


def _resolve(name: str) -> Sequence[Source | SourceError]:
    path = Path(name)
    if name == STDIN:
        return [Source(None)]
    if name and os.path.isdir(name):
        return _files_of(path)
    if not os.path.exists(name):
        return [SourceError(f"{_shown(name) or repr(name)}: there is no such file or folder.", reason="not_found")]
    return [_file(path)]


def _files_of(folder: Path) -> Sequence[Source | SourceError]:
    """The files of *folder* (not of folders inside it) whose suffix is known, by name."""
    known = {*_READERS, ".parquet"}
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in known and path.is_file())
    except OSError as error:
        return [SourceError(f"{_shown(str(folder))}: cannot be read: {error.strerror}.", reason="unreadable")]
    if not paths:
        kinds = ", ".join(_READERS)
        return [SourceError(f"{_shown(str(folder))}: the folder holds no {kinds} file.", reason="empty")]
    return [_file(path) for path in paths]


def _file(path: Path) -> Source | SourceError:
    suffix = path.suffix.lower()
    if suffix in _READERS:
        return Source(path)
    kinds = ", ".join(_READERS)
    why = f"the kind of a file is told by its suffix ({kinds}); to read it as it is, send it to standard input (-)."
    return SourceError(f"{_shown(str(path))}: {_PARQUET if suffix == '.parquet' else why}", reason="unknown_kind")


def _text_rows(source: Source, lines: Iterable[Line]) -> Iterator[Row]:
    """The whole of *lines* as one article."""
    parts: list[str] = []
    size = length = 0
    for line in lines:
        size += line.size
        length += len(line.text)
        parts.append(line.text)
        if line.error is not None:
            yield source.reject(line.error, line.number, size, reason="undecodable")
            return
        if length > LINE_LIMIT:
            why = f"the text has over {LINE_LIMIT:,} characters; the limit is {MAX_CHARACTERS:,}."
            yield source.reject(why, None, size, reason="too_long", field="text")
            return
    yield source.row({"text": "".join(parts)}, None, size)


def _json_rows(source: Source, lines: Iterable[Line]) -> Iterator[Row]:
    """One JSON object a line; blank lines are passed over."""
    for line in lines:
        if line.error is not None:
            yield source.reject(line.error, line.number, line.size, reason="undecodable")
        elif line.text.strip():
            yield _json_row(source, line)


def _json_row(source: Source, line: Line) -> Row:
    try:
        values = _json_object(line.text)
    except SourceError as error:
        return source.reject(str(error), line.number, line.size, reason=error.reason, field=error.field)
    return source.row(values, line.number, line.size)


def _json_object(text: str) -> Mapping[str, object]:
    """The JSON object that *text* holds, with known fields only; or raise :class:`SourceError`."""
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(f"not valid JSON at column {error.colno}: {error.msg}.", reason="invalid_json") from error
    except RecursionError as error:
        raise SourceError("not valid JSON: it is nested too deeply.", reason="invalid_json") from error
    except ValueError as error:  # a number of more digits than Python converts
        raise SourceError("not valid JSON: a number has too many digits.", reason="invalid_json") from error
    if not isinstance(values, dict):
        raise SourceError('a line must be one JSON object such as {"text": "…"}.', reason="not_an_object")
    _refuse_unknown(values, "field")
    return values


def _csv_rows(source: Source, lines: Iterable[Line]) -> Iterator[Row]:
    """Comma-separated values with a header; a quoted field may hold line ends and doubled quotes."""
    table = read_table(lines)
    header = next(table, None)
    if header is None:
        yield source.reject("the file is empty; a CSV file begins with the header id,text,published.", reason="empty")
        return
    try:
        columns = _columns(header)
    except SourceError as error:
        yield source.reject(str(error), header.line, header.size, reason=error.reason, field=error.field)
        return
    for entry in table:
        yield _csv_row(source, columns, entry)


def _columns(header: TableRow) -> Sequence[str]:
    """The column names of *header*, or raise :class:`SourceError` that says how a header should be."""
    if header.error is not None:
        raise SourceError(header.error, reason="invalid_csv")
    columns = [name.strip() for name in header.fields]
    if "text" not in columns:
        shown = _shown(",".join(columns))[:100]
        raise SourceError(f"there is no column 'text' in the header ({shown}).", reason="missing", field="text")
    _refuse_unknown(columns, "column")
    if len(set(columns)) < len(columns):
        raise SourceError(f"a column is named twice in the header ({','.join(columns)}).", reason="duplicate")
    return columns


def _csv_row(source: Source, columns: Sequence[str], entry: TableRow) -> Row:
    if entry.error is not None:
        return source.reject(entry.error, entry.line, entry.size, reason="invalid_csv")
    if len(entry.fields) != len(columns):
        why = f"expected {len(columns)} fields, as in the header, found {len(entry.fields)}."
        return source.reject(why, entry.line, entry.size, reason="invalid_csv")
    values = dict(zip(columns, entry.fields, strict=True))
    absent = {name: None for name in ("id", "published") if not values.get(name)}
    return source.row({**values, **absent}, entry.line, entry.size)


def _stdin_rows(source: Source, lines: Iterable[Line]) -> Iterator[Row]:
    """JSON Lines where the first line that is not blank begins with ``{``, else one article of plain text."""
    rest = iter(lines)
    lead: list[Line] = []
    for line in rest:
        lead.append(line)
        if line.error or line.text.strip() or len(lead) > MAX_CHARACTERS:
            break
    is_json = bool(lead) and lead[-1].text.lstrip().startswith("{")
    reader = _json_rows if is_json else _text_rows
    yield from reader(source, itertools.chain(lead, rest))


def _refuse_unknown(names: Iterable[str], kind: str) -> None:
    for name in names:
        if name not in FIELDS and name not in IGNORED:
            shown = _shown(name)[:40]
            message = f"unknown {kind} '{shown}'; allowed are {', '.join(FIELDS)}."
            raise SourceError(message, reason="unknown_field", field=name)


def _located(name: str, line: int | None) -> str:
    return _shown(name) if line is None else f"{_shown(name)}:{line}"


def _shown(name: str) -> str:
    """*name* without what a terminal or JSON cannot carry: control characters and bytes that are no UTF-8."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", name)


_READERS: Final[Mapping[str, Callable[[Source, Iterable[Line]], Iterator[Row]]]] = {
    ".txt": _text_rows,
    ".jsonl": _json_rows,
    ".ndjson": _json_rows,
    ".csv": _csv_rows,
}
