"""CoNLL: tokens with tags. The text is that of the article with this id, where it is known, else tokens and spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from raqam.formats.reading.drafts import Draft, Drawn, Read, RefusedError, Rejection
from raqam.formats.reading.files import Files, parse
from raqam.formats.reading.records import Originals, attempt
from raqam.labels import OUTSIDE

_ABOUT: Final = re.compile(r"# (id|published) =(?: ([^\t]*))?")
_TAG: Final = re.compile(r"O|[BIESLU]-\S+")
_DOCUMENT: Final = "-DOCSTART-"


@dataclass(slots=True)
class _Article:
    """Sentences of (token, tag), and the line that the first begins on."""

    line: int
    id: str | None = None
    published: str | None = None
    sentences: list[list[tuple[str, str]]] = field(default_factory=list)


def read_conll(files: Files, originals: Originals) -> Iterator[Read | Rejection]:
    """The articles of each file: told apart by ``# id =``, else by ``-DOCSTART-``, else a block of lines is one."""
    for name in files.names:
        before = f"{name}:" if name else "line "
        try:
            rows = files.text(name).split("\n")
        except RefusedError as error:
            yield Rejection(name or "the file", str(error))
            continue
        for article in _articles(rows):
            yield attempt(f"{before}{article.line}", _draft, article, originals)


def _articles(rows: Sequence[str]) -> Iterator[_Article]:
    ours = any((match := _ABOUT.fullmatch(row.removesuffix("\r"))) and match[1] == "id" for row in rows)
    documents = sum(row.startswith(_DOCUMENT) for row in rows) > 1
    article, fresh = _Article(1), True
    for number, whole in enumerate(rows, start=1):
        row = whole.removesuffix("\r")
        about = _ABOUT.fullmatch(row)
        begins = row.startswith(_DOCUMENT) if not ours else about is not None and about[1] == "id"
        if begins or (not ours and not documents and fresh and row.strip()):
            if article.sentences:
                yield article
            article = _Article(number)
        if about is not None and ours:
            setattr(article, about[1], about[2] if about[1] == "published" else _id(about[2]))
        elif not row.strip():
            fresh = True
            continue
        elif not begins and not _is_comment(row):
            if fresh or not article.sentences:
                article.sentences.append([])
            article.sentences[-1].append(_token(row))
        else:
            continue
        fresh = False if not about else fresh
    if article.sentences:
        yield article


def _id(written: str | None) -> str | None:
    """An id that is written as in JSON without quotes; none where nothing is written."""
    if written is None:
        return None
    try:
        found = parse(f'"{written}"')
    except RefusedError:
        return written
    return found if isinstance(found, str) else written


def _is_comment(row: str) -> bool:
    return row.startswith("#") and "\t" not in row and not _TAG.fullmatch(row.rsplit(maxsplit=1)[-1])


def _token(row: str) -> tuple[str, str]:
    """The first and the last column, between tabs, or between white space where there is no tab."""
    columns = row.split("\t") if "\t" in row else row.split()
    return columns[0], columns[-1] if len(columns) > 1 else ""


def _draft(article: _Article, originals: Originals) -> Draft:
    tokens = [token for sentence in article.sentences for token in sentence]
    text = originals(article.id) if article.id is not None else None
    places = None if text is None else _places(text, [token for token, _ in tokens])
    if text is None or places is None:
        text = "\n".join(" ".join(token for token, _ in sentence) for sentence in article.sentences)
        places = _places(text, [token for token, _ in tokens])
    if places is None:
        raise RefusedError("A token of it is empty, or holds white space.")
    return Draft(text, list(_spans(places, [tag for _, tag in tokens])), article.id, article.published)


def _places(text: str, tokens: Sequence[str]) -> list[tuple[int, int]] | None:
    """Where *tokens* stand in *text*, one after another and only white space between; None where they do not."""
    found, at = [], 0
    for token in tokens:
        start = text.find(token, at)
        if not token or start < 0 or text[at:start].strip():
            return None
        at = start + len(token)
        found.append((start, at))
    return None if text[at:].strip() else found


def _spans(places: Sequence[tuple[int, int]], tags: Sequence[str]) -> Iterator[Drawn]:
    """The spans of *tags* in IOB2, IOB, BIOES or BILOU."""
    begun: list[Any] | None = None
    for number, ((start, end), tag) in enumerate(zip(places, tags, strict=True), start=1):
        if not _TAG.fullmatch(tag):
            raise RefusedError(f"Token {number} has the tag {tag[:40]!r}, which is no tag such as B-LOC, I-LOC or O.")
        part, _, label = tag.partition("-")
        if begun is not None and not (part in "IEL" and label == begun[2]):
            yield Drawn(*begun)
            begun = None
        if tag == OUTSIDE:
            continue
        begun = [start, end, label] if begun is None else [begun[0], end, label]
        if part in "ESLU":
            yield Drawn(*begun)
            begun = None
    if begun is not None:
        yield Drawn(*begun)
