"""What the OpenAPI document says of the bodies of corrections; requests are checked in :mod:`.checking`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from raqam.labels import CODES
from raqam.records import MAX_CHARACTERS
from serving.schemas import NOT_BLANK, FactOut, RecordOut, SpanOut
from serving.values import Value

#: Characters of an id that is kept, and of a name.
MAX_ID, MAX_WHO = 1000, 100
#: Spans of one correction.
MAX_SPANS = 20_000

Key = Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="The key that the service gave the article.")]
Moment = Annotated[str, Field(description="In UTC, such as `2025-09-25T12:00:00.000000Z`.")]
Label = Annotated[str, Field(json_schema_extra={"enum": [*CODES]})]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class KeptIn(_Request):
    """An article to annotate and to keep."""

    text: str = Field(
        pattern=NOT_BLANK, max_length=MAX_CHARACTERS, description="The text, not blank; kept as it is sent."
    )
    id: str | None = Field(None, max_length=MAX_ID, description="Any string; the same text and id are one article.")
    published: dt.date | None = Field(None, description="The day of publication, as YYYY-MM-DD.")


class SpanIn(_Request):
    """A piece of the text, labelled. The pieces may come in any order; they do not overlap."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    label: Label
    text: str = Field("", description="If it is sent, it must be what stands there.")
    value: Value | None = Field(None, description="Left out, it is read from the words; null says that it has none.")
    score: Any = Field(None, description="Of no effect, so that a span can be sent back as it came.")


class FactIn(_Request):
    """An indicator and a figure that measures it, as indexes into the `spans` that are sent."""

    indicator: int = Field(ge=0)
    figure: int = Field(ge=0)


class AnnotationIn(_Request):
    """What the article should have got: all of its spans."""

    spans: list[SpanIn] = Field(max_length=MAX_SPANS)
    facts: list[FactIn] | None = Field(None, description="Left out or null, they are found by how the spans stand.")
    who: str | None = Field(None, max_length=MAX_WHO, description="Who says so; `model` is taken.")


class CompareIn(_Request):
    """A text to compare two models on."""

    text: str = Field(pattern=NOT_BLANK, max_length=MAX_CHARACTERS)
    published: dt.date | None = None
    article: str | None = Field(
        None, pattern="^[0-9a-f]{32}$", description="A kept article of this text, where the service has but one model."
    )


class StoredOut(BaseModel):
    """An article that is kept, with one of its revisions."""

    article: Key
    id: str | None
    text: str
    published: dt.date | None
    state: Literal["open", "corrected"]
    revision: int = Field(ge=1, description="1 is what the model said; every correction is one more.")
    who: str = Field(description="Who made this revision; `model` made the first.")
    when: Moment
    model: str = Field(description="NAME@VERSION of the model that annotated the article.")
    sha256: str = Field(description="The sha256 of its manifest.")
    uncertainty: float = Field(ge=0, le=1, description="How unsure the model was of the whole article.")
    spans: list[SpanOut] = Field(description="In order of `start`. The score is 1 where a person drew the span.")
    facts: list[FactOut]


class ListedOut(BaseModel):
    """An article in a list."""

    article: Key
    id: str | None
    preview: str = Field(description="The beginning of its text, on one line.")
    state: Literal["open", "corrected"]
    revision: int = Field(ge=1)
    uncertainty: float = Field(ge=0, le=1)
    when: Moment


class ListOut(BaseModel):
    """Some of the articles that are kept."""

    total: int = Field(ge=0, description="How many there are in that state.")
    articles: list[ListedOut]


class RevisionOut(BaseModel):
    """A revision of an article, without its spans."""

    revision: int = Field(ge=1)
    who: str
    key: str | None = Field(description="The id of the API key it was sent with; null without keys.")
    when: Moment
    model: str
    sha256: str


class RevisionsOut(BaseModel):
    """All revisions of an article, the first one first."""

    article: Key
    revisions: list[RevisionOut]


class DifferenceOut(BaseModel):
    """A place that the two records label differently; null where one has no span with these edges."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    a: str | None
    b: str | None


class ComparisonOut(BaseModel):
    """What two models say of a text: first the one that answers, then the other."""

    models: list[str] = Field(min_length=2, max_length=2)
    records: list[RecordOut] = Field(min_length=2, max_length=2)
    differences: list[DifferenceOut] = Field(description="In order of `start`.")


class RejectedOut(BaseModel):
    """Something of a file that was not taken."""

    place: str = Field(description="Where it stands in the file.")
    message: str


class ImportOut(BaseModel):
    """What became of the articles of a file."""

    imported: int = Field(ge=0, description="Those that are new, or corrected now.")
    unchanged: int = Field(ge=0, description="Those that were there with the same spans.")
    rejected: list[RejectedOut]


class HealthOut(BaseModel):
    """What Label Studio wants to hear."""

    status: Literal["UP"]
    model_class: str
    model_version: str


class SetupIn(BaseModel):
    """What Label Studio sends of a project; other fields have no effect."""

    project: str = ""
    schema_: str = Field("", alias="schema", description="The labelling configuration.")


class SetupOut(BaseModel):
    """The model that answers."""

    model_version: str


class TaskIn(BaseModel):
    """A task; the labelling configuration says which field of its data is the text."""

    id: int | None = None
    data: dict[str, Any]


class PredictIn(BaseModel):
    """Tasks to annotate; other fields have no effect."""

    tasks: list[TaskIn]
    project: str = ""
    label_config: str = Field("", description="The labelling configuration.")


class PredictionOut(BaseModel):
    """The spans of a task, as regions."""

    result: list[dict[str, Any]]
    score: float = Field(ge=0, le=1, description="How sure the model is of the whole task.")
    model_version: str


class PredictOut(BaseModel):
    """A prediction for each task, in their order."""

    results: list[PredictionOut]
    model_version: str


class WebhookIn(BaseModel):
    """An event of Label Studio; of other events than those of annotations, and `START_TRAINING`, nothing is done."""

    action: str
    annotation: dict[str, Any] | list[dict[str, Any]] | None = None
    task: dict[str, Any] | list[dict[str, Any]] | None = None
    project: dict[str, Any] | None = None


class WebhookOut(ImportOut):
    """What became of the annotations of an event."""

    status: Literal["ok"]
    queued: bool = Field(description="Whether a training waits for `make train`.")
