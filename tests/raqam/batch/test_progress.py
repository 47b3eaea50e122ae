"""What is shown of a run: lines where there is no terminal, a bar where there is one, and rates of this run alone."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from raqam.batch.progress import EVERY, NAMED, Meter
from raqam.batch.shards import Rejection, Tally

REJECTED = Rejection("news.jsonl", 2, "blank", "news.jsonl:2: 'text' is blank: there is nothing to annotate.")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def meter(clock: Clock, output: io.StringIO) -> Callable[..., Meter]:
    def made(*, terminal: bool = False, shown: bool = True, named: int | None = None) -> Meter:
        return Meter(Console(file=output, force_terminal=terminal, width=200), shown, named, clock)

    return made


def test_a_line_now_and_then_where_there_is_no_terminal(
    meter: Callable[..., Meter], clock: Clock, output: io.StringIO
) -> None:
    shown = meter()
    shown.start(1000)
    shown.keep(Tally(500, 499, 9000))
    for _ in range(100):
        clock.now += EVERY / 100 + 1e-9
        shown.count(Tally(1, 1, 40))
    assert output.getvalue() == ("600 of 1,000 rows (60.0%), 3.3 articles/s, 133 tokens/s, 1 rejected, 0:02:00 left\n")


def test_without_a_total_there_is_no_end(meter: Callable[..., Meter], clock: Clock, output: io.StringIO) -> None:
    shown = meter()
    shown.start(None)
    clock.now += EVERY + 1
    shown.count(Tally(1, 1, 62))
    assert output.getvalue() == "1 rows, 0.0 articles/s, 2 tokens/s\n"


def test_nothing_is_shown_where_nothing_shall_be(
    meter: Callable[..., Meter], clock: Clock, output: io.StringIO
) -> None:
    shown = meter(shown=False)
    with shown.bar:
        shown.start(10)
        clock.now += 10 * EVERY
        shown.count(Tally(1, 1, 40))
    assert output.getvalue() == ""


def test_a_bar_on_a_terminal(meter: Callable[..., Meter], clock: Clock, output: io.StringIO) -> None:
    shown = meter(terminal=True)
    with shown.bar:
        shown.start(4)
        clock.now += 2
        shown.count(Tally(3, 2, 100))
        shown.bar.refresh()
        shown.assemble()
    assert "annotating" in output.getvalue()
    assert "75%" in output.getvalue()
    assert "1.0 articles/s, 50 tokens/s, 1 rejected" in output.getvalue()


@pytest.mark.parametrize(("named", "lines"), [(None, NAMED + 5), (NAMED, NAMED + 1), (0, 1)])
def test_rejected_rows_are_named_up_to_a_number(
    meter: Callable[..., Meter], output: io.StringIO, named: int | None, lines: int
) -> None:
    shown = meter(named=named)
    for _ in range(NAMED + 5):
        shown.count(Tally(1), REJECTED)
    assert len(output.getvalue().splitlines()) == lines
    assert output.getvalue().count(REJECTED.message) == (NAMED + 5 if named is None else named)
