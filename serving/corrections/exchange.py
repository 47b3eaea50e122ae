"""The paths that give out what is corrected, and take in what was annotated elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from raqam.formats import FormatError
from raqam.formats.reading import Read, Rejection, read
from serving.bodies import Refusal, too_large
from serving.corrections import incoming, outgoing, schemas
from serving.corrections.answers import PRIVATE, plain
from serving.corrections.checking import NOBODY
from serving.corrections.routes import Kept
from serving.corrections.service import Corrections
from serving.corrections.store import MODEL, Store, key_of
from serving.corrections.uncertainty import Weighed
from serving.documentation import problem_responses
from serving.logs import current
from serving.problems import Problem, ProblemError, shown
from serving.routes import Running, check_parameters, while_connected
from serving.service import Service, Session
from serving.settings import Settings

Out = Literal[
    "gold", "label-studio", "doccano", "brat", "conll", "spacy", "jsonl", "parquet", "csv", "xlsx", "webannotation"
]
In = Literal["gold", "label-studio", "doccano", "brat", "conll", "spacy", "jsonl"]

#: The types a body may be announced as: none that a page may send to another origin without being asked.
_TYPES: Final = ("application/json", "application/x-ndjson", "application/zip", "application/octet-stream")
#: How many times as large as a body what is unpacked from it may be.
_UNPACKED: Final = 8
#: Articles of an import that are annotated and kept together.
_TOGETHER: Final = 32
_PIECE: Final = 64 * 1024
_BINARY: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
_ALWAYS: Final = ("unauthorized", "forbidden", "cross-origin", "not-found", "wrong-parameter", "no-database")
_BODY: Final = (
    "body-too-large", "unsupported-media-type", "overloaded", "request-timeout", "deadline-exceeded", "not-ready",
)  # fmt: skip

router = APIRouter()


@dataclass(slots=True)
class Outcome:
    """What became of the articles of a file."""

    imported: int = 0
    unchanged: int = 0
    rejected: list[Rejection] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The answer."""
        rejected = [{"place": each.place, "message": each.message} for each in self.rejected]
        return {"imported": self.imported, "unchanged": self.unchanged, "rejected": rejected}


@router.get(
    "/export",
    response_class=Response,
    responses={
        200: {
            "description": "A file, of gold, brat and spaCy a zip",
            "content": {"application/zip": _BINARY, "application/octet-stream": _BINARY},
        },
        **problem_responses(*_ALWAYS),
    },
    summary="All corrections in one file",
)
async def export(
    request: Request, kept: Kept, format: Annotated[Out, Query(description="What the file is to be for.")] = "gold"
) -> Response:
    """The corrected articles. What two ids have in common is there once, as it was corrected last."""
    check_parameters(request, "format")
    with_package(outgoing.check, format)
    file = await kept.run(_written, kept.store, format)
    name = outgoing.name_of(format)
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    kind = "application/zip" if name.endswith(".zip") else "application/octet-stream"
    return StreamingResponse(_pieces(file), headers=headers, media_type=kind)


@router.post(
    "/import",
    response_model=schemas.ImportOut,
    responses=problem_responses(*_ALWAYS, *_BODY),
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(_TYPES, _BINARY)}},
    summary="Keep what was annotated elsewhere",
)
async def import_(
    request: Request,
    service: Running,
    kept: Kept,
    format: Annotated[In, Query(description="What wrote the file.")],
    who: Annotated[str | None, Query(max_length=schemas.MAX_WHO, description="Who made the annotations.")] = None,
) -> Response:
    """Every article becomes a correction of the kept one with its text, which is annotated first if it is not there.

    An article that cannot be taken is listed with the reason, and costs no other.
    """
    check_parameters(request, "format", "who")
    if " ".join((who or "").split()) == MODEL:
        raise ProblemError(Problem("wrong-parameter", "'model' is who makes the first revision.", "who"))
    _check_type(request)
    session = service.session()
    session.check_room()
    store = kept.store
    known = await kept.run(incoming.Known.of, store)
    body = await _body(request)
    limit = _UNPACKED * request.app.state.settings.max_body_bytes
    found = await service.work(_read, format, body, known, limit)
    outcome = await while_connected(request, take_in(service, session, kept, known, found, who))
    return plain(outcome.to_dict())


async def take_in(
    service: Service,
    session: Session,
    kept: Corrections,
    known: incoming.Known,
    found: Sequence[Read | Rejection],
    who: str | None = None,
) -> Outcome:
    """Keep the articles that were *found*, in their order, as annotated by *who*, else by whom the file names."""
    outcome = Outcome(rejected=[each for each in found if isinstance(each, Rejection)])
    items = []
    for item in (each for each in found if isinstance(each, Read)):
        problem = incoming.problem_of(item, session.settings.max_characters)
        if problem is None:
            items.append(item)
        else:
            outcome.rejected.append(Rejection(item.place, problem))
    for at in range(0, len(items), _TOGETHER):
        await _take_part(session, kept, known, items[at : at + _TOGETHER], " ".join((who or "").split()), outcome)
    return outcome


async def _take_part(
    session: Session, kept: Corrections, known: incoming.Known, items: Sequence[Read], who: str, outcome: Outcome
) -> None:
    articles = incoming.missing(known, items)
    said = dict(zip(map(key_of, articles), await session.weigh_each(articles), strict=True)) if articles else {}
    api_key = current().key
    sha = session.annotator.manifest.sha256
    for item in items:
        record = said.get(key_of(item.article))
        if isinstance(record, Refusal):
            outcome.rejected.append(Rejection(item.place, record.problem.detail))
            continue
        name = next(each for each in (who, item.who, api_key, NOBODY) if each and each.strip() != MODEL)
        weighed: Weighed | None = record
        new = await kept.run(incoming.keep, known, item, weighed, sha, name, api_key)
        outcome.imported += new
        outcome.unchanged += not new


def with_package(check: Any, format: str) -> None:
    """Answer with a problem where *format* needs a package that is missing."""
    try:
        check(format)
    except FormatError as error:
        raise ProblemError(Problem("wrong-parameter", str(error), "format")) from None


def _read(format: str, body: bytes, known: incoming.Known, limit: int) -> list[Read | Rejection]:
    try:
        return list(read(format, BytesIO(body), originals=known.texts, limit=limit))
    except FormatError as error:
        raise ProblemError(Problem("wrong-parameter", str(error), "format")) from None


def _check_type(request: Request) -> None:
    received = request.headers.get("content-type", "")
    if received.partition(";")[0].strip().lower() not in _TYPES:
        detail = f"The Content-Type must be {', '.join(_TYPES[:-1])} or {_TYPES[-1]}, not {shown(received)}."
        raise ProblemError(Problem("unsupported-media-type", detail))


async def _body(request: Request) -> bytes:
    """The body, also of NDJSON, which elsewhere has no limit as a whole."""
    settings: Settings = request.app.state.settings
    pieces, size = [], 0
    async for piece in request.stream():
        pieces.append(piece)
        size += len(piece)
        if size > settings.max_body_bytes:
            raise ProblemError(too_large(settings.max_body_bytes))
    return b"".join(pieces)


def _written(store: Store, format: str) -> IO[bytes]:
    file = SpooledTemporaryFile(16 * 1024 * 1024)  # noqa: SIM115  closed when it was sent
    try:
        with closing(store.corrected()) as articles:
            outgoing.write(format, articles, file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
