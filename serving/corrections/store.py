"""What is kept of articles: each with its revisions from 1, which is what the model said; nobody overwrites another.

Everything here blocks and is for threads, and raises :class:`serving.corrections.database.NoDatabaseError`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final, Literal

from sqlalchemy import Connection, Select, and_, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from raqam import Article
from raqam.likeness import likeness
from serving.corrections.database import Database
from serving.corrections.rows import (
    Annotation,
    DamagedError,
    Listed,
    Revision,
    Stored,
    check_whole,
    listed_of,
    revision_of,
    stored_of,
)
from serving.corrections.tables import ARTICLES, DELETED, REVISIONS

Order = Literal["uncertain", "recent"]
State = Literal["open", "corrected"]

#: Who made the first revision of every article.
MODEL: Final = "model"
PREVIEW_CHARACTERS: Final = 120

_OF_ARTICLES: Final = [
    ARTICLES.c[name] for name in ("article", "id", "text", "published", "state", "uncertainty", "changed")
]
_OF_REVISIONS: Final = [column for column in REVISIONS.c if column.name != "article"]
_LISTED: Final = [
    ARTICLES.c[name] for name in ("article", "id", "preview", "state", "revision", "uncertainty", "changed")
]


class ConflictError(Exception):
    """The article is at another revision than the one that was to be changed: at *revision*."""

    def __init__(self, revision: int) -> None:
        super().__init__(revision)
        self.revision = revision


def key_of(article: Article) -> str:
    """The key that *article* is kept under: the same text and id have the same one.

    >>> key_of(Article("همدان", id="a")) == key_of(Article("همدان", id="b"))
    False
    """
    return sha256(json.dumps([article.id, article.text]).encode()).hexdigest()[:32]


class Store:
    """The articles in *database*."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, article: Article, annotation: Annotation, uncertainty: float) -> tuple[Stored, bool]:
        """Keep *article* with what the model said; where it is there already, that stays. True where it was added."""
        key, now = key_of(article), _now()
        first = Revision(1, MODEL, None, now, annotation)
        row = {
            "article": key, "id": article.id, "text": article.text,
            "digest": digest_of(article.text), "likeness": digest_of(likeness(article.text)),
            "preview": preview(article.text), "published": _day(article.published),
            "state": "open", "uncertainty": uncertainty, "revision": 1, "changed": now,
        }  # fmt: skip
        with self.database.writing() as connection:
            added = connection.execute(_unless_there(connection, row)).one_or_none() is not None
            if added:
                _insert(connection, key, first)
            found = _find(connection, key)
        return self.add(article, annotation, uncertainty) if found is None else (found, added)  # deleted just now

    def get(self, key: str, revision: int | None = None) -> Stored | None:
        """The article *key* at its last *revision*, or at the one asked for; None where there is none."""
        with self.database.reading() as connection:
            return _find(connection, key, revision)

    def revisions(self, key: str) -> list[Revision]:
        """The revisions of the article, the first one first; none where it is not there. They come without spans."""
        columns = [column for column in _OF_REVISIONS if column.name not in ("spans", "facts")]
        query = select(*columns).where(REVISIONS.c.article == key).order_by(REVISIONS.c.revision)
        with self.database.reading() as connection:
            rows = [row._mapping for row in connection.execute(query)]
            for row in rows:
                check_whole(row, key)
            return [revision_of(row) for row in rows]

    def correct(self, stored: Stored, who: str, api_key: str | None, annotation: Annotation) -> Stored | None:
        """Add a revision after the one that *stored* has, if that still is the last; return the article with it.

        An article that was deleted and came again goes on with the numbers that it had, after revision 1: who knows
        one of its earlier life can never overwrite what others made in this one.

        Raises :class:`ConflictError` where it is not; None where the article is not there any more.
        """
        expected = stored.revision.number
        now = _now()
        earlier = select(DELETED.c.revision).where(DELETED.c.article == stored.article).scalar_subquery()
        change = (
            update(ARTICLES)
            .where(ARTICLES.c.article == stored.article, ARTICLES.c.revision == expected)
            .values(revision=1 + case((earlier > expected, earlier), else_=expected), state="corrected", changed=now)
            .returning(ARTICLES.c.revision)
        )
        with self.database.writing() as connection:
            number = connection.execute(change).scalar_one_or_none()
            if number is None:
                _conflict(connection, stored.article)
                return None
            new = Revision(number, who, api_key, now, annotation)
            _insert(connection, stored.article, new)
        return replace(stored, state="corrected", revision=new)

    def delete(self, key: str, expected: int) -> bool:
        """Delete the article with all its revisions, if *expected* is its last one; False where there is none.

        Of one that was corrected the number of the last revision is kept, beside its key.

        Raises :class:`ConflictError` where another one is the last.
        """
        removal = delete(ARTICLES).where(ARTICLES.c.article == key, ARTICLES.c.revision == expected)
        with self.database.writing() as connection:
            if connection.execute(removal).rowcount != 1:
                _conflict(connection, key)
                return False
            if expected > 1:
                connection.execute(delete(DELETED).where(DELETED.c.article == key))
                connection.execute(insert(DELETED).values(article=key, revision=expected))
        self.database.forget()
        return True

    def list(self, order: Order, state: State | None, offset: int, limit: int) -> tuple[int, list[Listed]]:
        """How many articles there are in *state*, and *limit* of them from *offset* on, without their texts."""
        chosen = ARTICLES.c.state == state if state else ARTICLES.c.state.is_not(None)
        first = ARTICLES.c.uncertainty if order == "uncertain" else ARTICLES.c.changed
        query = select(*_LISTED).where(chosen).order_by(first.desc(), ARTICLES.c.article).offset(offset).limit(limit)
        with self.database.reading() as connection:
            total = connection.execute(select(func.count()).select_from(ARTICLES).where(chosen)).scalar_one()
            return total, [listed_of(row) for row in connection.execute(query)]

    def corrected(self, damaged: Callable[[str], None] | None = None) -> Generator[Stored]:
        """The corrected articles, as they all were at one moment; of those with the same text the one changed last.

        Texts are the same whose :func:`raqam.likeness.likeness` is. Where an article is damaged, *damaged* is called
        with its key, and the others go on; without *damaged* :class:`DamagedError` is raised.
        """
        same = func.coalesce(ARTICLES.c.likeness, ARTICLES.c.digest)
        ranked = select(
            ARTICLES.c.article,
            func.row_number()
            .over(partition_by=same, order_by=(ARTICLES.c.changed.desc(), ARTICLES.c.article))
            .label("rank"),
        ).where(ARTICLES.c.state == "corrected")
        chosen = ranked.subquery()
        query = _joined().join(chosen, and_(chosen.c.article == ARTICLES.c.article, chosen.c.rank == 1))
        with (
            self.database.reading() as connection,
            closing(connection.execution_options(yield_per=50).execute(query.order_by(ARTICLES.c.article))) as rows,
        ):
            for row in rows:
                try:
                    stored = stored_of(row)
                except DamagedError as error:
                    if damaged is None:
                        raise
                    damaged(error.key)
                    continue
                yield stored


