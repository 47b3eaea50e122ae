"""Parquet: a row is an article; read batch by batch, without what other columns hold."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, BinaryIO, Final, cast

from raqam.errors import PublishedError, SourceError
from raqam.readers.names import shown
from raqam.readers.options import Options
from raqam.readers.rows import Cut, Mark, Values
from raqam.records import MAX_CHARACTERS

#: Rows that are decoded together, and the bytes that they may take: fewer rows where they could take more.
_BATCH: Final = 256
_BATCH_BYTES: Final = 64 << 20

#: Bytes of a value from which no article can be made, nor an id or a day.
VALUE_LIMIT: Final = 4 * MAX_CHARACTERS

#: Bytes of a column that are read together.
_BUFFER: Final = 1 << 20

_NOT_PARQUET: Final = "not a Parquet file, or a damaged one."


@dataclass(frozen=True, slots=True)
class _Column:
    """A column by its name, whether it holds text, and what makes values of it that Python reads."""

    name: str
    textual: bool
    convert: Callable[[Any], Any]


def cut_parquet(stream: io.BufferedReader, options: Options, start: Mark) -> Iterator[Cut]:
    """The rows of *stream* from *start*.

    The size of a row is that of its text: none where it is too long, and so is not taken. Raises
    :class:`SourceError`.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        why = "reading Parquet needs the package pyarrow: pip install 'raqam[parquet]'."
        raise SourceError(why, reason="missing_package") from error
    with _seekable(stream) as seekable:
        opened = partial(ParquetFile, seekable, pre_buffer=False, buffer_size=_BUFFER)
        try:
            file = opened()
            columns = _columns(file.schema_arrow, options)
            kept = opened(read_dictionary=[column.name for column in columns.values() if column.textual])
        except MemoryError:
            raise
        except pa.ArrowException as error:
            raise SourceError(_NOT_PARQUET, reason="invalid_parquet") from error
        yield from _cuts(file, kept, columns, start.row)


def _cuts(file: Any, kept: Any, columns: Mapping[str, _Column], start: int) -> Iterator[Cut]:
    """The rows of *file* from row number *start*; *kept* is the same file, its columns as dictionaries."""
    row = 0
    for number in range(file.num_row_groups):
        rows = file.metadata.row_group(number).num_rows
        if row + rows > start:
            values = _values(_batches(file, kept, number, columns), columns)
            for at in range(row, row + rows):
                found = next(values, _DAMAGED)
                if at >= start:
                    size = _size(found.get("text"))
                    yield Cut(Mark(at, at + 1), 0 if size > VALUE_LIMIT else size, at + 1, partial(_read, found))
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


def _values(batches: Iterable[Any], columns: Mapping[str, _Column]) -> Iterator[Mapping[str, Any]]:
    """The scalars of each row of *batches*, by their fields."""
    for batch in batches:
        found = {field: _scalars(batch.column(column.name), column) for field, column in columns.items()}
        for at in range(batch.num_rows):
            yield {field: scalar(at) for field, scalar in found.items()}


def _scalars(array: Any, column: _Column) -> Callable[[int], Any]:
    """The values of *array* by their places; those of a dictionary are not copied for each row that has them."""
    if not hasattr(array, "dictionary"):
        return cast(Callable[[int], Any], column.convert(array).__getitem__)
    value = cache(column.convert(array.dictionary).__getitem__)
    indices = array.indices.to_pylist()
    return lambda at: None if indices[at] is None else value(indices[at])


