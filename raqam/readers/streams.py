"""The bytes of a source: opened once, and counted into a digest on their way where one is wanted."""

from __future__ import annotations

import errno
import hashlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from raqam.readers.encodings import SAMPLE

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


class Sampled(io.RawIOBase):
    """The bytes of *stream*, of which the first :data:`SAMPLE` can be seen before they are read."""

    def __init__(self, stream: io.BufferedReader) -> None:
        super().__init__()
        self._stream = stream
        self._sample = bytearray()
        self._taken = 0
        self._ended = False

    @property
    def seen(self) -> bytes:
        """What has come of the sample."""
        return bytes(self._sample)

    def more(self) -> bool:
        """Wait for more of the sample; False where it is whole."""
        before = len(self._sample)
        self._sample += self._next(SAMPLE - before) if before < SAMPLE else b""
        return len(self._sample) > before

    def wait(self, size: int) -> bytes:
        """Wait for the first *size* bytes, or all where there are fewer."""
        while len(self._sample) < size and self.more():
            pass
        return bytes(self._sample[:size])

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._taken == len(self._sample) and not self.more():
            found = self._next(len(view))
        else:
            found = bytes(self._sample[self._taken : self._taken + len(view)])
            self._taken += len(found)
        view[: len(found)] = found
        return len(found)

    def _next(self, size: int) -> bytes:
        """What comes next, at once; a terminal would have to be told its end again and again."""
        found = b"" if self._ended else self._stream.read1(size)
        self._ended = not found
        return found


def open_file(path: Path) -> io.RawIOBase:
    """The bytes of the file at *path*, without a buffer."""
    return cast(io.RawIOBase, path.open("rb", buffering=0))


def standard_input() -> io.BufferedReader:
    """The bytes of standard input; raises :class:`OSError` where it is closed."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    stream: BinaryIO = sys.stdin.buffer
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, stream))
