"""brat: a folder or a zip of texts, each with its standoff annotations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from raqam.formats.brat import INDEX, plain_lines
from raqam.formats.reading.drafts import ABSENT, Draft, Drawn, Read, RefusedError, Rejection, assemble, known_value
from raqam.formats.reading.files import Files, lines, parse
from raqam.formats.reading.records import Originals, attempt

_SPAN: Final = re.compile(r"(T\S+)\t(\S+) ([0-9]+ [0-9]+(?:;[0-9]+ [0-9]+)*)\t(.*)", re.DOTALL)
_RELATION: Final = re.compile(r"R\S*\t\S+ Arg1:(\S+) Arg2:(\S+)\s*")
_NOTE: Final = re.compile(r"#\S*\tAnnotatorNotes (T\S+)\t(.*)", re.DOTALL)


def read_brat(files: Files, originals: Originals) -> Iterator[Read | Rejection]:
    """The articles in the order of the index, if there is one, then the others by name."""
    names = set(files.names)
    index, rejections = _index(files)
    yield from rejections
    others = sorted(name.removesuffix(".txt") for name in names if name.endswith(".txt"))
    for stem in dict.fromkeys([*index, *others]):
        missing = next((name for name in (f"{stem}.txt", f"{stem}.ann") if name not in names), None)
        if missing is not None:
            yield Rejection(stem, f"{missing} is not there.")
        else:
            yield _article(files, stem, index.get(stem, {"id": stem}), originals)
    if not others and not any(name.endswith(INDEX) for name in names):
        yield Rejection("the file", "There is no .txt with its .ann here; brat is read from a folder or a zip of both.")


def _index(files: Files) -> tuple[dict[str, Mapping[str, Any]], list[Rejection]]:
    """What the index that is written here says of each article, by its name, and what is wrong with it."""
    found: dict[str, Mapping[str, Any]] = {}
    rejections = []
    for place in [name for name in files.names if name.split("/")[-1] == INDEX]:
        below = place[: -len(INDEX)]
        try:
            for _, line in lines(files.text(place)):
                row = parse(line)
                if isinstance(row, dict) and isinstance(row.get("file"), str):
                    found[below + row["file"]] = row
        except RefusedError as error:
            rejections.append(Rejection(place, str(error)))
    return found, rejections


def _article(files: Files, stem: str, about: Mapping[str, Any], originals: Originals) -> Read | Rejection:
    try:
        text, notes = files.text(f"{stem}.txt"), files.text(f"{stem}.ann")
    except RefusedError as error:
        return Rejection(stem, str(error))
    id = about.get("id")
    original = originals(id) if isinstance(id, str) else None
    # A text that begins with U+FEFF lost it: at the beginning of a file it is the mark of its coding.
    if original is not None and plain_lines(original).removeprefix("\ufeff") == text:
        text = original
    try:
        return assemble(_draft(text, notes, about), stem)
    except RefusedError as error:
        if "\r\n" not in text:
            return Rejection(stem, str(error))
    return attempt(stem, _draft, text.replace("\r\n", "\n"), notes, about)  # as some versions count


def _draft(text: str, notes: str, about: Mapping[str, Any]) -> Draft:
    rows = [line.removesuffix("\r") for line in notes.split("\n")]
    known = {match[1]: _known(match[2]) for row in rows if (match := _NOTE.fullmatch(row))}
    spans: dict[str, Drawn] = {}
    for number, row in enumerate(rows, start=1):
        if row.startswith("T"):
            match = _SPAN.fullmatch(row)
            if match is None:
                raise RefusedError(f"Line {number} of the .ann is no annotation of a text.")
            spans[match[1]] = _drawn(match, text, known.get(match[1], {}), number)
    at = {name: number for number, name in enumerate(spans)}
    facts = []
    for row in rows:
        if (match := _RELATION.fullmatch(row)) and match[1] in at and match[2] in at:
            one, other = match[1], match[2]
            facts.append((at[one], at[other]) if spans[one].label == "IND" else (at[other], at[one]))
    carried = facts if facts or "model" in about else None
    return Draft(text, list(spans.values()), about.get("id"), about.get("published"), about.get("model"), carried,
                 lenient=True)  # fmt: skip


def _drawn(match: re.Match[str], text: str, known: Mapping[str, Any], number: int) -> Drawn:
    """A span; one in pieces is one if nothing but white space is between them, as where lines end."""
    pieces = [tuple(map(int, piece.split(" "))) for piece in match[3].split(";")]
    for (_, end), (start, _) in pairwise(pieces):
        if text[end:start].strip():
            raise RefusedError(f"The annotation of line {number} of the .ann is in pieces with words between them.")
    value = known_value(match[2], known["value"]) if "value" in known else ABSENT
    return Drawn(pieces[0][0], pieces[-1][1], match[2], match[4], known.get("score", 1.0), value)


def _known(note: str) -> Mapping[str, Any]:
    """Score and value of a note that was written here; other notes are nobody's but the annotators'."""
    try:
        found = parse(note)
    except RefusedError:
        return {}
    return found if isinstance(found, dict) else {}
