"""What goes wrong, as RFC 9457 problems: one table of their types, and one place that maps errors to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from raqam.errors import InputError

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of problem: the status it has by itself, and its title, which never changes."""

    status: int
    title: str


KINDS: Final[Mapping[str, Kind]] = {
    # The body as a whole
    "body-too-large": Kind(413, "The body is too large"),
    "unsupported-media-type": Kind(415, "The body is of a type that is not supported"),
    "invalid-utf8": Kind(400, "The body is not valid UTF-8"),
    "invalid-json": Kind(400, "The body is not valid JSON"),
    "too-deep": Kind(400, "The JSON is nested too deeply"),
    "too-many-articles": Kind(413, "The request has too many articles"),
    # A field of it
    "wrong-type": Kind(422, "A value has the wrong type"),
    "missing-field": Kind(422, "A field is missing"),
    "unknown-field": Kind(422, "A field is not known"),
    "blank-text": Kind(422, "The text is blank"),
    "text-too-long": Kind(413, "The text is too long"),
    "invalid-unicode": Kind(422, "A string is not valid Unicode"),
    "wrong-published": Kind(422, "The publication date is not a date"),
    "invalid-input": Kind(422, "The input cannot be annotated"),
    # A field of a correction
    "too-long": Kind(422, "A string is too long"),
    "wrong-span": Kind(422, "A span is wrong"),
    "wrong-value": Kind(422, "The value of a span is wrong"),
    "wrong-fact": Kind(422, "A fact is wrong"),
    "wrong-name": Kind(422, "A name is taken"),
    "wrong-text": Kind(422, "The text is not that of the article"),
    "wrong-labeling": Kind(422, "The labelling configuration does not fit"),
    # The request around it
    "wrong-parameter": Kind(422, "A query parameter is wrong"),
    "not-found": Kind(404, "There is nothing at this path"),
    "method-not-allowed": Kind(405, "The method is not allowed here"),
    "unauthorized": Kind(401, "A key is needed"),
    "forbidden": Kind(403, "The key does not allow this"),
    "cross-origin": Kind(403, "The request comes from elsewhere"),
    "no-precondition": Kind(428, "The revision that is changed is not named"),
    "conflict": Kind(412, "The article was changed meanwhile"),
    "no-comparison": Kind(409, "There is nothing to compare with"),
    "invalid-http": Kind(400, "The request is not valid HTTP"),
    "request-timeout": Kind(408, "The request took too long to arrive"),
    # The service
    "overloaded": Kind(429, "The service has too much to do"),
    "deadline-exceeded": Kind(504, "The annotation took too long"),
    "reload-failed": Kind(409, "The model was not replaced"),
    "not-ready": Kind(503, "The service is not ready"),
    "no-database": Kind(503, "The database cannot be used"),
    "internal": Kind(500, "The service made a mistake"),
}

#: Those that only concern articles that are kept.
KEPT: Final = (
    "too-long", "wrong-span", "wrong-value", "wrong-fact", "wrong-name", "wrong-text", "wrong-labeling",
    "cross-origin", "no-precondition", "conflict", "no-comparison", "no-database",
)  # fmt: skip

#: The reasons that errors of the library give, as types of problems; any other reason is ``invalid-input``.
_REASONS: Final[Mapping[str, str]] = {
    "blank": "blank-text",
    "too_long": "text-too-long",
    "surrogate": "invalid-unicode",
    "not_a_string": "wrong-type",
    "not_a_date": "wrong-published",
}

_STATUSES: Final[Mapping[int, tuple[str, str]]] = {
    404: ("not-found", "See /docs for the paths there are."),
    405: ("method-not-allowed", "See /docs for the methods of this path."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. *kind* is a key of :data:`KINDS`; *detail* a sentence the caller can act on.

    *field* is where in the body (``text``, ``articles[3].text``) or which parameter; *limit* is the setting that was
    exceeded; *line* counts from 1 in NDJSON; *revision* is the one that an article is at.
    """

    kind: str
    detail: str
    field: str | None = None
    limit: int | None = None
    line: int | None = None
    revision: int | None = None

    @property
    def status(self) -> int:
        """The HTTP status this problem has where it concerns the whole request."""
        return KINDS[self.kind].status

    def to_dict(self) -> dict[str, Any]:
        """The problem as the JSON object of RFC 9457, without the members that do not apply."""
        members = {
            "type": f"/problems/{self.kind}",
            "title": KINDS[self.kind].title,
            "status": self.status,
            "detail": self.detail,
            "field": self.field,
            "limit": self.limit,
            "line": self.line,
            "revision": self.revision,
        }
        return {name: value for name, value in members.items() if value is not None}


class ProblemError(Exception):
    """Raised anywhere in the service to answer with *problem*, and *headers* where there are any."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.kind)
        self.problem, self.headers = problem, headers


INTERNAL: Final = Problem("internal", "The request could not be handled; the service has logged why.")
NOT_READY: Final = Problem("not-ready", "The model is still being loaded; try again in a moment.")
STOPPING: Final = Problem("not-ready", "The service is stopping; send the request again, to where it goes on.")
TOO_DEEP: Final = Problem("too-deep", "Articles are flat objects; nothing in a body needs so many levels.")


def problem_of(error: Exception, *, limit: int | None = None) -> Problem:
    """Return the problem that *error* is.

    Only the sentences of :class:`raqam.InputError`, which are written for callers, are passed on; whatever is not in
    the table is ``internal`` and says nothing of itself. *limit* goes to a text that is too long.
    """
    match error:
        case ProblemError():
            return error.problem
        case InputError():
            kind = _REASONS.get(error.reason, "invalid-input")
            return Problem(kind, str(error), error.field, limit if kind == "text-too-long" else None)
        case RequestValidationError():
            return _parameter_problem(error)
        case HTTPException(status_code=status) if status in _STATUSES:
            return Problem(*_STATUSES[status])
        case RecursionError():
            return TOO_DEEP
    return INTERNAL


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return *problem* as the response to the whole request."""
    return JSONResponse(problem.to_dict(), problem.status, headers, MEDIA_TYPE)


def shown(name: str) -> str:
    r"""Return a name the caller sent in a short form that is safe to put into a message.

    >>> shown("x" * 50 + "\ud800"), shown("\ud800")
    ("'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'", "'\\ud800'")
    """
    return repr(name if len(name) <= 40 else name[:40] + "…")


def _parameter_problem(error: RequestValidationError) -> Problem:
    fault = error.errors()[0]
    name = str(fault["loc"][-1])
    return Problem("wrong-parameter", f"'{name}' is wrong: {fault['msg']}.", name)
