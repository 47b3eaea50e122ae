"""Sources by their names on the command line: files, folders, patterns and standard input."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from raqam.errors import SourceError
from raqam.readers.names import shown
from raqam.readers.options import DEFAULTS, Options
from raqam.readers.source import KINDS, READERS, UNKNOWN, Source, kind_of

STDIN: Final = "-"


def find_sources(inputs: Iterable[str], options: Options = DEFAULTS) -> Iterator[Source | SourceError]:
    """Resolve what was named on the command line, in order.

    Files; folders (their files by name, not those of folders inside them); patterns such as ``news/**/*.jsonl`` and
    ``[0-9].txt`` (what they match by name, where no file has that very name); and ``-``. An input that does not
    exist, or is of an unknown kind, becomes an error in its place.
    """
    for name in inputs:
        yield from _resolve(name, options)


def _resolve(name: str, options: Options) -> Iterator[Source | SourceError]:
    if name == STDIN:
        yield Source(None, options)
    elif name and os.path.isdir(name):
        yield from _files_of(name, options)
    elif os.path.exists(name):
        yield _file(Path(name), options)
    elif glob.has_magic(name) and "\0" not in name:
        yield from _matches(name, options)
    else:
        yield SourceError(f"{shown(name) or repr(name)}: there is no such file or folder.", reason="not_found")


def _files_of(folder: str, options: Options) -> Iterator[Source | SourceError]:
    """The files of *folder* (not of folders inside it) whose kind is known, by name."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if kind_of(Path(entry.name)) in READERS and entry.is_file())
    except OSError as error:
        yield SourceError(f"{shown(folder)}: cannot be read: {error.strerror}.", reason="unreadable")
        return
    if not names:
        yield SourceError(f"{shown(folder)}: the folder holds no {KINDS} file.", reason="empty")
    for name in names:
        yield Source(Path(folder, name), options)


def _matches(pattern: str, options: Options) -> Iterator[Source | SourceError]:
    """The files that *pattern* matches whose kind is known, by name."""
    found = set(glob.iglob(pattern, recursive=True))  # ** finds some of them more than once
    paths = sorted(Path(name) for name in found if kind_of(Path(name)) in READERS and os.path.isfile(name))
    if not paths:
        yield SourceError(f"{shown(pattern)}: no {KINDS} file matches.", reason="not_found")
    for path in paths:
        yield Source(path, options)


def _file(path: Path, options: Options) -> Source | SourceError:
    if kind_of(path) in READERS:
        return Source(path, options)
    return SourceError(f"{shown(str(path))}: {UNKNOWN}", reason="unknown_kind")
