"""Read the corpora a model is trained on: CoNLL files, JSON Lines of annotated articles, plain text."""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from raqam.errors import SourceError

Sentence = list[tuple[str, str]]

_NO_SPACE_BEFORE = re.compile(r"[،؛؟.,:;!?)\]}»…%٪]+")
_NO_SPACE_AFTER = re.compile(r"[(\[{«]+")


def read_conll(path: Path) -> Iterator[Sentence]:
    """Yield the sentences of a CoNLL file (``token<TAB>tag``, a blank line between sentences)."""
    sentence: Sentence = []
    for number, line in enumerate(_open(path), start=1):
        fields = line.rstrip("\n").split("\t")
        if fields == [""]:
            if sentence:
                yield sentence
            sentence = []
        elif len(fields) == 2:
            sentence.append((fields[0], fields[1]))
        else:
            raise SourceError(f"{path}, line {number}: expected 'token<TAB>tag', not {line!r}.", reason="conll")
    if sentence:
        yield sentence


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file, plain or ``.xz``."""
    for number, line in enumerate(_open(path), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise SourceError(f"{path}, line {number}: {error}.", reason="json") from error


def read_jsonl_texts(path: Path) -> Iterator[str]:
    """Yield the ``text`` of each object of a JSON Lines file."""
    return (row["text"] for row in read_jsonl(path))


def read_conll_texts(path: Path, size: int = 20) -> Iterator[str]:
    """Yield the text of a CoNLL file, *size* sentences at a time."""
    pending: list[str] = []
    for sentence in read_conll(path):
        pending.append(join(sentence)[0])
        if len(pending) == size:
            yield " ".join(pending)
            pending = []
    if pending:
        yield " ".join(pending)


def join(sentence: Sentence) -> tuple[str, list[tuple[int, int, str]]]:
    """The text of a sentence as one would write it, and its spans (start, end, label), from IOB2 tags.

    Punctuation joins the word before or after it; a straight quotation mark opens and closes in turn.

    >>> join([("گفت", "O"), (":", "O"), ("«", "O"), ("ایران", "B-LOC"), ("»", "O"), (".", "O")])
    ('گفت: «ایران».', [(6, 11, 'LOC')])
    """
    text, glue, quoted = "", True, False
    edges: list[tuple[int, int, str]] = []
    for token, tag in sentence:
        closes = quoted if token == '"' else bool(_NO_SPACE_BEFORE.fullmatch(token))
        text += "" if glue or closes else " "
        edges.append((len(text), len(text) + len(token), tag))
        text += token
        glue = bool(_NO_SPACE_AFTER.fullmatch(token)) or (token == '"' and not quoted)
        quoted = quoted != (token == '"')
    return text, _spans(edges)


def _spans(edges: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans of tagged tokens; an ``I-`` that continues nothing begins a span, as published scorers read it."""
    spans: list[tuple[int, int, str]] = []
    open_label = None
    for start, end, tag in edges:
        part, _, label = tag.partition("-")
        if part == "I" and label == open_label:
            spans[-1] = (spans[-1][0], end, label)
        elif label:
            spans.append((start, end, label))
        open_label = label or None
    return spans


def _open(path: Path) -> Iterator[str]:
    if not path.is_file():
        raise SourceError(f"There is no corpus file {path}.", reason="not_found")
    opener = lzma.open if path.suffix == ".xz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            yield from lines
    except (UnicodeDecodeError, lzma.LZMAError, EOFError) as error:
        raise SourceError(f"{path} cannot be read as text in UTF-8: {error}.", reason="encoding") from error
