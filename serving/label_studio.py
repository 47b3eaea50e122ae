"""An ML backend of Label Studio: its projects get predictions from here, and give annotations to learn from.

Label Studio is told the address with ``/label-studio`` behind it and appends the rest. What goes in and out is that of
its package ``label-studio-ml``; offsets are code points on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from raqam import Article, InputError
from raqam.errors import PublishedError
from raqam.formats.label_studio import CONFIGURATION, results
from raqam.formats.reading import Read, Rejection
from raqam.formats.reading.label_studio import read_task
from raqam.records import check_text
from serving.bodies import JSON_TYPE, chunks, media_type, parse
from serving.corrections import incoming, schemas, training_queue
from serving.corrections.answers import plain
from serving.corrections.exchange import Outcome, take_in
from serving.corrections.routes import Kept
from serving.corrections.uncertainty import Weighed
from serving.documentation import json_body, problem_responses
from serving.labeling import Labeling, LabelingError
from serving.labeling import parse as parse_labeling
from serving.logs import logger
from serving.problems import Problem, ProblemError, shown
from serving.routes import Running, while_connected
from serving.service import Service, Session

_NOTHING: Final[dict[str, Any]] = {"result": [], "score": 0.0}
_CREATED: Final = ("ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_CREATED")
_TRAIN: Final = "START_TRAINING"
_ALWAYS: Final = ("unauthorized", "forbidden", "cross-origin")
_BODY: Final = (
    "body-too-large", "unsupported-media-type", "invalid-utf8", "invalid-json", "too-deep", "wrong-type",
    "wrong-labeling", "overloaded", "request-timeout", "deadline-exceeded", "not-ready",
)  # fmt: skip

_UNQUEUED: Final[dict[str, Any]] = {"model": schemas.WebhookOut, "description": "Nothing came of it to train on."}

router = APIRouter(prefix="/label-studio")


@router.get(
    "/health", response_model=schemas.HealthOut, responses=problem_responses(*_ALWAYS, "not-ready"),
    summary="Whether Label Studio can connect",
)  # fmt: skip
async def health(service: Running) -> Response:
    """As Label Studio asks before anything else."""
    return plain({"status": "UP", "model_class": "Raqam", "model_version": service.session().annotator.model})


@router.post(
    "/setup", response_model=schemas.SetupOut, responses=problem_responses(*_ALWAYS, *_BODY),
    openapi_extra={"requestBody": json_body(schemas.SetupIn)}, summary="Connect a project of Label Studio",
)  # fmt: skip
async def setup(request: Request, service: Running) -> Response:
    """The labelling configuration is checked, so that Label Studio says at once what is wrong with it."""
    session = service.session()
    content = await _content(request, service)
    _labeling(content.get("schema"))
    return plain({"model_version": session.annotator.model})


@router.post(
    "/predict", response_model=schemas.PredictOut, responses=problem_responses(*_ALWAYS, *_BODY),
    openapi_extra={"requestBody": json_body(schemas.PredictIn)}, summary="Predictions for tasks of Label Studio",
)  # fmt: skip
async def predict(request: Request, service: Running) -> Response:
    """A result for each task, in their order. One that cannot be annotated gets an empty result and costs no other."""
    session = service.session()
    session.check_room()
    content = await _content(request, service)
    labeling = _labeling(content.get("label_config"))
    tasks = content.get("tasks")
    if not isinstance(tasks, list):
        raise ProblemError(Problem("wrong-type", "'tasks' must be an array.", "tasks"))
    articles = [_article(task, labeling, session) for task in tasks]
    answered = await while_connected(request, _predictions(session, articles, labeling))
    return plain({"results": answered, "model_version": session.annotator.model})


@router.post(
    "/webhook", status_code=201, response_model=schemas.WebhookOut,
    responses={200: _UNQUEUED, **problem_responses(*_ALWAYS, *_BODY, "not-found", "no-database")},
    openapi_extra={"requestBody": json_body(schemas.WebhookIn)}, summary="Learn from what was annotated",
)  # fmt: skip
async def webhook(request: Request, service: Running, kept: Kept) -> Response:
    """Annotations that are submitted or changed are kept as corrections, and a training is queued for `make train`.

    What says nothing of either is answered with 200 and left alone.
    """
    session = service.session()
    store = kept.store
    content = await _content(request, service)
    action = content.get("action")
    project = _project(content)
    outcome = Outcome()
    if action in _CREATED:
        found = await service.work(_annotated, content, _labeling(project.get("label_config")))
        known = await kept.run(incoming.Known.of, store)
        outcome = await take_in(service, session, kept, known, found)
        if outcome.rejected:  # Label Studio reads no answer
            logger.warning("Annotations of %s were refused: %d.", _name_of(project), len(outcome.rejected))
    queued = action == _TRAIN or outcome.imported > 0
    if queued:
        await kept.run(training_queue.ask, store.database, _name_of(project))
    return plain({"status": "ok", "queued": queued, **outcome.to_dict()}, 201 if queued else 200)


async def _content(request: Request, service: Service) -> Mapping[str, Any]:
    received = request.headers.get("content-type", "")
    if media_type(received) != JSON_TYPE:
        detail = f"The Content-Type must be {JSON_TYPE}, not {shown(received)}."
        raise ProblemError(Problem("unsupported-media-type", detail))
    body = await request.body()
    content = await service.read(lambda body, _: parse(body), body, len(body))
    if not isinstance(content, dict):
        raise ProblemError(Problem("wrong-type", "The body must be an object."))
    return content


def _labeling(configuration: Any) -> Labeling:
    """The labelling of a project; that of docs/formats.md where it sends none.

    Label Studio shows the status of the answer and sends people to the log for the rest, so the sentence is there too.
    """
    try:
        return parse_labeling(configuration if isinstance(configuration, str) and configuration else CONFIGURATION)
    except LabelingError as error:
        logger.warning("A project of Label Studio was refused: %s", error)
        raise ProblemError(Problem("wrong-labeling", f"{error} See docs/label-studio.md.")) from None


def _article(task: Any, labeling: Labeling, session: Session) -> Article | None:
    """The article of *task*, if it can be annotated."""
    data = task.get("data") if isinstance(task, dict) else None
    if not isinstance(data, dict):
        return None
    text, published = data.get(labeling.field), data.get("published")
    try:
        check_text(text, session.settings.max_characters)
        return Article.checked(text, published=published)
    except PublishedError:
        return Article.checked(text)  # any project may have a field of this name
    except InputError:
        return None


async def _predictions(
    session: Session, articles: Sequence[Article | None], labeling: Labeling
) -> list[dict[str, Any]]:
    """The predictions of *articles*, part by part."""
    found: list[dict[str, Any]] = []
    usable = iter([article for article in articles if article is not None])
    outcomes = [
        outcome
        for part in chunks(list(usable))
        for outcome in await session.weigh_each([each for each in part if isinstance(each, Article)])
    ]
    rest = iter(outcomes)
    for article in articles:
        outcome = None if article is None else next(rest)
        answered = _prediction(outcome, labeling) if isinstance(outcome, Weighed) else _NOTHING
        found.append({**answered, "model_version": session.annotator.model})
    return found


def _prediction(record: Weighed, labeling: Labeling) -> dict[str, Any]:
    """*record* as a prediction; Label Studio can sort tasks by its score, the least sure first."""
    found = results(record, labeling.names, labeling.labels, labeling.measures)
    return {"result": found, "score": round(1 - record.uncertainty, 4)}


def _project(content: Mapping[str, Any]) -> Mapping[str, Any]:
    found = content.get("project")
    return found if isinstance(found, dict) else {"id": found}


def _name_of(project: Mapping[str, Any]) -> str:
    """What a training is queued as."""
    return f"label-studio project {re.sub(r'[^0-9A-Za-z._-]', '_', str(project.get('id')))[:60]}"


def _annotated(content: Mapping[str, Any], labeling: Labeling) -> list[Read | Rejection]:
    """The annotated articles of an event: of one annotation, or of several with their tasks."""
    annotations, tasks = content.get("annotation"), content.get("task")
    if isinstance(annotations, list) != isinstance(tasks, list):
        return [Rejection("task", "There must be a task for each annotation.")]
    several = annotations if isinstance(annotations, list) else [annotations]
    each_task = tasks if isinstance(tasks, list) else [tasks]
    by_id = {str(task.get("id")): task for task in each_task if isinstance(task, dict)}
    found = []
    for at, annotation in enumerate(several):
        if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
            continue
        task = by_id.get(str(annotation.get("task")), each_task[at] if at < len(each_task) else None)
        place = f"annotation {annotation.get('id')}"[:60]
        ours = {**annotation, "result": _of_tags(annotation.get("result"), labeling)}
        whole = {**task, "annotations": [ours], "predictions": []} if isinstance(task, dict) else None
        found.append(read_task(whole, place, labeling.field))
    return found


def _of_tags(result: Any, labeling: Labeling) -> Any:
    """Those of the results that are of the tags of *labeling*; a project may have others for other things."""
    if not isinstance(result, list):
        return result
    return [
        each for each in result
        if not isinstance(each, dict) or "from_name" not in each or each["from_name"] == labeling.names[0]
    ]  # fmt: skip
