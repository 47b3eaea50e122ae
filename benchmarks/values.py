"""How many gold figures, dates and places get the right value, and how long reading them takes.

The gold spans of each article go to :func:`raqam.figures.read_values`. Values that the gold states in their string
form (``6600e9 IRT``, ``x2``, ``g1975..g1999``, ``?``) are compared in that form, numbers by what they are; value
objects must be equal in every field. A span whose gold has no value is not counted, except a place in gold of value
objects, where null is a value too. Every miss is printed, as it stands in the gold and as it was read.

FILE is JSON lines of ``{"id", "text", "spans": [{"start", "end", "label", "value"?}], "published"?}``, a gold record
(``.json``) or a folder of those. With ``--time`` the articles are also annotated, one by one on one thread.

Run from the root of a checkout::

    python -m benchmarks.values annotations/gold --time
    python -m benchmarks.values GOLD.jsonl -o PREDICTED.jsonl
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from benchmarks.report import machine, table
from raqam import Annotator, Article, ModelError, Span
from raqam.facts import link
from raqam.figures import read_values
from raqam.labels import CODES
from raqam.text import normalize
from training.gold import GoldArticle, GoldError, GoldSpan, read_folder, read_gold, read_jsonl
from training.gold_values import KINDS, value_string

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Reading:
    """A gold span and what was read from it; ``counts`` is whether the gold says what its value must be."""

    id: str
    gold: GoldSpan
    span: Span
    counts: bool

    @property
    def right(self) -> bool:
        """Whether the value is the gold's."""
        return same(self.gold.value, self.span.value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, compare and print; 2 where a file or the model cannot be used."""
    options = parser().parse_args(arguments)
    try:
        articles = [article for path in options.files for article in load(path)]
        annotator = Annotator.load(options.model, threads=1) if options.time else None
    except (GoldError, ModelError) as error:
        print(error, file=sys.stderr)
        return 2
    warm_up(articles)
    seconds: list[float] = []
    rows = [list(read(article, seconds)) for article in articles]
    if options.output:
        write(articles, rows, options.output)
    print(report([reading for row in rows for reading in row]))
    print(f"\n{pairing(articles, rows)}")
    print(f"\nReading the values of an article takes {statistics.median(seconds) * 1000:.2f} ms (median).")
    if annotator:
        print(shares(seconds, annotate(annotator, articles)))
    return 0


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks.values",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("files", type=Path, nargs="+", metavar="FILE", help="gold articles: .jsonl, .json, or a folder")
    found.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the articles with the values read")
    found.add_argument("--time", action="store_true", help="also annotate the articles, to compare the times")
    found.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    return found


def load(path: Path) -> list[GoldArticle]:
    """The gold articles of *path*; raises :class:`GoldError`."""
    if path.is_dir():
        return read_folder(path)
    return [read_gold(path)] if path.suffix == ".json" else read_jsonl(path)


def warm_up(articles: Sequence[GoldArticle]) -> None:
    """Load what reading loads once, its tables; the first article alone, for what was read before is remembered."""
    for article in articles[:1]:
        list(read(article, []))


def read(article: GoldArticle, seconds: list[float]) -> Iterator[Reading]:
    """What is read from the spans of *article*; how long that took is added to *seconds*."""
    normalized = normalize(article.text)
    objects = any(isinstance(gold.value, Mapping) for gold in article.spans)
    spans = [Span(gold.start, gold.end, gold.label, article.text[gold.start : gold.end], 1.0) for gold in article.spans]
    began = time.perf_counter()
    found = read_values(normalized, spans, article.published)
    seconds.append(time.perf_counter() - began)
    for gold, span in zip(article.spans, found, strict=True):
        counts = gold.value is not None or (objects and gold.label in KINDS)
        yield Reading(article.id, gold, span, counts)


def same(gold: object, found: Mapping[str, Any] | None) -> bool:
    """Whether the value *found* is the *gold*, an object or a string.

    >>> same("6600e9 IRT", {"kind": "money", "number": "6600000000000", "currency": "IRT", "irr": "66000000000000"})
    True
    >>> same("g1975..g1999", {"kind": "date", "calendar": "gregorian", "date": "1975..1999"})
    True
    >>> same("x2", {"kind": "percent", "number": "2", "bound": "exact"})
    False
    """
    if isinstance(gold, str):
        text = value_string(found)
        return text is not None and canonical(text) == canonical(gold)
    return gold == (None if found is None else dict(found))


def canonical(value: str) -> tuple[object, ...]:
    """The parts of the string form of a value, numbers as such.

    >>> canonical("2e9..3e9 IRT") == canonical("2000000000..3000000000.0 IRT")
    True
    """
    parts = re.split(r"(\.\.| |x(?=[0-9]))", value.strip())
    return tuple(Decimal(part) if _NUMBER.fullmatch(part) else part for part in parts if part)


def report(readings: Sequence[Reading]) -> str:
    """The table of the labels, and a line for each value that is not the gold's."""
    counted = [reading for reading in readings if reading.counts]
    given = Counter(reading.gold.label for reading in counted)
    right = Counter(reading.gold.label for reading in counted if reading.right)
    unread = Counter(reading.gold.label for reading in counted if reading.span.value is None)
    rows = [
        (label, number, right[label], f"{right[label] / number:.2%}", unread[label])
        for label in CODES
        if (number := given[label])
    ]
    misses = [_miss(reading) for reading in counted if not reading.right]
    return "\n".join([table(["label", "values", "right", "accuracy", "unread"], rows), "", *misses])


def _miss(reading: Reading) -> str:
    """The line of a miss: the article, the label, the words, the gold, and what was read."""
    gold, found = reading.gold.value, reading.span.value
    shown = (gold, value_string(found)) if isinstance(gold, str) else map(_json, (gold, found))
    surface = " ".join(reading.span.text.split())
    return "  ".join([reading.id, reading.gold.label, f"«{surface}»", *map(str, shown)])


def _json(value: Mapping[str, Any] | str | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def pairing(articles: Sequence[GoldArticle], rows: Sequence[Sequence[Reading]]) -> str:
    """One line on the facts that :func:`raqam.facts.link` finds among the gold spans, against those of the gold."""
    right = found = gold = 0
    for article, row in zip(articles, rows, strict=True):
        linked, wanted = set(link(article.text, [each.span for each in row])), set(article.facts)
        right, found, gold = right + len(linked & wanted), found + len(linked), gold + len(wanted)
    score = 2 * right / (found + gold) if found + gold else 1.0
    return f"Facts: {right:,} right of {found:,} found and {gold:,} in the gold, F1 {score:.2%}."


def annotate(annotator: Annotator, articles: Sequence[GoldArticle]) -> list[float]:
    """The seconds that annotating each of *articles* takes, after some to warm the model up."""
    plain = [Article(article.text, article.id, article.published) for article in articles]
    for article in plain[:5]:
        annotator.annotate(article)
    seconds = []
    for article in plain:
        began = time.perf_counter()
        annotator.annotate(article)
        seconds.append(time.perf_counter() - began)
    return seconds


def shares(reading: Sequence[float], annotating: Sequence[float]) -> str:
    """Lines on what part of the annotation reading the values is."""
    ours, whole = statistics.median(reading), statistics.median(annotating)
    return (
        f"Annotating it takes {whole * 1000:.1f} ms (median, one thread): reading is {ours / whole:.1%} of that.\n"
        f"{len(reading)} articles; {machine()}."
    )


def write(articles: Sequence[GoldArticle], rows: Sequence[Sequence[Reading]], path: Path) -> None:
    """Write the articles with the gold spans and the value objects that were read, for an outside scorer."""
    with path.open("w", encoding="utf-8", newline="\n") as lines:
        for article, row in zip(articles, rows, strict=True):
            spans = [{key: value for key, value in each.span.to_dict().items() if key != "score"} for each in row]
            head: dict[str, Any] = {"id": article.id}
            if article.published:
                head["published"] = article.published.isoformat()
            facts = [fact.to_dict() for fact in link(article.text, [each.span for each in row])]
            content = {**head, "text": article.text, "spans": spans, "facts": facts}
            lines.write(json.dumps(content, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
