"""The paths of what is kept: articles with their revisions, corrections, comparisons."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.responses import Response

from raqam import Annotator, Article, Record
from serving.bodies import JSON_TYPE, media_type
from serving.corrections import schemas
from serving.corrections.answers import PRIVATE, answer, content_of, head, in_units, plain
from serving.corrections.checking import NOBODY, Correction, Question, read_correction, read_kept, read_question
from serving.corrections.comparison import differences
from serving.corrections.rows import Annotation, Stored
from serving.corrections.service import Corrections, conflict
from serving.corrections.store import Order, State, key_of
from serving.documentation import json_body, problem_responses
from serving.logs import current
from serving.problems import Problem, ProblemError, shown
from serving.routes import Offsets, Running, check_parameters, while_connected
from serving.service import Session

_KEY: Final = re.compile("[0-9a-f]{32}")
_TAG: Final = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"')
_GONE: Final = Problem("not-found", "There is no article with this key, or not any more.")
_UNNAMED: Final = Problem(
    "no-precondition", 'Send If-Match with the ETag of the revision that is changed, such as "3".', "If-Match"
)
_NOTHING_ELSE: Final = Problem(
    "no-comparison",
    "There is nothing to compare with: name a kept article of this text as 'article', or start the service with "
    "another model in RAQAM_COMPARE_MODEL.",
    "article",
)
_ALWAYS: Final = ("unauthorized", "forbidden", "cross-origin", "not-found", "wrong-parameter", "no-database")
_BODY: Final = (
    "body-too-large", "unsupported-media-type", "invalid-utf8", "invalid-json", "too-deep", "wrong-type",
    "missing-field", "unknown-field", "invalid-unicode", "too-long", "overloaded", "request-timeout",
)  # fmt: skip
_TEXT: Final = (
    "blank-text", "text-too-long", "wrong-published", "invalid-input", "deadline-exceeded", "not-ready",
)  # fmt: skip
_CHANGE: Final = ("no-precondition", "conflict")
_CORRECTION: Final = ("wrong-span", "wrong-value", "wrong-fact", "wrong-name")

router = APIRouter()


async def _corrections(request: Request) -> Corrections:
    corrections: Corrections = request.app.state.corrections
    return corrections


Kept = Annotated[Corrections, Depends(_corrections)]
Key = Annotated[str, Path(description="The key of the article.", json_schema_extra={"pattern": f"^{_KEY.pattern}$"})]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description='The ETag of the revision that is changed, such as `"3"`.')
]


def _tagged(description: str, **more: str) -> dict[str, Any]:
    """The description of an answer with an article and its ETag."""
    headers = {"ETag": "The revision, in quotes.", **more}
    described = {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}
    return {"description": description, "headers": described}


@router.post(
    "/articles",
    status_code=201,
    response_model=schemas.StoredOut,
    responses={
        200: {**_tagged("It was there already; nothing was changed"), "model": schemas.StoredOut},
        201: _tagged("The article, annotated and kept", Location="Its path."),
        **problem_responses(*_ALWAYS, *_BODY, *_TEXT),
    },
    openapi_extra={"requestBody": json_body(schemas.KeptIn)},
    summary="Annotate an article and keep it",
)
async def add(request: Request, service: Running, kept: Kept, offsets: Offsets = "codepoint") -> Response:
    """The same text and id are the same article: sent twice, it has the same key, and its corrections stay."""
    store = kept.store
    check_parameters(request, "offsets")
    session = _admitted(request, service.session)
    body = await request.body()
    article = await service.read(read_kept, body, len(body))
    if (known := await kept.run(store.get, key_of(article))) is not None:
        return await answer(known, offsets)
    record = await while_connected(request, session.weigh(article))
    annotation = _annotation(record, session.annotator.manifest.sha256)
    found, added = await kept.run(store.add, article, annotation, record.uncertainty)
    location = {"Location": f"/articles/{found.article}"} if added else {}
    return await answer(found, offsets, 201 if added else 200, location)


@router.get(
    "/articles",
    response_model=schemas.ListOut,
    responses=problem_responses(*_ALWAYS),
    summary="The articles that are kept",
)
async def articles(
    request: Request,
    kept: Kept,
    order: Annotated[
        Order, Query(description="What the model is least sure of first, or what changed last.")
    ] = "uncertain",
    state: Annotated[State | Literal["all"], Query(description="Not corrected yet, corrected, or both.")] = "open",
    offset: Annotated[int, Query(ge=0, le=1_000_000_000, description="How many to leave out.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="How many to list.")] = 50,
) -> Response:
    """The beginnings of the texts, never the whole ones."""
    check_parameters(request, "order", "state", "offset", "limit")
    total, found = await kept.run(kept.store.list, order, None if state == "all" else state, offset, limit)
    rows = [{name: getattr(each, name) for name in schemas.ListedOut.model_fields} for each in found]
    return plain({"total": total, "articles": rows})


@router.get(
    "/articles/{article}",
    response_model=schemas.StoredOut,
    responses={200: _tagged("The article, at its last revision"), **problem_responses(*_ALWAYS)},
    summary="One article",
)
async def article(request: Request, kept: Kept, article: Key, offsets: Offsets = "codepoint") -> Response:
    """Whole, as its last revision has it."""
    check_parameters(request, "offsets")
    return await answer(await _found(kept, article), offsets)


@router.delete(
    "/articles/{article}",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "It is deleted"}, **problem_responses(*_ALWAYS, *_CHANGE)},
    summary="Delete an article",
)
async def delete(request: Request, kept: Kept, article: Key, if_match: IfMatch = None) -> Response:
    """With its text and all revisions; of a corrected one its key and the number of the last revision are left."""
    check_parameters(request)
    stored = await _found(kept, article)
    _check_revision(stored, if_match)
    if not await kept.run(kept.store.delete, article, stored.revision.number):
        raise ProblemError(_GONE)
    return Response(status_code=204, headers=PRIVATE)


@router.put(
    "/articles/{article}/annotation",
    response_model=schemas.StoredOut,
    responses={
        200: _tagged("The article, with the new revision"),
        **problem_responses(*_ALWAYS, *_BODY, *_CHANGE, *_CORRECTION),
    },
    openapi_extra={"requestBody": json_body(schemas.AnnotationIn)},
    summary="Correct an article",
)
async def correct(
    request: Request, service: Running, kept: Kept, article: Key, if_match: IfMatch = None,
    offsets: Offsets = "codepoint",
) -> Response:  # fmt: skip
    """Send all spans that it should have. Where somebody else was faster, the answer is 412 and nothing is changed."""
    check_parameters(request, "offsets")
    _check_json(request)
    stored = await _found(kept, article)
    _check_revision(stored, if_match)
    body = await request.body()
    correction = await service.work(read_correction, body, stored, offsets)
    who = correction.who or current().key or NOBODY
    found = await kept.run(kept.store.correct, stored, who, current().key, _corrected(stored, correction))
    if found is None:
        raise ProblemError(_GONE)
    return await answer(found, offsets)


@router.get(
    "/articles/{article}/revisions",
    response_model=schemas.RevisionsOut,
    responses=problem_responses(*_ALWAYS),
    summary="The revisions of an article",
)
async def revisions(request: Request, kept: Kept, article: Key) -> Response:
    """Who made which, when, and from what model's."""
    check_parameters(request)
    found = await kept.run(kept.store.revisions, article) if _KEY.fullmatch(article) else []
    if not found:
        raise ProblemError(_GONE)
    return plain({"article": article, "revisions": [{**head(each), "key": each.key} for each in found]})


