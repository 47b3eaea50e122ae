"""A client of the HTTP service, without the model: ``pip install 'raqam[client]'``.

::

    from raqam.client import Client

    with Client("http://localhost:8000") as client:
        for span in client.annotate("استاندار همدان").spans:
            print(span.label, span.text)

Not for programs that hold the model themselves: :class:`raqam.Annotator` needs no service.
"""

from __future__ import annotations

try:
    import httpx as _httpx  # noqa: F401  looked for before anything else, for the sentence below
except ImportError as error:
    raise ImportError("raqam.client needs httpx; install it with: pip install 'raqam[client]'") from error

from raqam.client.asynchronous import AsyncClient
from raqam.client.errors import (
    ClientError,
    KeyRefusedError,
    OverloadedError,
    Problem,
    RefusedError,
    TimedOutError,
    UnavailableError,
    UnexpectedAnswerError,
)
from raqam.client.messages import Model, Refused, Result
from raqam.client.retries import Retries
from raqam.client.synchronous import Client

__all__ = [
    "AsyncClient",
    "Client",
    "ClientError",
    "KeyRefusedError",
    "Model",
    "OverloadedError",
    "Problem",
    "Refused",
    "RefusedError",
    "Result",
    "Retries",
    "TimedOutError",
    "UnavailableError",
    "UnexpectedAnswerError",
]
