"""Records with their texts, a line each, and gold files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from raqam.formats.reading.drafts import ABSENT, Draft, Drawn, Read, RefusedError, Rejection, assemble
from raqam.formats.reading.files import Files, arrays, lines, parse

#: The text of the article with this id, None where it is not known.
Originals = Callable[[str], str | None]


def read_records(files: Files, originals: Originals) -> Iterator[Read | Rejection]:
    """JSON Lines: records with the field ``text``, or with the id of an article that is known."""
    for name in files.names:
        for number, line in lines(files.text(name)):
            place = f"{name}:{number}" if name else f"line {number}"
            yield attempt(place, _of_line, line, originals)


def read_gold(files: Files, originals: Originals) -> Iterator[Read | Rejection]:
    """Gold files: an object of JSON each, or an array of them."""
    for found in arrays(files):
        if isinstance(found, Rejection):
            yield found
            continue
        name, rows = found
        for at, row in enumerate(rows):
            place = f"{name}[{at}]" if len(rows) > 1 else name or "the file"
            yield attempt(place, _draft, row, originals)


def attempt(place: str, draft: Callable[..., Draft], *given: object) -> Read | Rejection:
    """The article of the draft that *draft* makes of what is *given*, or why there is none."""
    try:
        return assemble(draft(*given), place)
    except RefusedError as error:
        return Rejection(place, str(error))


def object_of(value: Any) -> Mapping[str, Any]:
    """*value*, which must be an object; raises :class:`RefusedError`."""
    if not isinstance(value, dict):
        raise RefusedError("An article must be a JSON object.")
    return value


def array_of(value: Any, name: str) -> list[Any]:
    """*value*, which must be an array of objects; raises :class:`RefusedError`."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise RefusedError(f"'{name}' must be an array of objects.")
    return value


def _of_line(line: str, originals: Originals) -> Draft:
    return _draft(parse(line), originals)


def _draft(value: Any, originals: Originals) -> Draft:
    row = object_of(value)
    id = row.get("id")
    text = row.get("text")
    if text is None and isinstance(id, str):
        text = originals(id)
    if text is None:
        raise RefusedError("It has no 'text', and no article with its id is known.")
    spans = [
        Drawn(
            span.get("start"), span.get("end"), span.get("label"),
            span["text"] if isinstance(span.get("text"), str) else None,
            span.get("score", 1.0), span.get("value", ABSENT),
        )
        for span in array_of(row.get("spans"), "spans")
    ]  # fmt: skip
    facts = None
    if row.get("facts") is not None:
        facts = [(fact.get("indicator"), fact.get("figure")) for fact in array_of(row["facts"], "facts")]
    return Draft(text, spans, id, row.get("published"), row.get("model"), facts)
