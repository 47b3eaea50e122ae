"""The bodies of requests and answers as pydantic models: what the OpenAPI document says about them.

Requests are checked in :mod:`serving.bodies`, with the sentences of the library; the names of the fields come from
here.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from raqam.records import MAX_CHARACTERS
from serving.values import Value

#: A character that Python does not count as white space; a regular expression of JavaScript counts others.
NOT_BLANK: Final = r"[^\s\u001c-\u001f\u0085]|\ufeff"


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ArticleIn(_Request):
    """One article to annotate."""

    text: str = Field(
        pattern=NOT_BLANK, max_length=MAX_CHARACTERS, description="The text, not blank; kept exactly as it is sent."
    )
    id: str | None = Field(None, description="Any string; it comes back with the record.")
    published: dt.date | None = Field(None, description="The day of publication, as YYYY-MM-DD.")


class ArticlesIn(_Request):
    """Several articles; each is checked by itself, so that a wrong one does not cost the others their answer."""

    articles: list[ArticleIn]


class SpanOut(BaseModel):
    """A piece of the text, labelled: `text[start:end]`, in code points unless `offsets=utf16` was asked for."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    label: str = Field(description="One of the codes that `/model` lists.")
    text: str = Field(description="The piece exactly as it stands in the text that was sent.")
    score: float = Field(ge=0, le=1, description="How sure the model is.")
    value: Value | None = Field(description="The exact value of a figure, a date or a place; null where unknown.")


class FactOut(BaseModel):
    """An indicator and a figure that measures it, as indexes into `spans`."""

    indicator: int = Field(ge=0)
    figure: int = Field(ge=0)


class RecordOut(BaseModel):
    """An annotated article."""

    id: str | None
    model: str = Field(description="NAME@VERSION of the model.")
    spans: list[SpanOut] = Field(description="In order of `start`.")
    facts: list[FactOut]


class ProblemOut(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="A stable reference that says which problem this is, such as `/problems/blank-text`.")
    title: str
    status: int
    detail: str = Field(description="What was received, what is allowed, and where.")
    field: str | None = Field(None, description="The field or parameter, such as `articles[3].text`.")
    limit: int | None = Field(None, description="The limit that was exceeded.")
    line: int | None = Field(None, description="The line of an NDJSON body, from 1.")
    revision: int | None = Field(None, description="The revision that the article is at.")


class RefusalOut(BaseModel):
    """Stands where the record of an article would be that cannot be annotated."""

    id: str | None
    error: ProblemOut


class RecordsOut(BaseModel):
    """The records of several articles, in the order of the request."""

    articles: list[RecordOut | RefusalOut]


class LabelOut(BaseModel):
    """A label the model can give."""

    code: str
    name: str
    meaning: str
    figure: bool = Field(description="Whether its spans carry a figure.")


class ReloadOut(BaseModel):
    """The model that answers from now on."""

    model: str = Field(description="NAME@VERSION of the model.")


class ModelOut(BaseModel):
    """The model that answers."""

    name: str
    version: str
    sha256: str = Field(description="The sha256 of its manifest, which names the sha256 of every file.")
    created: str
    labels: list[LabelOut]
    scores: dict[str, Any] = Field(description="As measured when it was exported.")


class StateOut(BaseModel):
    """The state of the service."""

    status: str
