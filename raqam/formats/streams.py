"""Bytes that are written one after another: to a file, or to standard output."""

from __future__ import annotations

import errno
import json
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, Final

from raqam.formats.kinds import Annotated

#: What ends a line for some program or other, and that JSON may hold as it is.
_LINE_ENDS: Final = re.compile("[\x85\u2028\u2029]")


class StreamWriter:
    """Writes each item as the bytes that *encode* makes of it, ``between`` two of them, between a head and a tail."""

    def __init__(
        self,
        output: BinaryIO,
        encode: Callable[[Annotated], bytes],
        *,
        head: bytes = b"",
        between: bytes = b"",
        tail: bytes = b"",
    ) -> None:
        self._output = output
        self._encode = encode
        self._begun, self._next = False, head
        self._between = between
        self._tail = tail

    def write(self, items: Sequence[Annotated]) -> None:
        """Write *items* and flush them, whole whatever happens: an interrupt waits until they are written."""
        if items:
            content = self._next + self._between.join(map(self._encode, items))
            self._begun, self._next = True, self._between  # now, for an interrupt comes behind what is written
            self._put(content)

    def close(self) -> None:
        rest = self._tail if self._begun else self._next + self._tail
        if rest:
            self._put(rest)

    def _put(self, content: bytes) -> None:
        with _interrupts_held():
            self._output.write(content)
            self._output.flush()


def open_output(path: Path | None) -> AbstractContextManager[BinaryIO]:
    """Open *path* to write from its beginning; None is standard output. Raises :class:`OSError`."""
    if path is not None:
        return path.open("wb")
    if sys.stdout is None:
        raise OSError(errno.EBADF, "it is closed")
    return nullcontext(sys.stdout.buffer)


def json_text(value: Any) -> str:
    r"""*value* as JSON on one line, whatever the reader takes for the end of a line.

    >>> json_text({"of": "معدن\u2028"})
    '{"of": "معدن\\u2028"}'
    """
    return _LINE_ENDS.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back inside the block, and let it act behind it; where it is ignored, it stays ignored."""
    handled = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not handled or threading.current_thread() is not threading.main_thread():  # which alone Ctrl-C interrupts
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
