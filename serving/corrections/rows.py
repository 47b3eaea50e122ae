"""What is kept of articles as objects, and how rows of the database become them; what is damaged is told."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, RowMapping

from serving.corrections.database import NoDatabaseError
from serving.corrections.tables import DAMAGED

logger = logging.getLogger("raqam.corrections")


class DamagedError(NoDatabaseError):
    """What is kept of the article *key* cannot be read any more."""

    def __init__(self, key: str) -> None:
        super().__init__(
            "The article is damaged in the database of corrections; whoever runs the service must put a backup in its "
            "place, or delete the article there."
        )
        self.key = key


@dataclass(frozen=True, slots=True)
class Annotation:
    """Spans and facts as in a record, offsets in code points, and the model that they are, or began, from."""

    model: str
    sha256: str
    spans: Sequence[Mapping[str, Any]]
    facts: Sequence[Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of an article; *key* is the id of the API key it was sent with, *when* a moment of UTC."""

    number: int
    who: str
    key: str | None
    when: str
    annotation: Annotation


@dataclass(frozen=True, slots=True)
class Stored:
    """An article as it is kept, with one of its revisions; *state* is that of the revision."""

    article: str
    id: str | None
    text: str
    published: str | None
    state: str
    uncertainty: float
    revision: Revision


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list: enough to choose it by."""

    article: str
    id: str | None
    preview: str
    state: str
    revision: int
    uncertainty: float
    when: str


def stored_of(row: Row[Any]) -> Stored:
    """The article with one of its revisions that *row* is; raises :class:`DamagedError`."""
    found = row._mapping
    check_whole(found)
    revision = revision_of(found)
    state = "open" if revision.number == 1 else "corrected"
    return Stored(
        found["article"], found["id"], found["text"], found["published"], state, found["uncertainty"], revision
    )


def check_whole(found: RowMapping, key: str | None = None) -> None:
    """Raise :class:`DamagedError` where something of *found*, which is of the article *key*, is damaged."""
    if any(value is DAMAGED for value in found.values()):
        key = found["article"] if key is None else key
        logger.error("The article %s is damaged in the database.", key)
        raise DamagedError(key)


def listed_of(row: Row[Any]) -> Listed:
    """*row* of the list; what of it is damaged is left out, so that the others can be listed."""
    values = dict(row._mapping)
    if damaged := [name for name, value in values.items() if value is DAMAGED]:
        logger.error("The article %s is damaged in the database.", values["article"])
        values |= {name: "" if name == "preview" else None for name in damaged}
    return Listed(*values.values())


def revision_of(found: RowMapping) -> Revision:
    """The revision that *found* is, with or without its spans."""
    annotation = Annotation(found["model"], found["sha256"], found.get("spans", ()), found.get("facts", ()))
    return Revision(found["revision"], found["who"], found["key"], found["at"], annotation)
