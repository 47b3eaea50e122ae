"""Articles in, records out: the values that HTTP, the command line and gold files share.

Offsets are half-open, in Unicode code points of the original text, exactly as it was received:
``text[span.start:span.end] == span.text``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from raqam.errors import InputError, PublishedError, TextError

MAX_CHARACTERS: Final = 200_000
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Article:
    """A text to annotate, with the id it goes by and the day it was published (both optional).

    Build one with :meth:`checked` when the values come from outside; the constructor checks nothing.
    """

    text: str
    id: str | None = None
    published: dt.date | None = None

    @classmethod
    def checked(cls, text: object, id: object = None, published: object = None) -> Article:
        """Return an article, or raise :class:`TextError`, :class:`InputError` or :class:`PublishedError`.

        *published* is a date or a string ``YYYY-MM-DD``.

        >>> Article.checked("همدان", id="a1", published="2025-09-25").published
        datetime.date(2025, 9, 25)
        """
        if id is not None and not isinstance(id, str):
            raise InputError(f"'id' must be a string, not {_kind(id)}.", field="id", reason="not_a_string")
        if id is not None and _SURROGATE.search(id):
            raise InputError("'id' holds a lone surrogate.", field="id", reason="surrogate")
        return cls(check_text(text), id, check_published(published))


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled piece of the text; ``score`` is in (0, 1], ``value`` as in the record format, or None."""

    start: int
    end: int
    label: str
    text: str
    score: float
    value: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The span as the JSON object of the record format; the score rounded to three decimals."""
        return {
            "start": self.start,
            "end": self.end,
            "label": self.label,
            "text": self.text,
            "score": round(self.score, 3),
            "value": None if self.value is None else dict(self.value),
        }


@dataclass(frozen=True, slots=True)
class Fact:
    """An indicator and a figure that measures it, as indexes into the spans of their record."""

    indicator: int
    figure: int

    def to_dict(self) -> dict[str, int]:
        """The fact as a JSON object."""
        return {"indicator": self.indicator, "figure": self.figure}


@dataclass(frozen=True, slots=True)
class Record:
    """An annotated article: spans in order of ``start``, and the facts among them."""

    id: str | None
    model: str
    spans: tuple[Span, ...]
    facts: tuple[Fact, ...] = ()

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Record:
        """The record that :meth:`to_dict` made *content* of; nothing is checked."""
        spans = tuple(Span(**span) for span in content["spans"])
        return cls(content["id"], content["model"], spans, tuple(Fact(**fact) for fact in content["facts"]))

    def to_dict(self) -> dict[str, Any]:
        """The record as the JSON object that HTTP and the command line return."""
        return {
            "id": self.id,
            "model": self.model,
            "spans": [span.to_dict() for span in self.spans],
            "facts": [fact.to_dict() for fact in self.facts],
        }


def check_text(text: object, limit: int = MAX_CHARACTERS) -> str:
    """Return *text* if it can be annotated, else raise :class:`TextError` that says why not.

    >>> check_text(" ")
    Traceback (most recent call last):
    raqam.errors.TextError: 'text' is blank: there is nothing to annotate.
    """
    if not isinstance(text, str):
        raise TextError(f"'text' must be a string, not {_kind(text)}.", reason="not_a_string")
    if len(text) > limit:
        raise TextError(f"'text' has {len(text):,} characters; the limit is {limit:,}.", reason="too_long")
    if found := _SURROGATE.search(text):
        raise TextError(
            f"'text' holds a lone surrogate (U+{ord(found[0]):04X}) at character {found.start()}; "
            "send valid Unicode text.",
            reason="surrogate",
        )
    if not text.strip():
        raise TextError("'text' is blank: there is nothing to annotate.", reason="blank")
    return text


def check_published(published: object) -> dt.date | None:
    """Return *published* as a date (None stays None), else raise :class:`PublishedError`."""
    if published is None:
        return None
    if isinstance(published, dt.datetime):
        return published.date()
    if isinstance(published, dt.date):
        return published
    if isinstance(published, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", published):
        try:
            return dt.date.fromisoformat(published)
        except ValueError:
            pass
    shown = repr(published)[:40]
    raise PublishedError(f"'published' must be an ISO date such as 2025-09-25, not {shown}.")


def _kind(value: object) -> str:
    """The JSON name of the type of *value*, for messages."""
    names = {bool: "a boolean", int: "a number", float: "a number", list: "an array", dict: "an object"}
    return "null" if value is None else names.get(type(value), type(value).__name__)
