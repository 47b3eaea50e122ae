"""Sources by their names on the command line: files, folders, patterns and standard input."""

from __future__ import annotations

import glob
import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from raqam.errors import SourceError
from raqam.readers.failures import unreadable
from raqam.readers.names import shown
from raqam.readers.options import DEFAULTS, Options
from raqam.readers.source import KINDS, READERS, UNKNOWN, Source, kind_of

STDIN: Final = "-"

#: What a run of ours keeps beside its output, where that is a file that can be read; and the folder of its parts.
_BESIDE: Final = (".manifest.jsonl", ".rejected.jsonl")
_PARTS: Final = ".parts"
_MANIFEST: Final = "manifest.jsonl"


def find_sources(
    inputs: Iterable[str], options: Options = DEFAULTS, *, passed_over: Callable[[Path], bool] = lambda _path: False
) -> Iterator[Source | SourceError]:
    """Resolve what was named on the command line, in order, each file once.

    Files; folders (their files by name, not those of folders inside them); patterns such as ``news/**/*.jsonl`` and
    ``[0-9].txt`` (what they match by name, where no file has that very name); and ``-``. Folders and patterns pass over
    hidden files, what other runs keep beside their outputs, and what *passed_over* says. An input that does not exist,
    or is of an unknown kind, becomes an error in its place.
    """
    finder = _Finder(options, passed_over)
    for name in inputs:
        yield from finder.resolve(name)


class _Finder:
    """Finds sources, and remembers the files they are."""

    def __init__(self, options: Options, passed_over: Callable[[Path], bool]) -> None:
        self._options = options
        self._passed_over = passed_over
        self._known: defaultdict[int, set[int]] = defaultdict(set)  # by their devices
        self._is_kept = cache(_is_kept)

    def resolve(self, name: str) -> Iterator[Source | SourceError]:
        """The sources that *name* stands for."""
        if name == STDIN:
            yield Source(None, self._options)
        elif name and os.path.isdir(name):
            yield from self._files_of(name)
        elif os.path.exists(name):
            yield from self._file(name)
        elif glob.has_magic(name) and "\0" not in name:
            yield from self._matches(name)
        else:
            yield SourceError(f"{shown(name) or repr(name)}: there is no such file or folder.", reason="not_found")

    def _file(self, name: str) -> Iterator[Source | SourceError]:
        if kind_of(Path(name)) not in READERS:
            yield SourceError(f"{shown(name)}: {UNKNOWN}", reason="unknown_kind")
        elif self._is_new(name):
            yield Source(Path(name), self._options)

    def _files_of(self, folder: str) -> Iterator[Source | SourceError]:
        """The files of *folder* (not of folders inside it) whose kind is known, by name."""
        try:
            with os.scandir(folder) as entries:
                files = (entry.name for entry in entries if _is_known(entry.name) and entry.is_file())
                names = sorted(name for name in files if self._is_input(os.path.join(folder, name)))
        except OSError as error:
            found = unreadable(error)
            yield SourceError(f"{shown(folder)}: {found}", reason=found.reason)
            return
        if not names:
            yield SourceError(f"{shown(folder)}: the folder holds no {KINDS} file.", reason="empty")
        yield from self._sources(os.path.join(folder, name) for name in names)

    def _matches(self, pattern: str) -> Iterator[Source | SourceError]:
        """The files that *pattern* matches whose kind is known, by name."""
        found = {  # ** finds some of them more than once
            name
            for name in glob.iglob(pattern, recursive=True)
            if _is_known(name) and os.path.isfile(name) and self._is_input(name)
        }
        if not found:
            yield SourceError(f"{shown(pattern)}: no {KINDS} file matches.", reason="not_found")
        yield from self._sources(sorted(found, key=lambda name: name.replace(os.sep, "\0")))

    def _sources(self, names: Iterable[str]) -> Iterator[Source]:
        """The files *names* that were not found before; few words are kept of each, for there may be millions."""
        return (Source(Path(name), self._options) for name in names if self._is_new(name))

    def _is_input(self, name: str) -> bool:
        """Whether the file *name*, which a folder or a pattern gives, is to be read."""
        folder, last = os.path.split(name)
        kept = any(last.endswith(end) and os.path.exists(name.removesuffix(end)) for end in _BESIDE)
        return not (last.startswith(".") or kept or self._is_kept(folder) or self._passed_over(Path(name)))

    def _is_new(self, name: str) -> bool:
        """Whether the file *name* is another than those before, by whatever name they came."""
        try:
            status = os.stat(name)
        except OSError:
            return True
        known = self._known[status.st_dev]
        if status.st_ino in known:
            return False
        if stat.S_ISREG(status.st_mode):
            known.add(status.st_ino)
        return True


def _is_kept(folder: str) -> bool:
    """Whether *folder* is, or is inside, the one where a run keeps its parts."""
    folders = (each for each in (folder, *map(str, Path(folder).parents)) if each.endswith(_PARTS))
    return any(os.path.exists(os.path.join(each, _MANIFEST)) for each in folders)


def _is_known(name: str) -> bool:
    return kind_of(Path(name)) in READERS
