"""Writers of records: bytes of whole lines, to a file or to standard output."""

from __future__ import annotations

import errno
import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from raqam.records import Record


class Format(StrEnum):
    """The formats records are written in."""

    JSONL = "jsonl"


def json_line(record: Record) -> bytes:
    r"""Return *record* as one line of JSON in UTF-8.

    >>> json_line(Record("الف", "m@1", ())).decode()
    '{"id": "الف", "model": "m@1", "spans": [], "facts": []}\n'
    """
    return (json.dumps(record.to_dict(), ensure_ascii=False) + "\n").encode()


FORMATS: Final[Mapping[Format, Callable[[Record], bytes]]] = {Format.JSONL: json_line}


def open_output(path: Path | None) -> AbstractContextManager[BinaryIO]:
    """Open *path* to write from its beginning; None is standard output. Raises :class:`OSError`."""
    if path is not None:
        return path.open("wb")
    if sys.stdout is None:
        raise OSError(errno.EBADF, "it is closed")
    return nullcontext(sys.stdout.buffer)


def write_records(output: BinaryIO, records: Iterable[Record], format: Format = Format.JSONL) -> None:
    """Write *records* and flush them, whole whatever happens: an interrupt waits until they are written."""
    content = b"".join(map(FORMATS[format], records))
    with _interrupts_held():
        output.write(content)
        output.flush()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back inside the block, and let it act behind it; where it is ignored, it stays ignored."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    held: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if held:
        raise KeyboardInterrupt
