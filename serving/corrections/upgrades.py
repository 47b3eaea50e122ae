"""What leads from each version of the tables, from 1 on, to the next one; what is there already is left alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, inspect, select, text, update

from raqam.likeness import likeness
from serving.corrections.tables import ARTICLES, DAMAGED, DELETED, TRAININGS


def _queue(connection: Connection) -> None:
    TRAININGS.create(connection, checkfirst=True)


def _likeness(connection: Connection) -> None:
    """The numbers of deleted articles, and what every text has in common with its copies."""
    DELETED.create(connection, checkfirst=True)
    if ARTICLES.c.likeness.name not in {column["name"] for column in inspect(connection).get_columns(ARTICLES.name)}:
        connection.execute(text(f"ALTER TABLE {ARTICLES.name} ADD COLUMN {ARTICLES.c.likeness.name} VARCHAR(64)"))
    keys = connection.execute(select(ARTICLES.c.article)).scalars().all()
    for key in keys:
        found = connection.execute(select(ARTICLES.c.text).where(ARTICLES.c.article == key)).scalar_one()
        if found is not DAMAGED:
            digest = sha256(likeness(found).encode()).hexdigest()
            connection.execute(update(ARTICLES).where(ARTICLES.c.article == key).values(likeness=digest))


UPGRADES: Final[Sequence[Callable[[Connection], None]]] = (_queue, _likeness)