@router.get(
    "/articles/{article}/revisions/{revision}",
    response_model=schemas.StoredOut,
    responses=problem_responses(*_ALWAYS),
    summary="An article as it was",
)
async def revision(
    request: Request, kept: Kept, article: Key, revision: Annotated[int, Path(ge=1, le=999_999_999)],
    offsets: Offsets = "codepoint",
) -> Response:  # fmt: skip
    """Revision 1 is what the model said."""
    check_parameters(request, "offsets")
    stored = await _found(kept, article, revision)
    return plain(await asyncio.to_thread(content_of, stored, offsets))


@router.post(
    "/compare",
    response_model=schemas.ComparisonOut,
    responses=problem_responses(*_ALWAYS, *_BODY, *_TEXT, "no-comparison"),
    openapi_extra={"requestBody": json_body(schemas.CompareIn)},
    summary="Compare two models on one article",
)
async def compare(request: Request, service: Running, kept: Kept, offsets: Offsets = "codepoint") -> Response:
    """The model that answers against that of `RAQAM_COMPARE_MODEL`, else against what was said when the article came.

    Nothing is kept.
    """
    check_parameters(request, "offsets")
    session = _admitted(request, service.session)
    body = await request.body()
    question = await service.read(read_question, body, len(body))
    earlier = await _earlier(kept, question)
    if kept.other is not None:
        both = _both(session, question.article, await kept.other.annotator())
        records = [record.to_dict() for record in await while_connected(request, both)]
    elif earlier is not None:
        record = await while_connected(request, session.weigh(question.article))
        records = [record.to_dict(), earlier]
    else:
        raise ProblemError(_NOTHING_ELSE)
    if offsets == "utf16":
        records = [{**each, "spans": in_units(each["spans"], question.article.text)} for each in records]
    places = differences(*(each["spans"] for each in records))
    return plain({"models": [each["model"] for each in records], "records": records, "differences": places})


