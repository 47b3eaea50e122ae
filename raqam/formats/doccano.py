"""Doccano: the JSON Lines that its sequence labelling imports, with offsets in code points."""

from __future__ import annotations

from raqam.formats.kinds import Annotated
from raqam.formats.streams import json_text


def encode(item: Annotated) -> bytes:
    """The line of *item*; every field but ``text`` and ``label`` becomes metadata of the document."""
    article, record = item.article, item.record
    spans = [span.to_dict() for span in record.spans]
    line = {
        "text": article.text,
        "label": [[span["start"], span["end"], span["label"]] for span in spans],
        "id": record.id,
        "published": None if article.published is None else article.published.isoformat(),
        "model": record.model,
        "spans": spans,
        "facts": [fact.to_dict() for fact in record.facts],
    }
    return f"{json_text(line)}\n".encode()
