"""The files that are read: one by itself, those of a folder, or those of a zip, none larger than it may be."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from raqam.formats.reading.drafts import RefusedError, Rejection

_ZIP = b"PK\x03\x04", b"PK\x05\x06"


class Files:
    """Names and contents. :meth:`read` raises :class:`RefusedError`, also beyond *limit* bytes of all together."""

    def __init__(self, limit: int | None) -> None:
        self.names: list[str] = []
        self._left, self._limit = limit, limit

    def read(self, name: str) -> bytes:
        """The content of the file *name*, unpacked."""
        with self._open(name) as file:
            content = file.read() if self._left is None else file.read(self._left + 1)
        self.take(len(content))
        return content

    def take(self, size: int) -> None:
        """Count *size* bytes more; raises :class:`RefusedError` where that is too many."""
        if self._left is not None:
            self._left -= size
            if self._left < 0:
                raise RefusedError(f"Unpacked, there are more than {self._limit:,} bytes; send it in parts.")

    @property
    def left(self) -> int | None:
        """How many bytes more there may be."""
        return self._left

    def text(self, name: str) -> str:
        """The content of the file *name*, which is UTF-8, line ends as they are."""
        content = self.read(name)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise RefusedError(f"It is not valid UTF-8: see byte {error.start}.") from None

    def _open(self, name: str) -> BinaryIO:
        raise NotImplementedError


class _One(Files):
    def __init__(self, name: str, file: BinaryIO, limit: int | None) -> None:
        super().__init__(limit)
        self.names, self._file = [name], file

    def _open(self, name: str) -> BinaryIO:
        return BytesIO(self._file.read() if self.left is None else self._file.read(self.left + 1))


class _Folder(Files):
    def __init__(self, folder: Path, limit: int | None) -> None:
        super().__init__(limit)
        self._folder = folder
        paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        self.names = sorted(path.as_posix() for path in paths if not _hidden(path.as_posix()))

    def _open(self, name: str) -> BinaryIO:
        return (self._folder / name).open("rb")


class _Zip(Files):
    def __init__(self, archive: zipfile.ZipFile, limit: int | None) -> None:
        super().__init__(limit)
        self._archive = archive
        names = {entry.filename for entry in archive.infolist() if not entry.is_dir()}
        self.names = sorted(name for name in names if not _hidden(name))

    def read(self, name: str) -> bytes:
        try:
            return super().read(name)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
            raise RefusedError("It cannot be unpacked: it is damaged, encrypted or packed in another way.") from None

    def _open(self, name: str) -> BinaryIO:
        return self._archive.open(name)  # type: ignore[return-value]


@contextmanager
def open_files(source: Path | BinaryIO, limit: int | None) -> Iterator[Files]:
    """The files of *source*: a folder, a zip, or a file by itself. Raises :class:`RefusedError`."""
    if isinstance(source, Path) and source.is_dir():
        yield _Folder(source, limit)
        return
    name = source.name if isinstance(source, Path) else ""
    try:
        file = source.open("rb") if isinstance(source, Path) else source
    except OSError as error:
        raise RefusedError(f"It cannot be read: {error.strerror or type(error).__name__}.") from None
    try:
        file.seek(0)
        begin = file.read(4)
        file.seek(0)
        if begin not in _ZIP:
            yield _One(name, file, limit)
            return
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
            raise RefusedError("It begins like a zip, but cannot be unpacked.") from None
        with archive:
            yield _Zip(archive, limit)
    finally:
        if isinstance(source, Path):
            file.close()


def parse(text: str) -> Any:
    """The value of the JSON *text*; raises :class:`RefusedError`."""
    try:
        return json.loads(text, parse_constant=lambda _: None)  # what pandas writes for a field that a line lacks
    except json.JSONDecodeError as error:
        raise RefusedError(f"It is not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise RefusedError("Its JSON is nested too deeply.") from None
    except ValueError:
        raise RefusedError("A number in it has too many digits.") from None


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of *text* that are not blank, with their numbers; only LF ends one."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def arrays(files: Files) -> Iterator[tuple[str, list[Any]] | Rejection]:
    """The array of JSON in each file, or its one object as an array; of several files those called .json alone."""
    for name in [name for name in files.names if len(files.names) == 1 or name.endswith(".json")]:
        try:
            content = parse(files.text(name))
        except RefusedError as error:
            yield Rejection(name or "the file", str(error))
        else:
            yield name, content if isinstance(content, list) else [content]
