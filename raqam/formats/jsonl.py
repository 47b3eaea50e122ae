"""JSON Lines: one record a line."""

from __future__ import annotations

import json

from raqam.formats.kinds import Annotated
from raqam.records import Record


def json_line(record: Record) -> bytes:
    r"""Return *record* as one line of JSON in UTF-8.

    >>> json_line(Record("الف", "m@1", ())).decode()
    '{"id": "الف", "model": "m@1", "spans": [], "facts": []}\n'
    """
    return (json.dumps(record.to_dict(), ensure_ascii=False) + "\n").encode()


def encode(item: Annotated) -> bytes:
    """The line of *item*: its record alone."""
    return json_line(item.record)
