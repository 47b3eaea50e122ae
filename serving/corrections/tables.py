"""The tables of the database. Texts are stored as bytes of UTF-8: PostgreSQL has no text with U+0000, articles may."""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy import Column, Dialect, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.types import TypeDecorator

#: Counts up with every change of the tables; see :data:`serving.corrections.database.UPGRADES`.
VERSION: Final = 3


class Damaged:
    """What stands in place of a value that cannot be read any more."""


DAMAGED: Final = Damaged()


class _Text(TypeDecorator[str]):
    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value.encode()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        try:
            return None if value is None else bytes(value).decode()
        except (TypeError, ValueError):
            return DAMAGED


class _Rows(TypeDecorator[Any]):
    """A list of objects, as JSON."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        try:
            found = json.loads(value or b"")
        except (TypeError, ValueError, RecursionError):
            return DAMAGED
        return found if isinstance(found, list) and all(isinstance(row, dict) for row in found) else DAMAGED


METADATA: Final = MetaData()

#: One row: the version that the other tables have.
VERSIONS: Final = Table("raqam_version", METADATA, Column("version", Integer, nullable=False))

ARTICLES: Final = Table(
    "raqam_articles",
    METADATA,
    Column("article", String(32), primary_key=True),
    Column("digest", String(64), nullable=False),  # sha256 of the text alone
    Column("likeness", String(64)),  # sha256 of what of the text tells it from others: see raqam.likeness
    Column("id", _Text),
    Column("text", _Text, nullable=False),
    Column("preview", _Text, nullable=False),
    Column("published", String(10)),
    Column("state", String(16), nullable=False),
    Column("uncertainty", Float, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed", String(27), nullable=False),
    Index("raqam_articles_uncertain", "state", "uncertainty"),
    Index("raqam_articles_recent", "state", "changed"),
)

REVISIONS: Final = Table(
    "raqam_revisions",
    METADATA,
    Column("article", String(32), ForeignKey("raqam_articles.article", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("who", _Text, nullable=False),
    Column("key", String(8)),
    Column("at", String(27), nullable=False),
    Column("model", _Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("spans", _Rows, nullable=False),
    Column("facts", _Rows, nullable=False),
)

#: The last revision of articles that are deleted, so that one that comes again never gives a number twice.
DELETED: Final = Table(
    "raqam_deleted",
    METADATA,
    Column("article", String(32), primary_key=True),
    Column("revision", Integer, nullable=False),
)

#: Who wants the model to be trained, and since when last; see :mod:`serving.corrections.training_queue`.
TRAININGS: Final = Table(
    "raqam_trainings", METADATA, Column("who", String(100), primary_key=True), Column("at", String(27), nullable=False)
)
