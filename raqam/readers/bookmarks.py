"""Places in files that cannot be entered in the middle, kept open for whoever reads on from there."""

from __future__ import annotations

import atexit
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from raqam.readers.rows import Cut

if TYPE_CHECKING:
    from raqam.readers.source import Source

#: Files that are kept open at most.
_MOST: Final = 2


@dataclass(frozen=True, slots=True)
class _Place:
    """The next row of a file, which was as *stamp* says when it was left, and the cuts from that row on."""

    stamp: tuple[int, ...] | None
    row: int
    cuts: Iterator[Cut]


class Bookmarks:
    """Where the reading of a source was left, so that shards read in order unpack a file once and not once each."""

    def __init__(self) -> None:
        self._places: OrderedDict[Source, _Place] = OrderedDict()
        self._lock = threading.Lock()
        atexit.register(self._places.clear)  # while the libraries that read the files are still there

    def keep(self, source: Source, row: int, cuts: Iterator[Cut]) -> None:
        """Remember that *cuts* goes on with *row* of *source*; the place that was left longest ago is given up."""
        place = _Place(_stamp(source), row, cuts)
        with self._lock:
            self._places[source] = place
            dropped = self._places.popitem(last=False) if len(self._places) > _MOST else None
        del dropped  # closes its file, which takes no lock

    def take(self, source: Source, row: int) -> Iterator[Cut] | None:
        """The cuts of *source* from *row* on or from before it, for one reader; None where no such place is kept."""
        with self._lock:
            place = self._places.pop(source, None)
        if place is None or place.row > row or place.stamp is None or place.stamp != _stamp(source):
            return None
        return place.cuts


def _stamp(source: Source) -> tuple[int, ...] | None:
    """What tells the file of *source* from another that takes its place, and this process from a fork of it."""
    try:
        status = os.stat(source.path or "")
    except OSError:
        return None
    return os.getpid(), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
