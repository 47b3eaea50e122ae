"""How far a run is: a bar on a terminal, and elsewhere a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from raqam.batch.shards import Rejection, Tally

#: Seconds between two lines where there is no terminal.
EVERY: Final = 30.0

#: Rejected rows that are named one by one, when a file has them all.
NAMED: Final = 20


class Meter:
    """Counts what is done, and shows it where *shown*; see :func:`metering`.

    The rates are those of this run: what an earlier one did counts neither as done nor as left. *named* is how many
    rejected rows are named on the console; None is all.
    """

    def __init__(
        self, console: Console, shown: bool, named: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.done = Tally()
        self.kept = Tally()
        self.total: int | None = None
        self._console, self._named, self._clock = console, named, clock
        self._lines = shown and not console.is_terminal
        self._began = self._told = clock()
        columns = (
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rates]}"),
            TimeElapsedColumn(), TimeRemainingColumn(),
        )  # fmt: skip
        bar = shown and console.is_terminal
        self.bar = Progress(*columns, console=console, disable=not bar, transient=True, redirect_stdout=False)
        self._task = self.bar.add_task("reading", total=None, rates="")

    def scanned(self, size: int) -> None:
        """A row of *size* bytes was found."""
        self.done.rows += 1
        if self.done.rows % 10_000 == 0:
            self._show(f"{self.done.rows:,} rows found")

    def start(self, rows: int | None) -> None:
        """Annotating begins, of *rows* rows if that is known."""
        self.done, self.total, self._began = Tally(), rows, self._clock()
        self.bar.reset(self._task, total=rows, description="annotating", rates="")

    def keep(self, tally: Tally) -> None:
        """An earlier run has done *tally*."""
        self.kept.add(tally)
        self._update()

    def count(self, tally: Tally, rejection: Rejection | None = None) -> None:
        """*tally* was done just now, or rejected."""
        self.done.add(tally)
        if rejection is not None:
            self._name(rejection)
        self._update()

    def assemble(self) -> None:
        """All rows are done, and the output is put together."""
        self.bar.update(self._task, description="writing")

    def _name(self, rejection: Rejection) -> None:
        if self._named is None or self.done.rejected <= self._named:
            self._print(rejection.message)
        elif self.done.rejected == self._named + 1:
            self._print("More rows are rejected; all are in the file of rejected rows.")

    def _update(self) -> None:
        total = None if self.total is None else self.total - self.kept.rows
        self.bar.update(self._task, completed=self.done.rows, total=total, rates=self._rates())
        self._show(self._line())

    def _show(self, line: str) -> None:
        if self._lines and (now := self._clock()) - self._told >= EVERY:
            self._told = now
            self._print(line)

    def _print(self, line: str) -> None:
        with suppress(OSError, ValueError):  # a log that is full, or closed, ends no work
            self._console.out(line, highlight=False)

    def _rates(self) -> str:
        seconds = max(self._clock() - self._began, 1e-6)
        rates = f"{self.done.annotated / seconds:,.1f} articles/s, {self.done.tokens / seconds:,.0f} tokens/s"
        rejected = self.done.rejected + self.kept.rejected
        return f"{rates}, {rejected:,} rejected" if rejected else rates

    def _line(self) -> str:
        done = self.done.rows + self.kept.rows
        if self.total is None:
            return f"{done:,} rows, {self._rates()}"
        seconds = max(self._clock() - self._began, 1e-6)
        left = (self.total - done) * seconds / max(1, self.done.rows)
        share = f"{done / max(1, self.total):.1%}"
        return f"{done:,} of {self.total:,} rows ({share}), {self._rates()}, {timedelta(seconds=round(left))} left"


@contextmanager
def metering(*, shown: bool, named: int | None = None) -> Iterator[Meter]:
    """A meter on the standard error; a bar is drawn until the end of the block."""
    meter = Meter(Console(stderr=True), shown, named)
    with meter.bar:
        yield meter
