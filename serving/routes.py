"""The paths of the service."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, JSONResponse, Response

from raqam import Article
from raqam.labels import LABELS
from serving import metrics, schemas
from serving.bodies import JSON_TYPE, NDJSON_TYPE, Item, Refusal, announced_bytes, chunks, encode, media_type, read_json
from serving.documentation import problem_responses, request_body, success
from serving.offsets import Unit
from serving.problems import KEPT, KINDS, Problem, ProblemError, shown
from serving.service import EXAMPLE, ReloadError, Service, Session
from serving.settings import Settings
from serving.streams import LinesResponse, answer_lines

STATIC: Final = Path(__file__).with_name("static")
PAGES: Final = Path(__file__).with_name("pages")  # apart, so that each is only served with its headers

#: Everything a page uses comes from this server, and no script or style stands in the page itself.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'"
)
_FRAMES: Final = "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#: The page makes nothing of strings but text: browsers that know of it refuse `innerHTML` and its like.
_TEXT_ONLY: Final = "; require-trusted-types-for 'script'; trusted-types 'none'"

#: One worker of several would answer with another model than the rest.
_ALL_OF_THEM: Final = "Several workers answer here; send SIGHUP to the process that started them."

Result = TypeVar("Result")

router = APIRouter()


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Running = Annotated[Service, Depends(_service)]
Offsets = Annotated[Unit, Query(description="What `start` and `end` count: code points, or UTF-16 code units.")]


@router.post(
    "/annotate",
    summary="Annotate one article, or several",
    responses={200: success(), **problem_responses(*(kind for kind in KINDS if kind not in ("not-found", *KEPT)))},
    openapi_extra={"requestBody": request_body(EXAMPLE)},
)
async def annotate(request: Request, service: Running, offsets: Offsets = "codepoint") -> Response:
    """Send `{"text": …}` for one record, `{"articles": […]}` for several, or one article a line as NDJSON."""
    check_parameters(request, "offsets")
    kind = media_type(request.headers.get("content-type", ""))
    session = service.session()  # before a body is read that nothing could annotate
    session.check_room()
    if kind == NDJSON_TYPE:
        settings: Settings = request.app.state.settings
        if 0 < announced_bytes(request.headers) <= settings.max_body_bytes:
            await request.body()  # who sends a length may not listen before all is sent; the stream has it from here
        lines = answer_lines(request.stream(), service, session, settings, offsets)
        return LinesResponse(lines, session.headers)
    body = await request.body()
    content = await service.read(read_json, body, len(body))
    if isinstance(content, Article):
        return await while_connected(request, _one(session, content, offsets))
    return await while_connected(request, _several(session, content, offsets))


@router.get("/livez", response_model=schemas.StateOut, summary="Whether the process runs")
async def livez() -> Response:
    """Always 200."""
    return JSONResponse({"status": "alive"})


@router.get(
    "/readyz",
    response_model=schemas.StateOut,
    responses=problem_responses("not-ready"),
    summary="Whether articles can be annotated",
)
async def readyz(service: Running) -> Response:
    """200 once the model is loaded and warmed up, 503 before, and again when the service is told to stop."""
    service.session()
    return JSONResponse({"status": "ready"})


@router.post(
    "/reload",
    response_model=schemas.ReloadOut,
    responses=problem_responses("unauthorized", "forbidden", "reload-failed", "not-ready"),
    summary="Load the model anew",
)
async def reload(request: Request, service: Running) -> Response:
    """Load, verify and try the model that the settings name. It needs a key of the scope `admin`.

    Where the model cannot be used, the old one stays and the answer says why.
    """
    service.session()
    if request.app.state.settings.workers > 1:
        raise ProblemError(Problem("reload-failed", _ALL_OF_THEM))
    try:
        return JSONResponse({"model": await service.reload()})
    except ReloadError as error:
        raise ProblemError(Problem("reload-failed", str(error))) from None


@router.get(
    "/model",
    response_model=schemas.ModelOut,
    responses=problem_responses("unauthorized", "not-ready"),
    summary="The model that answers",
)
async def model(service: Running) -> Response:
    """Name, version, identity, labels and scores."""
    manifest = service.session().annotator.manifest
    labels = [label for label in LABELS if label.code in manifest.labels]
    described = [
        {"code": label.code, "name": label.name, "meaning": label.meaning, "figure": label.figure} for label in labels
    ]
    names = ("name", "version", "sha256", "created", "scores")
    return JSONResponse({**{name: getattr(manifest, name) for name in names}, "labels": described})


@router.get("/metrics", include_in_schema=False)
async def prometheus(request: Request) -> Response:
    counters: metrics.Metrics = request.app.state.metrics
    return Response(counters.render(), media_type=metrics.CONTENT_TYPE)


@router.get("/problems/{kind}", include_in_schema=False)
async def problem(kind: str) -> Response:
    if kind not in KINDS:
        raise ProblemError(Problem("not-found", f"The problems are {', '.join(KINDS)}."))
    return JSONResponse({"type": f"/problems/{kind}", "title": KINDS[kind].title, "status": KINDS[kind].status})


@router.get("/", include_in_schema=False)
async def page() -> Response:
    return _page("page.html", more=_TEXT_ONLY)


@router.get("/docs", include_in_schema=False)
async def docs() -> Response:
    return _page("docs.html", styles="'self' 'unsafe-inline'")  # Swagger UI puts styles on its elements


@router.get("/example", include_in_schema=False)
async def example() -> Response:
    return JSONResponse(EXAMPLE)


async def _one(session: Session, article: Article, unit: Unit) -> Response:
    """The record of the only article of a request; what goes wrong with it goes wrong with the request."""
    (content,) = await session.annotate([article], unit)
    if isinstance(content, Refusal):
        raise ProblemError(content.problem)
    return Response(content, media_type=JSON_TYPE, headers=session.headers)


async def _several(session: Session, items: list[Item], unit: Unit) -> Response:
    """The records of *items*, part by part; only the first part is refused when the queue is full."""
    records: list[bytes] = []
    for number, part in enumerate(chunks(items)):
        answers = await session.annotate(part, unit, patient=number > 0)
        records += [encode(answer.to_dict()) if isinstance(answer, Refusal) else answer for answer in answers]
    content = b'{"articles":[' + b",".join(records) + b"]}"
    return Response(content, media_type=JSON_TYPE, headers=session.headers)


async def while_connected(request: Request, answer: Coroutine[Any, Any, Result]) -> Result:
    """Return *answer*, or end it where the client is gone. The body of *request* must have been read."""
    work = asyncio.ensure_future(answer)
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise ClientDisconnect
        return await work
    finally:
        work.cancel()
        gone.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def check_parameters(request: Request, *known: str) -> None:
    """Refuse a query parameter that is not one of the *known* ones."""
    for name in request.query_params:
        if name not in known:
            quoted = shown(name)
            detail = f"{quoted} is not a parameter here; there is {', '.join(known) or 'none'}."
            raise ProblemError(Problem("wrong-parameter", detail, quoted[1:-1]))


def _page(name: str, styles: str = "'self'", more: str = "") -> Response:
    policy = _POLICY.replace("style-src 'self'", f"style-src {styles}") + _FRAMES + more
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
    return FileResponse(PAGES / name, headers=headers, media_type="text/html; charset=utf-8")
