"""Parquet: a row is an article; read batch by batch, without what other columns hold."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, Final

from raqam.errors import PublishedError, SourceError
from raqam.readers.names import shown
from raqam.readers.options import Options
from raqam.readers.rows import Cut, Mark, Values

#: Rows that are decoded together.
_BATCH: Final = 256

#: Bytes of a column that are read together.
_BUFFER: Final = 1 << 20

_NOT_PARQUET: Final = "not a Parquet file, or a damaged one."


@dataclass(frozen=True, slots=True)
class _Column:
    """A column by its name, and what makes values of it that Python reads."""

    name: str
    convert: Callable[[Any], Any]


def cut_parquet(stream: io.BufferedReader, options: Options, start: Mark) -> Iterator[Cut]:
    """The rows of *stream* from *start*; the values of a row are read when they are asked for.

    The size of a row is the mean of its row group. Raises :class:`SourceError`.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        why = "reading Parquet needs the package pyarrow: pip install 'raqam[parquet]'."
        raise SourceError(why, reason="missing_package") from error
    with _seekable(stream) as seekable:
        try:
            file = ParquetFile(seekable, pre_buffer=False, buffer_size=_BUFFER)
        except pa.ArrowException as error:
            raise SourceError(_NOT_PARQUET, reason="invalid_parquet") from error
        yield from _cuts(file, _columns(file.schema_arrow, options), start.row)


def _cuts(file: Any, columns: Mapping[str, _Column], start: int) -> Iterator[Cut]:
    """The rows of *file* from row number *start*."""
    row = 0
    for number in range(file.num_row_groups):
        rows = file.metadata.row_group(number).num_rows
        if row + rows > start:
            group = _Group(file, number, columns)
            size = _text_size(file.metadata.row_group(number), columns["text"].name) // max(rows, 1)
            for at in range(max(0, start - row), rows):
                yield Cut(Mark(row + at, row + at + 1), size, row + at + 1, partial(group.values, at))
        row += rows


@contextmanager
def _seekable(stream: io.BufferedReader) -> Iterator[BinaryIO]:
    """*stream*, or a temporary file of what it holds: the last bytes of a Parquet file say what is in it."""
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file, _BUFFER)
        file.seek(0)
        yield file


class _Group:
    """The rows of one row group, read from its first to the last that is asked for, in that order."""

    def __init__(self, file: Any, number: int, columns: Mapping[str, _Column]) -> None:
        self._columns = columns
        self._batches = partial(_batches, file, number, [column.name for column in columns.values()])()
        self._found: Mapping[str, Any] = {}
        self._begin = self._end = 0

    def values(self, at: int) -> Values:
        """The values of row *at* of the group; raises :class:`SourceError` from where the group is damaged."""
        while at >= self._end:
            batch = next(self._batches, None)
            if batch is None:
                raise SourceError("the row group is damaged from here on.", reason="invalid_parquet")
            self._begin, self._end = self._end, self._end + batch.num_rows
            self._found = {field: column.convert(batch.column(column.name)) for field, column in self._columns.items()}
        return {field: _value(field, self._found[field][at - self._begin]) for field in self._found}


def _batches(file: Any, number: int, names: list[str]) -> Iterator[Any]:
    """The batches of a row group, up to where it is damaged."""
    import pyarrow as pa

    try:
        yield from file.iter_batches(_BATCH, row_groups=[number], columns=names, use_threads=False)
    except (pa.ArrowException, OSError):
        return


def _value(field: str, scalar: Any) -> object:
    """What *scalar* holds: a string, a date, or None; ids and dates that are empty are none."""
    try:
        value = scalar.as_py()
        value = value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError as error:
        why = f"'{field}' is not valid UTF-8."
        raise SourceError(why, reason="undecodable", field=field) from error
    except (ValueError, OverflowError) as error:  # a day before the year 1 or after 9999
        raise PublishedError("'published' must be a day of the years 1 to 9999.") from error
    return None if value == "" and field != "text" else value


def _columns(schema: Any, options: Options) -> Mapping[str, _Column]:
    """The columns of *schema* that make an article; raises :class:`SourceError` where they cannot."""
    places = options.columns(schema.names)
    return {field: _Column(schema.names[at], _converter(field, schema.field(at))) for field, at in places.items()}


def _converter(field: str, column: Any) -> Callable[[Any], Any]:
    """How the values of *column* become those of *field*: bytes of UTF-8, digits, or days."""
    import pyarrow as pa
    from pyarrow import types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    strings = (types.is_string, types.is_large_string, types.is_string_view)
    binaries = (types.is_binary, types.is_large_binary, types.is_binary_view)
    if any(is_one(kind) for is_one in (*strings, *binaries)):
        return lambda array: array.cast(kind).cast(pa.large_binary())
    if field == "id" and types.is_integer(kind):
        return lambda array: array.cast(kind).cast(pa.large_string())
    if field == "published" and (types.is_date(kind) or types.is_timestamp(kind)):
        return lambda array: array.cast(kind).cast(pa.date32(), safe=False)
    wanted = {"id": "text or whole numbers", "published": "days, or text such as 2025-09-25"}.get(field, "text")
    why = f"the column '{shown(column.name)}' must hold {wanted}, not {shown(str(column.type))[:60]}."
    raise SourceError(why, reason="wrong_type", field=field)


def _text_size(group: Any, name: str) -> int:
    """The bytes that the column *name* of *group* unpacks to."""
    columns = (group.column(at) for at in range(group.num_columns))
    return sum(column.total_uncompressed_size for column in columns if column.path_in_schema == name)
