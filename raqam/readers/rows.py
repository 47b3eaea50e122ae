"""What a source is made of: marks where rows begin, the pieces it is cut into, and the rows that are read from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from raqam.errors import SourceError
from raqam.records import Article

#: The id, text and published of an article, not checked yet.
Values: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """An article, or the error that says why there is none.

    ``size`` is the bytes it took in its source, unpacked; ``line`` where it stands in a source of many.
    """

    found: Article | SourceError
    size: int = 0
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a row begins: its number in the source from 0, its line from 1, and the byte to seek to.

    The byte is 0 where a source cannot be entered in the middle, as a compressed one.
    """

    row: int = 0
    line: int = 1
    offset: int = 0


START: Final = Mark()


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a source that holds one row, and how to read its values.

    ``read`` raises :class:`InputError`; ``failure`` is what it raises where that is known beforehand. ``line`` is None
    in a source of one article.
    """

    mark: Mark
    size: int
    line: int | None
    read: Callable[[], Values]
    failure: SourceError | None = None


def refused(mark: Mark, error: SourceError, line: int | None = None, size: int = 0) -> Cut:
    """The cut that is *error*."""

    def read() -> Values:
        raise error

    return Cut(mark, size, line, read, error)
