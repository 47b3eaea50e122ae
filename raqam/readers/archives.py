"""Streams behind .gz, .bz2, .xz and .zst: unpacked in bounded memory, and honest about where they are damaged."""

from __future__ import annotations

import bz2
import errno
import io
import lzma
import os
import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from raqam.errors import SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from zstandard import ZstdDecompressionObj

#: Bytes that are unpacked at a time: what a damaged archive loses before the damage, at most.
_STEP: Final = 1 << 16

#: Memory that the dictionary of an .xz file may take; `xz -9` takes 65 MiB.
_XZ_MEMORY: Final = 512 << 20

#: Packed bytes of a .zst that are given at a time: its blocks of 4 bytes can each unpack to 128 KiB.
_ZSTD_INPUT: Final = 1 << 9


class DamagedError(OSError):
    """An archive ends early, or is not what its suffix says, from here on."""


class Unpacker(Protocol):
    """What :class:`bz2.BZ2Decompressor` and :class:`lzma.LZMADecompressor` have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Unpacked(io.RawIOBase):
    """The unpacked bytes of *packed*, of which a whole number of archives may follow each other.

    It does not close them. Reads fill what they are given, but before they raise :class:`OSError`, they give all
    that there is.
    """

    def __init__(self, packed: io.RawIOBase, new: Callable[[], Unpacker]) -> None:
        super().__init__()
        self._packed = packed
        self._new = new
        self._unpacker: Unpacker | None = None
        self._offset = 0
        self._held = memoryview(b"")
        self._failed: OSError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        size = 0
        while size < len(view) and (self._held or self._fill(size > 0)):
            taken = min(len(self._held), len(view) - size)
            view[size : size + taken] = self._held[:taken]
            self._held = self._held[taken:]
            size += taken
        return size

    def _fill(self, partly: bool) -> bool:
        """Unpack the next step; False at the end, or *partly* through a read that a failure must not cost its bytes."""
        if self._failed is None:
            try:
                self._held = memoryview(self._step())
            except MemoryError:
                self._failed = OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
                self._failed = self._failure(error)
        if self._failed is not None and not partly:
            raise self._failed
        return self._failed is None and len(self._held) > 0

    def _failure(self, error: Exception) -> OSError:
        """What the system says of the file, as it is; all else is said by the unpackers, of what they are given."""
        if isinstance(error, OSError) and error.errno is not None:
            return error
        why = "is cut off" if isinstance(error, EOFError) else "is damaged"
        return DamagedError(f"the archive {why} here, near its byte {self._offset:,}; what follows is lost.")

    def _step(self) -> bytes:
        """Up to a step of unpacked bytes, none at the end; raises what the unpackers raise, and EOFError."""
        while True:
            data = b""
            if self._unpacker is None or self._unpacker.eof:
                data = self._next_archive()
                if not data and self._unpacker is not None:
                    return b""
                self._unpacker = self._new()
            elif self._unpacker.needs_input:
                data = self._more()
                if not data:
                    raise EOFError
            if found := self._unpacker.decompress(data, _STEP):
                return found

    def _next_archive(self) -> bytes:
        """The first bytes of the next archive, past the zeros that may fill up the one before."""
        data = b"" if self._unpacker is None else self._unpacker.unused_data
        while self._unpacker is not None and not data.lstrip(b"\0") and (more := self._more()):
            data = more
        return data.lstrip(b"\0") if self._unpacker is not None else self._more()

    def _more(self) -> bytes:
        data = self._packed.read(_STEP) or b""
        self._offset += len(data)
        return data


class _Gzip:
    """A member of a .gz file."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class _Zstd:
    """A frame of a .zst file, given in small pieces because its library knows no limit of what they unpack to."""

    def __init__(self, inner: ZstdDecompressionObj, failure: type[Exception]) -> None:
        self._inner = inner
        self._failure = failure
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data + self._waiting

    def decompress(self, data: bytes, _max_length: int) -> bytes:
        data = self._waiting + data
        self._waiting = data[_ZSTD_INPUT:]
        try:
            return self._inner.decompress(data[:_ZSTD_INPUT])
        except self._failure as error:
            raise OSError from error


def _zstd() -> Callable[[], Unpacker]:
    try:
        from zstandard import ZstdDecompressor, ZstdError
    except ImportError as error:
        why = "reading .zst needs the package zstandard: pip install 'raqam[zstd]'."
        raise SourceError(why, reason="missing_package") from error
    return lambda: _Zstd(ZstdDecompressor().decompressobj(), ZstdError)


_UNPACKERS: Final[Mapping[str, Callable[[], Callable[[], Unpacker]]]] = {
    ".gz": lambda: _Gzip,
    ".bz2": lambda: bz2.BZ2Decompressor,
    ".xz": lambda: lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY),
    ".zst": _zstd,
}

SUFFIXES: Final = tuple(_UNPACKERS)


def unpacked(packed: io.RawIOBase, suffix: str) -> Unpacked:
    """The unpacked bytes of *packed*; raises :class:`SourceError` where the package for *suffix* is missing."""
    return Unpacked(packed, _UNPACKERS[suffix]())
