"""CoNLL: a token and its IOB2 tag on each line, a blank line behind each sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from raqam.formats.kinds import Annotated
from raqam.formats.sentences import sentences, words
from raqam.formats.streams import json_text
from raqam.labels import OUTSIDE
from raqam.records import Span


def encode(item: Annotated) -> bytes:
    """The sentences of *item*, behind comments that name it."""
    article, record = item.article, item.record
    edges = frozenset(edge for span in record.spans for edge in (span.start, span.end))
    tags = _tags(record.spans)
    blocks = [
        [f"{article.text[first:last]}\t{_tag(first, tags)}\n" for first, last in words(article.text, start, end, edges)]
        for start, end in sentences(article.text, record.spans)
    ]
    return "".join([*_comments(item), *("".join([*block, "\n"]) for block in blocks if block)]).encode()


def _comments(item: Annotated) -> Iterator[str]:
    """The lines before the first sentence; an id is written as in JSON, without the quotes around it."""
    yield "# id =\n" if item.record.id is None else f"# id = {json_text(item.record.id)[1:-1]}\n"
    if item.article.published is not None:
        yield f"# published = {item.article.published}\n"


def _tags(spans: Sequence[Span]) -> Mapping[int, str]:
    """The tag of every character that a span covers."""
    begun = {span.start: f"B-{span.label}" for span in spans}
    return {at: f"I-{span.label}" for span in spans for at in range(span.start, span.end)} | begun


def _tag(start: int, tags: Mapping[int, str]) -> str:
    return tags.get(start, OUTSIDE)
