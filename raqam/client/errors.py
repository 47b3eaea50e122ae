"""The errors of the client, and the problems (RFC 9457) that the service answers with.

::

    RaqamError
    └── ClientError                 base of all; `problem`, where the service sent one, and `request_id`
        ├── RefusedError            the service says what is wrong with the request; never sent again
        │   └── KeyRefusedError     there is no key, or not the right one
        ├── OverloadedError         the service has too much to do, at the last attempt too
        ├── UnavailableError        no service answers, or it is not ready, at the last attempt too
        ├── TimedOutError           there was no answer in time
        └── UnexpectedAnswerError   the service failed, or something answered that is no Raqam service

An article of several that is refused is no error but a value: see :class:`raqam.client.Refused`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeVar

from raqam.errors import RaqamError

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Problem:
    """What the service says went wrong. Branch on ``kind``, such as ``blank-text``; ``docs/errors.md`` lists them.

    ``kind`` is empty where the answer came from something else on the way, such as a proxy: then there is ``status``.
    """

    kind: str
    title: str
    status: int
    detail: str
    field: str | None = None
    limit: int | None = None
    line: int | None = None

    @classmethod
    def read(cls, content: Any, status: int) -> Problem:
        """Return the problem in the JSON value *content* of an answer with *status*; what is missing is made up for.

        >>> Problem.read({"type": "/problems/blank-text", "title": "The text is blank"}, 422).kind
        'blank-text'
        """
        members: Mapping[str, Any] = content if isinstance(content, dict) else {}
        title = _typed(members, "title", str) or _phrase(status)
        return cls(
            kind=(_typed(members, "type", str) or "about:blank").partition("/problems/")[2],
            title=title,
            status=_typed(members, "status", int) or status,
            detail=_typed(members, "detail", str) or f"{title} ({status}).",
            field=_typed(members, "field", str),
            limit=_typed(members, "limit", int),
            line=_typed(members, "line", int),
        )


class ClientError(RaqamError):
    """The service gave no records. ``problem`` is what it said; ``request_id`` finds the request in its log.

    ``retry_after`` is how many seconds it asked to wait. Each is None where it did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        problem: Problem | None = None,
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.problem = problem
        self.retry_after = retry_after
        self.request_id = request_id


class RefusedError(ClientError):
    """Something is wrong with the request, and will be when it is sent again; ``problem`` says what."""


class KeyRefusedError(RefusedError):
    """The service wants a key and got none, or one that does not allow this."""


class OverloadedError(ClientError):
    """The service has more to do than may wait (429)."""


class UnavailableError(ClientError):
    """Nothing answers at the address, the connection broke, or the service is not ready (502, 503)."""


class TimedOutError(ClientError):
    """The answer took longer than the client waits, or than the service may take (504)."""


class UnexpectedAnswerError(ClientError):
    """The service failed (500), or the answer is none of a Raqam service: the address may be wrong."""


#: The error of each status; another of 400 to 499 is a refusal, and any other an unexpected answer.
_ERRORS: Final[Mapping[int, type[ClientError]]] = {
    401: KeyRefusedError,
    403: KeyRefusedError,
    429: OverloadedError,
    502: UnavailableError,
    503: UnavailableError,
    504: TimedOutError,
}


def error_of(problem: Problem, retry_after: float | None = None, request_id: str | None = None) -> ClientError:
    """Return the error that *problem* is for a whole request."""
    refused = RefusedError if 400 <= problem.status < 500 else UnexpectedAnswerError
    kind = _ERRORS.get(problem.status, refused)
    return kind(problem.detail, problem=problem, retry_after=retry_after, request_id=request_id)


def _typed(members: Mapping[str, Any], name: str, kind: type[Kind]) -> Kind | None:
    value = members.get(name)
    return value if isinstance(value, kind) else None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Not a status of HTTP"