def digest_of(text: str) -> str:
    """What *text* is known by in the database."""
    return sha256(text.encode()).hexdigest()


def preview(text: str) -> str:
    r"""The beginning of *text* on one line.

    >>> preview(" استاندار\nهمدان")
    'استاندار همدان'
    """
    line = " ".join(text[: 4 * PREVIEW_CHARACTERS].split())
    return line if len(line) <= PREVIEW_CHARACTERS else line[: PREVIEW_CHARACTERS - 1] + "…"


def _joined() -> Select[Any]:
    """Every article with its last revision."""
    last = and_(REVISIONS.c.article == ARTICLES.c.article, REVISIONS.c.revision == ARTICLES.c.revision)
    return select(*_OF_ARTICLES, *_OF_REVISIONS).join_from(ARTICLES, REVISIONS, last)


def _find(connection: Connection, key: str, revision: int | None = None) -> Stored | None:
    query = _joined()
    if revision is not None:
        theirs = and_(REVISIONS.c.article == ARTICLES.c.article, REVISIONS.c.revision == revision)
        query = select(*_OF_ARTICLES, *_OF_REVISIONS).join_from(ARTICLES, REVISIONS, theirs)
    row = connection.execute(query.where(ARTICLES.c.article == key)).one_or_none()
    return None if row is None else stored_of(row)


def _insert(connection: Connection, key: str, revision: Revision) -> None:
    annotation = revision.annotation
    row = {
        "article": key, "revision": revision.number, "who": revision.who, "key": revision.key, "at": revision.when,
        "model": annotation.model, "sha256": annotation.sha256,
        "spans": [*annotation.spans], "facts": [*annotation.facts],
    }  # fmt: skip
    connection.execute(insert(REVISIONS).values(row))


def _unless_there(connection: Connection, row: Mapping[str, Any]) -> ReturningInsert[Any]:
    """Insert *row* and return its key, or neither where that is there."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(ARTICLES).values(row).on_conflict_do_nothing().returning(ARTICLES.c.article)
    return sqlite.insert(ARTICLES).values(row).on_conflict_do_nothing().returning(ARTICLES.c.article)


def _conflict(connection: Connection, key: str) -> None:
    """Raise :class:`ConflictError` with the revision that the article is at; return where it is not there."""
    found = connection.execute(select(ARTICLES.c.revision).where(ARTICLES.c.article == key)).scalar_one_or_none()
    if found is not None:
        raise ConflictError(found)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _day(published: date | None) -> str | None:
    return None if published is None else published.isoformat()
