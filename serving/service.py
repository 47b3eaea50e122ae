"""The annotator as the service uses it: loaded, warmed up, replaced while it runs, behind the engine."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Final, NoReturn, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from raqam import Annotator, Article, ModelError, Record
from raqam.batching import Batching
from serving.bodies import Item, Refusal, encode
from serving.corrections.uncertainty import Weighed, Weighing
from serving.engine import DeadlineExceeded, Engine, Overloaded, Steps
from serving.metrics import Metrics
from serving.middleware import log_mistake
from serving.offsets import Unit, utf16_offsets
from serving.problems import INTERNAL, NOT_READY, STOPPING, Problem, ProblemError, problem_of
from serving.settings import Settings

logger = logging.getLogger("raqam.serving")

Result = TypeVar("Result")
Body = TypeVar("Body")
Arguments = ParamSpec("Arguments")

#: How many bodies are parsed at the same time: what a parser builds can be many times as large as the body.
READERS: Final = 2
#: How many corrections and files are read at the same time; bodies of articles do not wait for them.
WORKERS: Final = 2

#: When to ask a service again that starts or stops.
_SOON: Final = {"Retry-After": "1"}

#: Bytes of a body that is parsed in less time than a thread takes to be told of it, about a millisecond.
SHORT_BODY: Final = 32 * 1024

#: A request as it would be sent: the article that warms the model up and stands in the documentation.
EXAMPLE: Final[dict[str, str]] = json.loads(Path(__file__).with_name("example.json").read_text("utf-8"))


class ReloadError(Exception):
    """The model was not replaced. The message is a sentence for the log of the service and for who asked."""


class Service:
    """One model and the engine that runs it. :meth:`start` loads and warms it up; before that it is not ready."""

    def __init__(self, settings: Settings, metrics: Metrics, annotator: Annotator | None = None) -> None:
        self._settings, self._metrics, self._annotator = settings, metrics, annotator
        self._engine: Engine | None = None
        self.example: Record | None = None
        self.stopping = False

    async def start(self) -> None:
        """Load the model, unless there is one, and annotate :data:`EXAMPLE`; raises :class:`raqam.ModelError`."""
        settings = self._settings
        annotator = self._annotator
        if annotator is None:
            annotator = await to_thread.run_sync(load, settings)
        self.example = await to_thread.run_sync(annotator.annotate, Article.checked(**EXAMPLE))
        batching = Batching(settings.batch_windows, settings.batch_tokens)
        engine = Engine(
            threads=annotator.threads, limit=settings.queue_tokens, metrics=self._metrics, batching=batching
        )
        engine.start()
        self._engine, self._annotator = engine, annotator
        self._tell_model(annotator)

    def stop(self) -> None:
        """Answer from now on that the service is not ready; what was admitted goes on."""
        self.stopping = True

    async def drained(self) -> None:
        """Return when no article waits or is in work."""
        if self._engine is not None:
            await self._engine.drained()

    async def close(self) -> None:
        """End the threads of the engine."""
        self.stop()
        if self._engine is not None:
            await to_thread.run_sync(self._engine.close)

    async def reload(self) -> str:
        """Load the model anew from where the settings say, try it, and put it in the place of the one there is.

        Requests in work end with the model they began with. Returns ``NAME@VERSION``; raises :class:`ReloadError`, and
        the old model stays, where the new one cannot be loaded, is not what its manifest says, or finds nothing in the
        example article.
        """
        async with self._reloading:
            try:
                annotator = await to_thread.run_sync(load, self._settings)
                example = await to_thread.run_sync(annotator.annotate, Article.checked(**EXAMPLE))
            except ModelError as error:
                self._keep(str(error))
            except Exception as error:
                log_mistake(error)
                self._keep("The new model failed on the example article.")
            if not example.spans:
                self._keep(f"{annotator.model} finds nothing in the example article.")
            self._annotator, self.example = annotator, example
            self._tell_model(annotator)
            self._metrics.count_reload(True)
            logger.info("Serving %s (%s) from now on.", annotator.model, annotator.manifest.sha256)
            return annotator.model

    def _keep(self, reason: str) -> NoReturn:
        self._metrics.count_reload(False)
        kept = self._annotator.model if self._annotator else "no model"
        sentence = f"{reason} {kept} is kept."
        logger.error("The model was not replaced: %s", sentence)
        raise ReloadError(sentence)

    def _tell_model(self, annotator: Annotator) -> None:
        manifest = annotator.manifest
        self._metrics.set_model(manifest.name, manifest.version, manifest.sha256)

    def session(self) -> Session:
        """The model for one request, from its first article to its last; raises the problem ``not-ready``."""
        if self.stopping:
            raise ProblemError(STOPPING, _SOON)
        if self._annotator is None or self._engine is None or self.example is None:
            raise ProblemError(NOT_READY, _SOON)
        return Session(self._annotator, self._engine, self._metrics, self._settings)

    async def read(self, reader: Callable[[Body, Settings], Result], body: Body, size: int) -> Result:
        """Return what *reader* makes of *body*, in one of :data:`READERS` threads; at once if its *size* is small."""
        if size <= SHORT_BODY:
            return reader(body, self._settings)
        return await to_thread.run_sync(reader, body, self._settings, limiter=self._readers)

    async def work(
        self, function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Result:
        """Return what *function* does, in one of :data:`WORKERS` other threads."""
        return await to_thread.run_sync(lambda: function(*arguments, **named), limiter=self._workers)

    @cached_property
    def _readers(self) -> CapacityLimiter:
        return CapacityLimiter(READERS)

    @cached_property
    def _workers(self) -> CapacityLimiter:
        return CapacityLimiter(WORKERS)

    @cached_property
    def _reloading(self) -> asyncio.Lock:
        return asyncio.Lock()


@dataclass(frozen=True, slots=True)
class Session:
    """The model that one request is annotated with, whatever is put in its place meanwhile."""

    annotator: Annotator
    engine: Engine
    metrics: Metrics
    settings: Settings

    @property
    def headers(self) -> dict[str, str]:
        """What every answer says of its model."""
        return {"Raqam-Model": self.annotator.model, "Raqam-Model-Sha256": self.annotator.manifest.sha256}

    def check_room(self) -> None:
        """Raise the problem ``overloaded`` when nothing more may wait."""
        try:
            self.engine.check_room()
        except Overloaded as error:
            raise _overloaded(error) from None

    async def annotate(self, items: Sequence[Item], unit: Unit, *, patient: bool = False) -> list[bytes | Refusal]:
        """Return the record of each article of *items* as JSON, and each refusal as it is, in their order.

        Raises the problems ``overloaded``, unless it is *patient* and waits for room, and ``deadline-exceeded``.
        """
        articles = [item for item in items if isinstance(item, Article)]
        results = iter(await self._run(self.annotator, articles, partial(self._encoded, unit), patient))
        return [next(results) if isinstance(item, Article) else self.counted(item) for item in items]

    async def weigh(self, article: Article, annotator: Annotator | None = None) -> Weighed:
        """The record of *article*, by *annotator* in place of this model, with how unsure that is of it.

        What is wrong with the article is raised as a problem; so are those of :meth:`annotate`.
        """
        (outcome,) = await self._run(Weighing(annotator or self.annotator), [article], self._weighed)
        if isinstance(outcome, Refusal):
            raise ProblemError(outcome.problem)
        return outcome

    async def weigh_each(self, articles: Sequence[Article]) -> list[Weighed | Refusal]:
        """The same for several articles in their order; what is wrong with one is its refusal. It waits for room."""
        return await self._run(Weighing(self.annotator), articles, self._weighed, patient=True)

    async def _run(
        self,
        model: Steps,
        articles: Sequence[Article],
        then: Callable[[Article, Record | Exception], Result],
        patient: bool = False,
    ) -> list[Result]:
        deadline = self.settings.deadline_seconds
        try:
            return await self.engine.annotate(model, articles, then, deadline=deadline, patient=patient)
        except Overloaded as error:
            raise _overloaded(error) from None
        except DeadlineExceeded:
            raise _late(deadline) from None

    def _weighed(self, article: Article, outcome: Record | Exception) -> Weighed | Refusal:
        if isinstance(outcome, Weighed):
            self.metrics.count_record(article.text, outcome.to_dict())
            return outcome
        return self._refused(article, outcome)

    def _refused(self, article: Article, error: Record | Exception) -> Refusal:
        problem = problem_of(error, limit=self.settings.max_characters) if isinstance(error, Exception) else INTERNAL
        if problem.kind == "internal" and isinstance(error, Exception):
            log_mistake(error)
        return self.counted(Refusal(article.id, problem))

    def _encoded(self, unit: Unit, article: Article, outcome: Record | Exception) -> bytes | Refusal:
        """The record as JSON, on a thread of the engine; for an exception the refusal of this one article."""
        if isinstance(outcome, Exception):
            return self._refused(article, outcome)
        content = outcome.to_dict()
        if unit == "utf16":
            convert = utf16_offsets(article.text)
            for span in content["spans"]:
                span["start"], span["end"] = convert(span["start"]), convert(span["end"])
        encoded = encode(content)
        self.metrics.count_record(article.text, content)
        return encoded

    def counted(self, refusal: Refusal) -> Refusal:
        """*refusal*, after it was counted."""
        self.metrics.count_problem(refusal.problem.kind)
        return refusal


def load(settings: Settings) -> Annotator:
    """Load and verify the model that *settings* name; raises :class:`raqam.ModelError`."""
    return Annotator.load(settings.model, threads=settings.threads)


def _overloaded(error: Overloaded) -> ProblemError:
    detail = f"The queue is full; try again in {error.seconds} s."
    return ProblemError(Problem("overloaded", detail), {"Retry-After": str(error.seconds)})


def _late(seconds: float) -> ProblemError:
    detail = f"The annotation was not ready after {seconds:g} s; send less at a time, or try again later."
    return ProblemError(Problem("deadline-exceeded", detail))
