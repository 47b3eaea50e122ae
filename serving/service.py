"""The annotator as the service uses it: loaded once, warmed up, run in threads beside the event loop."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread

from raqam import Annotator, Article, Record
from serving.bodies import Item, Refusal
from serving.metrics import Metrics
from serving.middleware import log_mistake
from serving.offsets import Unit, utf16_offsets
from serving.problems import NOT_READY, ProblemError, problem_of
from serving.settings import Settings

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

#: How many bodies are parsed at the same time: what a parser builds can be many times as large as the body.
READERS: Final = 2

#: A request as it would be sent: the article that warms the model up and stands in the documentation.
EXAMPLE: Final[dict[str, str]] = json.loads(Path(__file__).with_name("example.json").read_text("utf-8"))


class Service:
    """One model and the threads that may use it. :meth:`start` loads and warms it up; before that it is not ready."""

    def __init__(self, settings: Settings, metrics: Metrics, annotator: Annotator | None = None) -> None:
        self._settings, self._metrics, self._annotator = settings, metrics, annotator
        self.example: Record | None = None

    async def start(self) -> None:
        """Load the model, unless there is one, and annotate :data:`EXAMPLE`; raises :class:`raqam.ModelError`."""
        annotator = self._annotator
        if annotator is None:
            annotator = await self._in_thread(load, self._settings)
        self.example = await self._in_thread(annotator.annotate, Article.checked(**EXAMPLE))
        self._annotator = annotator

    def stop(self) -> None:
        """Answer from now on that the service is not ready."""
        self.example = None

    @property
    def annotator(self) -> Annotator:
        """The annotator; raises the problem ``not-ready`` before it is warm and after :meth:`stop`."""
        if self._annotator is None or self.example is None:
            raise ProblemError(NOT_READY)
        return self._annotator

    def check_ready(self) -> None:
        """Raise the problem ``not-ready`` unless articles can be annotated."""
        _ = self.annotator

    async def read(self, reader: Callable[[bytes, Settings], Result], body: bytes) -> Result:
        """Return what *reader* makes of *body*, in one of :data:`READERS` threads."""
        return await to_thread.run_sync(reader, body, self._settings, limiter=self._readers)

    async def annotate(self, items: Sequence[Item], unit: Unit) -> list[dict[str, Any]]:
        """Return the record of each article of *items*, and each refusal as it is, as JSON objects in their order."""
        return await self._in_thread(self._annotate, self.annotator, items, unit)

    def _annotate(self, annotator: Annotator, items: Sequence[Item], unit: Unit) -> list[dict[str, Any]]:
        results = iter(records(annotator, [item for item in items if isinstance(item, Article)]))
        return [
            self._record(item, next(results), unit) if isinstance(item, Article) else self._refusal(item)
            for item in items
        ]

    def _record(self, article: Article, result: Record | Refusal, unit: Unit) -> dict[str, Any]:
        if isinstance(result, Refusal):
            return self._refusal(result)
        content = result.to_dict()
        self._metrics.count_record(article.text, content)
        if unit == "utf16":
            convert = utf16_offsets(article.text)
            for span in content["spans"]:
                span["start"], span["end"] = convert(span["start"]), convert(span["end"])
        return content

    def _refusal(self, refusal: Refusal) -> dict[str, Any]:
        self._metrics.count_problem(refusal.problem.kind)
        return refusal.to_dict()

    async def _in_thread(self, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        return await to_thread.run_sync(function, *arguments, limiter=self._limiter)

    @cached_property
    def _readers(self) -> CapacityLimiter:
        return CapacityLimiter(READERS)

    @cached_property
    def _limiter(self) -> CapacityLimiter:
        return CapacityLimiter(self._settings.concurrency)


def load(settings: Settings) -> Annotator:
    """Load and verify the model that *settings* name; raises :class:`raqam.ModelError`."""
    return Annotator.load(settings.model, threads=settings.threads)


def records(annotator: Annotator, articles: Sequence[Article]) -> list[Record | Refusal]:
    """Annotate *articles* together; should that fail, one by one, so that one of them cannot cost the others theirs."""
    try:
        return list(annotator.annotate_many(articles))
    except Exception as error:
        log_mistake(error)
        return [_record_or_refusal(annotator, article) for article in articles]


def _record_or_refusal(annotator: Annotator, article: Article) -> Record | Refusal:
    try:
        return annotator.annotate(article)
    except Exception as error:
        log_mistake(error)
        return Refusal(article.id, problem_of(error))
