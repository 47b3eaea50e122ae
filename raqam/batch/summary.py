"""What was found in a corpus, counted: the table behind ``--summary``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rich.table import Table

from raqam.batch.shards import Tally
from raqam.labels import LABELS
from raqam.records import Record


@dataclass(slots=True)
class Summary:
    """Counts over all records: spans by label, those with an exact value, and those whose value is not known."""

    tally: Tally = field(default_factory=Tally)
    spans: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    facts: int = 0

    def add(self, record: Record) -> None:
        """Count *record*."""
        self.facts += len(record.facts)
        for span in record.spans:
            self.spans[span.label] += 1
            if span.label in _VALUED:
                (self.unread if span.value is None else self.read)[span.label] += 1

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON."""
        tally = {"rows": self.tally.rows, "annotated": self.tally.annotated, "tokens": self.tally.tokens}
        return {**tally, **{name: dict(getattr(self, name)) for name in _COUNTERS}, "facts": self.facts}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Summary:
        """The counts that :meth:`to_dict` made *content* of; raises LookupError or TypeError for another."""
        tally = Tally(content["rows"], content["annotated"], content["tokens"])
        spans, read, unread = (Counter[str](content[name]) for name in _COUNTERS)
        return cls(tally, spans, read, unread, content["facts"])

    def table(self) -> Table:
        """The counts for a terminal: a row for each label that was found, and one for all."""
        table = Table("code", "label", box=None, pad_edge=False)
        for name in ("spans", "with a value", "unread"):
            table.add_column(name, justify="right")
        for label in LABELS:
            if label.code in self.spans:
                table.add_row(label.code, label.name, *self._cells(label.code))
        totals = (counter.total() for counter in (self.spans, self.read, self.unread))
        table.add_row("", "all", *(f"{total:,}" for total in totals))
        return table

    def _cells(self, code: str) -> tuple[str, ...]:
        valued = (f"{self.read[code]:,}", f"{self.unread[code]:,}") if code in _VALUED else ("", "")
        return (f"{self.spans[code]:,}", *valued)


_COUNTERS: Final = ("spans", "read", "unread")

#: The labels whose spans have a value: the figures but for the indicator, and dates.
_VALUED: Final = frozenset(("MON", "PCT", "QTY", "CNT", "RNK", "DAT"))
