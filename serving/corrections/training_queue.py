"""Trainings that were asked for. The service trains nothing: ``make train`` does, and then takes them off.

Whoever asks again is only noted anew, so there are as many as there are who ask. All of this blocks and is for threads.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from serving.corrections.database import Database
from serving.corrections.tables import TRAININGS

_MOMENT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


def ask(database: Database, who: str) -> None:
    """Note that *who*, at most 100 characters, wants the model to be trained on what is corrected by now."""
    now = datetime.now(UTC).strftime(_MOMENT)
    with database.writing() as connection:
        known = connection.execute(update(TRAININGS).where(TRAININGS.c.who == who).values(at=now)).rowcount
        if not known:
            connection.execute(insert(TRAININGS).values(who=who, at=now))


def waiting(database: Database) -> int:
    """How many wait for a training."""
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(TRAININGS)).scalar_one())


def take(database: Database, until: datetime) -> int:
    """Take off, and count, those who asked before *until*: their corrections were exported then, and trained on."""
    with database.writing() as connection:
        return connection.execute(delete(TRAININGS).where(TRAININGS.c.at < until.strftime(_MOMENT))).rowcount
