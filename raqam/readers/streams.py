"""The bytes of a source: opened once, and counted into a digest on their way where one is wanted."""

from __future__ import annotations

import errno
import hashlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER: Final = 1 << 18
"""Bytes that are read together."""


class Hashed(io.RawIOBase):
    """A file whose bytes go into *digest* as they are read, from the first to the last: there is no seeking."""

    def __init__(self, file: io.RawIOBase, digest: hashlib._Hash) -> None:
        super().__init__()
        self._file = file
        self._digest = digest

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        size = self._file.readinto(view) or 0
        self._digest.update(view[:size])
        return size

    def drain(self) -> None:
        """Read what is left."""
        held = bytearray(BUFFER)
        while self.readinto(held):
            pass


def open_file(path: Path) -> io.RawIOBase:
    """The bytes of the file at *path*, without a buffer."""
    return cast(io.RawIOBase, path.open("rb", buffering=0))


def standard_input() -> io.BufferedReader:
    """The bytes of standard input; raises :class:`OSError` where it is closed."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    stream: BinaryIO = sys.stdin.buffer
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, stream))
