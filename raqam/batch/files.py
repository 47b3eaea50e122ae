"""Files that are either whole or not there, whenever the process is killed or the disk is full."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

TEMPORARY: Final = ".unfinished"


def temporary(folder: Path) -> Path:
    """A name in *folder* for what is not whole yet, which no other process has, on no machine."""
    return folder / f".{uuid.uuid4().hex}{TEMPORARY}"


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file that takes the place of *path* at the end of the block, when it is on the disk; or none at all."""
    unfinished = temporary(path.parent)
    try:
        with unfinished.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def move(unfinished: Path, path: Path) -> None:
    """Put *unfinished*, a file or a folder, in the place of *path*, once all of it is on the disk.

    Whatever was at *path* is gone then, a folder with all that is in it. There is never a part of it left at *path*: a
    folder, which cannot be replaced in one step, is put aside first.
    """
    for file in [unfinished] if unfinished.is_file() else sorted(unfinished.rglob("*")):
        sync(file)
    aside = temporary(unfinished.parent) if path.is_dir() and not path.is_symlink() else None
    if aside is not None:
        os.replace(path, aside)
    os.replace(unfinished, path)
    sync_folder(path.parent)
    if aside is not None:
        remove(aside)


def sync(path: Path) -> None:
    """Have what was written to the file or folder *path* on the disk."""
    if path.is_dir():
        return sync_folder(path)
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in *folder* on the disk, where the system lets a folder be opened."""
    with suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def remove(path: Path) -> None:
    """Remove the file or folder *path*, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what processes that were killed left in *folder*."""
    for path in folder.glob(f".*{TEMPORARY}"):
        remove(path)
