"""Streams: what is written is whole, also when Ctrl-C comes while it is written."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable

import pytest

from raqam.formats.streams import StreamWriter, open_output
from tests.raqam.formats.items import HOSTILE


class Interrupted(io.BytesIO):
    """A stream that is interrupted in the middle of every write."""

    def write(self, content: object) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return super().write(content)  # type: ignore[arg-type]


def test_an_interrupt_waits_until_all_is_written() -> None:
    output = Interrupted()
    writer = StreamWriter(output, lambda item: b"x", head=b"(", tail=b")")
    for end in (writer.write, lambda _: writer.close()):
        with pytest.raises(KeyboardInterrupt):
            end(HOSTILE)
    assert output.getvalue() == b"(" + b"x" * len(HOSTILE) + b")"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_writes_from_another_thread_too() -> None:
    output = io.BytesIO()
    errors: list[BaseException] = []
    writer = StreamWriter(output, lambda item: b"x")
    thread = threading.Thread(target=_caught, args=(lambda: writer.write(HOSTILE), errors))
    thread.start()
    thread.join()
    assert (errors, output.getvalue()) == ([], b"x" * len(HOSTILE))


def _caught(call: Callable[[], None], errors: list[BaseException]) -> None:
    try:
        call()
    except BaseException as error:
        errors.append(error)


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_puts_the_parts_where_they_belong(cut: int) -> None:
    output = io.BytesIO()
    writer = StreamWriter(output, lambda item: b"x", head=b"(", between=b",", tail=b")")
    for at in range(0, 3, cut):
        writer.write(HOSTILE[at : min(at + cut, 3)])
        writer.write([])
    writer.close()
    assert output.getvalue() == b"(x,x,x)"


def test_nothing_is_a_head_and_a_tail() -> None:
    output = io.BytesIO()
    StreamWriter(output, lambda item: b"x", head=b"(", between=b",", tail=b")").close()
    assert output.getvalue() == b"()"


def test_a_closed_standard_output_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OSError, match="it is closed"):
        open_output(None)
