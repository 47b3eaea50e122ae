"""Annotating without shards: from standard input or a pipe, or to one. What is written is not kept track of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from raqam.annotator import Annotator
from raqam.batch.progress import Meter
from raqam.batch.shards import Entry, JobError, Rejection, Tally, annotate_rows
from raqam.batch.summary import Summary
from raqam.errors import SourceError
from raqam.formats import Annotated, Writer
from raqam.readers import Row, Source

#: Rows that are annotated and written before more of standard input is read: whoever writes it may wait for them.
BATCH_ROWS: Final = 32


@dataclass(slots=True)
class Stream:
    """Annotates into *writer*, in order and in constant memory; ``summary`` says what was written so far."""

    annotator: Annotator
    writer: Writer
    meter: Meter
    strict: bool = False
    summary: Summary = field(default_factory=Summary)

    def run(self, sources: Sequence[Source | SourceError]) -> None:
        """Annotate *sources*. Raises :class:`JobError` over the first row that is rejected, if the stream is strict."""
        waits = any(isinstance(source, Source) and source.path is None for source in sources)
        for rows in _batches(_rows(sources)) if waits else [_rows(sources)]:
            written: list[tuple[Annotated, int]] = []
            for entry, tokens in annotate_rows(rows, self.annotator):
                self._take(entry, tokens, written)
            self._write(written)

    def _take(self, entry: Entry, tokens: int, written: list[tuple[Annotated, int]]) -> None:
        if not isinstance(entry, Rejection):
            written.append((Annotated(*entry), tokens))
            if len(written) == BATCH_ROWS:
                self._write(written)
            return
        self._write(written)
        self.summary.tally.add(Tally(1))
        self.meter.count(Tally(1), entry)
        if self.strict:
            raise JobError("Nothing is annotated behind it, as --strict asks.")

    def _write(self, written: list[tuple[Annotated, int]]) -> None:
        """Write what has gathered, and count it once it is written, whatever ends the writing."""
        before = len(written)
        try:
            self.writer.write([item for item, _ in written])
        except (OSError, MemoryError):
            before = 0
            raise
        finally:
            for item, tokens in written[:before]:
                self.summary.add(item.record)
                self.summary.tally.add(Tally(1, 1, tokens))
                self.meter.count(Tally(1, 1, tokens))
            written.clear()


def _rows(sources: Iterable[Source | SourceError]) -> Iterator[tuple[str, Row]]:
    for source in sources:
        if isinstance(source, Source):
            yield from ((source.place(), row) for row in source.rows())
        else:
            yield "", Row(source)


def _batches(rows: Iterator[tuple[str, Row]]) -> Iterator[Iterator[tuple[str, Row]]]:
    while (first := next(rows, None)) is not None:
        yield chain([first], islice(rows, BATCH_ROWS - 1))
