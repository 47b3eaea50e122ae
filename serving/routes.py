"""The paths of the service."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from raqam import Article
from raqam.labels import LABELS
from serving import metrics, schemas
from serving.bodies import NDJSON_TYPE, Item, chunks, media_type, read_json, read_lines
from serving.documentation import problem_responses, request_body, success
from serving.offsets import Unit
from serving.problems import KINDS, MEDIA_TYPE, Problem, ProblemError, shown
from serving.service import EXAMPLE, Service

STATIC: Final = Path(__file__).with_name("static")
PAGES: Final = Path(__file__).with_name("pages")  # apart, so that each is only served with its headers

#: Everything a page uses comes from this server, and no script or style stands in the page itself.
_POLICY: Final = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
_FRAMES: Final = "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

router = APIRouter()


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Running = Annotated[Service, Depends(_service)]
Offsets = Annotated[Unit, Query(description="What `start` and `end` count: code points, or UTF-16 code units.")]


@router.post(
    "/annotate",
    summary="Annotate one article, or several",
    responses={200: success(), **problem_responses(*(kind for kind in KINDS if kind not in ("not-found",)))},
    openapi_extra={"requestBody": request_body(EXAMPLE)},
)
async def annotate(request: Request, service: Running, offsets: Offsets = "codepoint") -> Response:
    """Send `{"text": …}` for one record, `{"articles": […]}` for several, or one article a line as NDJSON."""
    _check_parameters(request, "offsets")
    kind = media_type(request.headers.get("content-type", ""))
    service.check_ready()  # before a body is read that nothing could annotate
    body = await request.body()
    if kind == NDJSON_TYPE:
        items = await service.read(read_lines, body)
        return StreamingResponse(_lines(service, items, offsets), media_type=NDJSON_TYPE)
    content = await service.read(read_json, body)
    if isinstance(content, Article):
        return await _one(service, content, offsets)
    return await _several(request, service, content, offsets)


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
    """200 once the model is loaded and warmed up, 503 before."""
    service.check_ready()
    return JSONResponse({"status": "ready"})


@router.get(
    "/model",
    response_model=schemas.ModelOut,
    responses=problem_responses("not-ready"),
    summary="The model that answers",
)
async def model(service: Running) -> Response:
    """Name, version, identity, labels and scores."""
    manifest = service.annotator.manifest
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
    return _page("page.html")


@router.get("/docs", include_in_schema=False)
async def docs() -> Response:
    return _page("docs.html", styles="'self' 'unsafe-inline'")  # Swagger UI puts styles on its elements


@router.get("/example", include_in_schema=False)
async def example() -> Response:
    return JSONResponse(EXAMPLE)


async def _one(service: Service, article: Article, unit: Unit) -> Response:
    """The record of the only article of a request; what goes wrong with it goes wrong with the request."""
    (content,) = await service.annotate([article], unit)
    if error := content.get("error"):
        return JSONResponse(error, error["status"], media_type=MEDIA_TYPE)
    return JSONResponse(content)


async def _several(request: Request, service: Service, items: list[Item], unit: Unit) -> Response:
    """The records of *items*, as long as somebody waits for them. The body of *request* must have been read."""
    records: list[dict[str, Any]] = []
    for part in chunks(items):
        if await request.is_disconnected():
            raise ClientDisconnect
        records += await service.annotate(part, unit)
    return JSONResponse({"articles": records})


async def _lines(service: Service, items: list[Item], unit: Unit) -> AsyncIterator[bytes]:
    """The same as lines. Starlette ends this where the client is gone."""
    for part in chunks(items):
        yield "".join(_line(content) for content in await service.annotate(part, unit)).encode()


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _check_parameters(request: Request, *known: str) -> None:
    for name in request.query_params:
        if name not in known:
            quoted = shown(name)
            detail = f"{quoted} is not a parameter here; there is {', '.join(known)}."
            raise ProblemError(Problem("wrong-parameter", detail, quoted[1:-1]))


def _page(name: str, styles: str = "'self'") -> Response:
    policy = _POLICY.replace("style-src 'self'", f"style-src {styles}") + _FRAMES
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
    return FileResponse(PAGES / name, headers=headers, media_type="text/html; charset=utf-8")