def _admitted(request: Request, begin: Callable[[], Session]) -> Session:
    """The session for a request with an article to annotate, before its body is read."""
    _check_json(request)
    session = begin()
    session.check_room()
    return session


def _check_json(request: Request) -> None:
    received = request.headers.get("content-type", "")
    if media_type(received) != JSON_TYPE:
        detail = f"The Content-Type must be {JSON_TYPE}, not {shown(received)}."
        raise ProblemError(Problem("unsupported-media-type", detail))


async def _found(kept: Corrections, key: str, revision: int | None = None) -> Stored:
    store = kept.store
    found = await kept.run(store.get, key, revision) if _KEY.fullmatch(key) else None
    if found is None:
        raise ProblemError(_GONE)
    return found


def _check_revision(stored: Stored, if_match: str | None) -> None:
    """Refuse a change that does not name the last revision of *stored*, for whoever is early enough to be told so."""
    if if_match is None:
        raise ProblemError(_UNNAMED)
    named = _TAG.fullmatch(if_match.strip())
    if named is None:
        detail = f'If-Match must be the one ETag of a revision, such as "3", not {shown(if_match)}.'
        raise ProblemError(Problem("wrong-parameter", detail, "If-Match"))
    if int(named[1]) != stored.revision.number:
        raise ProblemError(conflict(stored.revision.number), {"ETag": f'"{stored.revision.number}"'})


async def _earlier(kept: Corrections, question: Question) -> dict[str, Any] | None:
    """What the model of that day said of the kept article of *question*, as a record."""
    if question.key is None:
        return None
    stored = await _found(kept, question.key, 1)
    if stored.text != question.article.text:
        raise ProblemError(Problem("wrong-text", "The text is not that of the kept article; send that.", "text"))
    annotation = stored.revision.annotation
    return {"id": stored.id, "model": annotation.model, "spans": annotation.spans, "facts": annotation.facts}


async def _both(session: Session, article: Article, other: Annotator) -> tuple[Record, Record]:
    """The records of *article* by both models, side by side."""
    return await asyncio.gather(session.weigh(article), session.weigh(article, other))


def _annotation(record: Record, sha256: str) -> Annotation:
    content = record.to_dict()
    return Annotation(record.model, sha256, content["spans"], content["facts"])


def _corrected(stored: Stored, correction: Correction) -> Annotation:
    before = stored.revision.annotation
    spans = [span.to_dict() for span in correction.spans]
    return Annotation(before.model, before.sha256, spans, [fact.to_dict() for fact in correction.facts])