def _batches(file: Any, kept: Any, number: int, columns: Mapping[str, _Column]) -> Iterator[Any]:
    """The batches of a row group, up to where it is damaged."""
    import pyarrow as pa

    names = [column.name for column in columns.values()]
    group = file.metadata.row_group(number)
    unpacked = sum(chunk.total_uncompressed_size for chunk in _chunks(group, names))
    try:
        longest = _longest(kept, number, [column.name for column in columns.values() if column.textual])
        # A column that is read as dictionaries gathers all that it holds.
        chosen = kept if longest > VALUE_LIMIT and unpacked <= _BATCH_BYTES else file
        rows = _BATCH if chosen is kept else _fitting(max(longest, unpacked // max(group.num_rows, 1)))
        yield from chosen.iter_batches(rows, row_groups=[number], columns=names, use_threads=False)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the file, not of what it holds
            raise


def _fitting(size: int) -> int:
    """How many rows of up to *size* bytes may be decoded together."""
    rows = _BATCH
    while rows > 1 and rows * size > _BATCH_BYTES:
        rows //= 2
    return rows


def _longest(kept: Any, number: int, names: list[str]) -> int:
    """The bytes of the longest values that rows of a row group share: a few bytes each of the file may stand for it."""
    import pyarrow.compute as pc

    shared = [chunk.path_in_schema for chunk in _chunks(kept.metadata.row_group(number), names) if _is_shared(chunk)]
    if not shared:
        return 0
    batch = next(kept.iter_batches(1, row_groups=[number], columns=shared, use_threads=False), None)
    dictionaries = [] if batch is None else [column.dictionary for column in batch.columns]
    return sum(pc.max(pc.binary_length(each)).as_py() or 0 for each in dictionaries)


def _is_shared(chunk: Any) -> bool:
    return bool(chunk.has_dictionary_page and chunk.num_values > 0)


def _chunks(group: Any, names: list[str]) -> list[Any]:
    """The chunks of the columns *names* in the row group."""
    chunks = (group.column(at) for at in range(group.num_columns))
    return [chunk for chunk in chunks if chunk.path_in_schema in names]


def _size(scalar: Any) -> int:
    """The bytes that text takes; nothing where there is none."""
    content = scalar.as_buffer() if hasattr(scalar, "as_buffer") else None
    return 0 if content is None else content.size


_DAMAGED: Final[Mapping[str, Any]] = {}


def _read(row: Mapping[str, Any]) -> Values:
    """The values of *row*; raises :class:`SourceError`."""
    if row is _DAMAGED:
        raise SourceError("the row group is damaged from here on.", reason="invalid_parquet")
    return {field: _value(field, scalar) for field, scalar in row.items()}


def _value(field: str, scalar: Any) -> object:
    """What *scalar* holds: a string, a date, or None; ids and dates that are empty are none."""
    if _size(scalar) > VALUE_LIMIT:
        why = f"'{field}' has over {VALUE_LIMIT:,} bytes; the limit is {MAX_CHARACTERS:,} characters."
        raise SourceError(why, reason="too_long", field=field)
    try:
        value = None if scalar is None else scalar.as_py()
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
    return {field: _column(field, schema.field(at)) for field, at in places.items()}


def _column(field: str, column: Any) -> _Column:
    """*column*, and how its values become those of *field*: bytes of UTF-8, digits, or days."""
    import pyarrow as pa
    from pyarrow import types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    strings = (types.is_string, types.is_large_string, types.is_string_view)
    binaries = (types.is_binary, types.is_large_binary, types.is_binary_view)
    if any(is_one(kind) for is_one in (*strings, *binaries)):
        return _Column(column.name, True, lambda array: array.cast(pa.large_binary()))
    if field == "id" and types.is_integer(kind):
        return _Column(column.name, False, lambda array: array.cast(pa.large_string()))
    if field == "published" and (types.is_date(kind) or types.is_timestamp(kind)):
        return _Column(column.name, False, lambda array: array.cast(pa.date32(), safe=False))
    wanted = {"id": "text or whole numbers", "published": "days, or text such as 2025-09-25"}.get(field, "text")
    why = f"the column '{shown(column.name)}' must hold {wanted}, not {shown(str(column.type))[:60]}."
    raise SourceError(why, reason="wrong_type", field=field)
