"""Annotated articles of a file become kept ones: matched with those that are there, corrected where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select

from raqam import Article, Record, Span
from raqam.formats.reading import Originals, Read, complete
from raqam.records import check_published
from serving.corrections.linking import relink
from serving.corrections.rows import Annotation, Stored
from serving.corrections.schemas import MAX_ID, MAX_WHO
from serving.corrections.store import ConflictError, Store, key_of
from serving.corrections.tables import ARTICLES
from serving.corrections.uncertainty import Weighed

#: How often a correction is made again because somebody made another one just then.
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Known:
    """What of the kept articles one import matches its own with."""

    store: Store
    keys: set[str] = field(default_factory=set)
    by_id: dict[str, str] = field(default_factory=dict)
    by_text: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store) -> Known:
        """Those of *store*; of one id, and of one text, the article that was changed last comes first."""
        found = cls(store)
        query = select(ARTICLES.c.article, ARTICLES.c.id, ARTICLES.c.digest).order_by(ARTICLES.c.changed.desc())
        with store.database.reading() as connection:
            for key, id, digest in connection.execute(query):
                found.add(key, id, digest)
        return found

    def add(self, key: str, id: str | None, digest: str) -> None:
        """Count the article *key* in."""
        self.keys.add(key)
        self.by_text.setdefault(digest, []).append(key)
        if id is not None:
            self.by_id.setdefault(id, key)

    def key(self, article: Article) -> str | None:
        """The kept article that *article* is: of its text and id, or whose key the id is, or of its text alone."""
        same = self.by_text.get(digest_of(article), [])
        exact = [key for key in (key_of(article), article.id) if key in same]
        return next(iter([*exact, *same]), None)

    @property
    def texts(self) -> Originals:
        """The texts of kept articles by their ids or keys; blocks."""

        def text(id: str) -> str | None:
            key = id if id in self.keys else self.by_id.get(id)
            stored = None if key is None else self.store.get(key)
            return None if stored is None else stored.text

        return text


def digest_of(article: Article) -> str:
    """What the store knows the text of *article* by."""
    return sha256(article.text.encode()).hexdigest()


def problem_of(item: Read, characters: int) -> str | None:
    """Why *item* cannot be kept, if it cannot: the limits of ``POST /articles``."""
    if len(item.article.text) > characters:
        return f"The text has {len(item.article.text):,} characters; the limit is {characters:,}."
    if item.article.id is not None and len(item.article.id) > MAX_ID:
        return f"The id has {len(item.article.id):,} characters; the limit is {MAX_ID:,}."
    return None


def keep(known: Known, item: Read, said: Weighed | None, sha: str, who: str, api_key: str | None) -> bool:
    """Keep *item*, which the model *said* something of where it was not there; False where nothing is new.

    A person's spans become a revision by *who*, unless the last one of a corrected article has the same. Those of a
    model are the first revision of an article that was not there.
    """
    key = known.key(item.article)
    stored = None if key is None else known.store.get(key)
    added = False
    if stored is None:
        stored, added = _add(known, item, said, sha)
    if item.author != "person":
        return added
    for _ in range(_TRIES):
        annotation = _merged(item, stored)
        if stored.state == "corrected" and _same(annotation, stored.revision.annotation):
            return added
        try:
            if known.store.correct(stored, who[:MAX_WHO], api_key, annotation) is not None:
                return True
        except ConflictError as error:
            last = error
        stored = known.store.get(stored.article) or _add(known, item, said, sha)[0]
    raise last


def _add(known: Known, item: Read, said: Weighed | None, sha: str) -> tuple[Stored, bool]:
    record: Record = said or complete(item).record
    content = record.to_dict()
    if said is None:
        # of another model nobody knows how unsure it was of the words between its spans
        unsure = 1 - sum(span.score for span in record.spans) / len(record.spans) if record.spans else 0.0
    else:
        unsure = said.uncertainty
    annotation = Annotation(record.model, sha if said else "", content["spans"], content["facts"])
    stored, added = known.store.add(item.article, annotation, round(unsure, 4))
    known.add(stored.article, stored.id, digest_of(item.article))
    return stored, added


def _merged(item: Read, stored: Stored) -> Annotation:
    """The spans of *item*; what its file says nothing of is as it was, where they were there."""
    before = stored.revision.annotation
    there = {_place(span): (at, span) for at, span in enumerate(before.spans)}
    spans: list[Span] = []
    unvalued = set(item.unvalued)
    for at, span in enumerate(item.record.spans):
        old = there.get((span.start, span.end, span.label))
        if old is None:
            spans.append(span)
            continue
        value = old[1]["value"] if at in unvalued else span.value
        unvalued.discard(at)
        spans.append(replace(span, score=old[1]["score"], value=value))
    article = replace(item.article, published=item.article.published or check_published(stored.published))
    partial = replace(item.record, spans=tuple(spans))
    record = complete(replace(item, article=article, record=partial, unvalued=frozenset(unvalued))).record
    facts = record.facts if item.linked else relink(stored.text, record.spans, stored)
    content = replace(record, facts=facts).to_dict()
    return Annotation(before.model, before.sha256, content["spans"], content["facts"])


def _same(one: Annotation, other: Annotation) -> bool:
    def content(annotation: Annotation) -> tuple[list[Any], list[tuple[int, int]]]:
        spans = [(*_place(span), span["value"]) for span in annotation.spans]
        return spans, sorted((fact["indicator"], fact["figure"]) for fact in annotation.facts)

    return content(one) == content(other)


def _place(span: Mapping[str, Any]) -> tuple[int, int, str]:
    return span["start"], span["end"], span["label"]


def missing(known: Known, items: Sequence[Read]) -> list[Article]:
    """The articles of *items* that are not there and that the model must annotate first."""
    found = {key_of(item.article): item.article for item in items
             if item.author != "model" and known.key(item.article) is None}  # fmt: skip
    return list(found.values())
