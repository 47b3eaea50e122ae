"""doccano: the JSON Lines that its sequence labelling exports, with or without relations, and those written here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from raqam.formats.reading.drafts import Draft, Drawn, Read, RefusedError, Rejection
from raqam.formats.reading.editing import rematch
from raqam.formats.reading.files import Files, lines, parse
from raqam.formats.reading.records import array_of, attempt, object_of


def read_doccano(files: Files) -> Iterator[Read | Rejection]:
    """A line for each document; several files where the export is a zip, one for each annotator."""
    for name in [name for name in files.names if len(files.names) == 1 or name.endswith((".jsonl", ".json"))]:
        for number, line in lines(files.text(name)):
            place = f"{name}:{number}" if name else f"line {number}"
            yield attempt(place, _draft, line)


def _draft(line: str) -> Draft:
    row = object_of(parse(line))
    text = row.get("text", row.get("data"))
    id, published = row.get("id"), row.get("published")
    id = str(id) if isinstance(id, int | float) and not isinstance(id, bool) else id
    if "entities" in row:
        return _with_relations(row, text, id)
    labels = next((row[name] for name in ("label", "labels") if isinstance(row.get(name), list)), None)
    if labels is None:
        raise RefusedError("It has neither 'label' nor 'labels' with an array of [start, end, label].")
    if not all(isinstance(each, list) and len(each) == 3 for each in labels):
        raise RefusedError("A label must be [start, end, label].")
    spans = [Drawn(*each) for each in labels]
    draft = Draft(text, spans, id, published, row.get("model"))
    return rematch(draft, row if "spans" in row else None)


def _with_relations(row: Mapping[str, Any], text: Any, id: Any) -> Draft:
    """What a project with relations exports; a relation of any type may be between an indicator and a figure."""
    entities = array_of(row["entities"], "entities")
    spans = [Drawn(each.get("start_offset"), each.get("end_offset"), each.get("label")) for each in entities]
    at = {str(each.get("id")): number for number, each in enumerate(entities)}
    facts = []
    for relation in array_of(row.get("relations") or [], "relations"):
        one, other = (at.get(str(relation.get(name))) for name in ("from_id", "to_id"))
        if one is not None and other is not None:
            facts.append((one, other) if spans[one].label == "IND" else (other, one))
    return Draft(text, spans, id, row.get("published"), row.get("model"), facts or None, lenient=True)
