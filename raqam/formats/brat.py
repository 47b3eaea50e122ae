"""brat: a folder of texts and standoff annotations, ready to be put into brat's data folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from raqam.formats.kinds import Annotated
from raqam.formats.streams import json_text
from raqam.labels import CODES, FIGURES
from raqam.records import Record, Span

#: The articles of one folder: brat lists all of them on one page.
FOLDER_ARTICLES: Final = 1_000

INDEX: Final = "index.jsonl"

_BOUNDS: Final = ("exact", "about", "at_least", "more_than", "at_most", "less_than")

#: Bytes of the id that a file name keeps; file systems allow 255 for the whole name.
_NAME_BYTES: Final = 120

#: A piece of one line without white space at its edges. brat cannot annotate across the end of a line, of any kind.
_FRAGMENT: Final = re.compile("[^\\s](?:[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*[^\\s])?")

#: Line ends that brat counts otherwise, as ones of the same length that it counts as one.
_LINE_ENDS: Final = re.compile("\r(\n?)")


class BratWriter:
    """Writes a ``.txt`` and an ``.ann`` file for each article below *folder*, which does not exist yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        folder.mkdir()
        (folder / "annotation.conf").write_text(_annotation_conf(), "utf-8", newline="\n")
        (folder / "tools.conf").write_text("[options]\nSentences\tsplitter:newline\n", "utf-8", newline="\n")
        self._index = (folder / INDEX).open("w", encoding="utf-8", newline="\n")

    def write(self, items: Sequence[Annotated]) -> None:
        for item in items:
            name = file_name(self._count, item.record.id)
            part = f"{self._count // FOLDER_ARTICLES:05}"
            if self._count % FOLDER_ARTICLES == 0:
                (self._folder / part).mkdir()
            text = plain_lines(item.article.text)
            (self._folder / part / f"{name}.txt").write_text(text, "utf-8", newline="\n")
            (self._folder / part / f"{name}.ann").write_text("".join(_lines(item.record)), "utf-8", newline="\n")
            self._index.write(_entry(f"{part}/{name}", item))
            self._count += 1

    def close(self) -> None:
        self._index.close()


def plain_lines(text: str) -> str:
    r"""*text* with line ends that every version of brat counts as one character, and no character more or less.

    >>> plain_lines("همدان\r\nقم\r")
    'همدان \nقم\n'
    """
    return _LINE_ENDS.sub(lambda match: " \n" if match[1] else "\n", text)


def file_name(number: int, id: str | None) -> str:
    """A name for the files of the article with *id*, the *number*-th of all: safe on every system, and never twice.

    Letters and digits of all scripts stay; whatever else is not ``.``, ``-`` or ``_`` becomes ``_``.

    >>> file_name(7, "همدان/خبر ۱.txt"), file_name(8, "../.."), file_name(9, None)
    ('0000007-همدان_خبر_۱.txt', '0000008', '0000009')
    """
    composed = unicodedata.normalize("NFC", id or "")
    safe = re.sub(r"[^\w.-]+", "_", composed).encode()[:_NAME_BYTES].decode(errors="ignore").strip("._-")
    return f"{number:07}-{safe}" if safe else f"{number:07}"


def _entry(name: str, item: Annotated) -> str:
    """The line of the index: what the files cannot say of their article."""
    published = None if item.article.published is None else item.article.published.isoformat()
    return json_text({"file": name, "id": item.record.id, "published": published, "model": item.record.model}) + "\n"


def _lines(record: Record) -> Iterator[str]:
    """Spans, then facts, then how figures are bounded, then what else is known of each span, as notes."""
    for index, span in enumerate(record.spans, start=1):
        fragments = list(_fragments(span))
        ranges = ";".join(f"{start} {end}" for start, end, _ in fragments)
        yield f"T{index}\t{span.label} {ranges}\t{' '.join(text for _, _, text in fragments)}\n"
    for index, fact in enumerate(record.facts, start=1):
        yield f"R{index}\tMeasures Arg1:T{fact.figure + 1} Arg2:T{fact.indicator + 1}\n"
    values = [(index, span.value) for index, span in enumerate(record.spans, start=1) if span.value]
    bounds = [(index, value["bound"]) for index, value in values if "bound" in value]
    for number, (index, bound) in enumerate(bounds, start=1):
        yield f"A{number}\tBound T{index} {bound}\n"
    for index, known in enumerate((span.to_dict() for span in record.spans), start=1):
        note = json_text({"score": known["score"], "value": known["value"]})
        yield f"#{index}\tAnnotatorNotes T{index}\t{note}\n"


def _fragments(span: Span) -> Iterator[tuple[int, int, str]]:
    """The pieces of *span* between line ends, as brat writes a discontinuous annotation."""
    for match in _FRAGMENT.finditer(span.text):
        yield span.start + match.start(), span.start + match.end(), match[0]


def _annotation_conf() -> str:
    figures = "|".join(code for code in CODES if code in FIGURES)
    sections = {
        "entities": list(CODES),
        "relations": [f"Measures\tArg1:{figures}, Arg2:IND"],
        "events": [],
        "attributes": [f"Bound\tArg:{figures}, Value:{'|'.join(_BOUNDS)}"],
    }
    return "\n".join(line for name, lines in sections.items() for line in (f"[{name}]", *lines, ""))
