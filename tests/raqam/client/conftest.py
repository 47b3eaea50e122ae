"""The real service on a real socket, with the tiny model; and a server that answers as it is told."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from raqam import Annotator
from serving.app import create_app
from serving.settings import Settings
from tests.raqam.client.scripted import Scripted, scripted_server
from tests.serving.conftest import running

Start = Callable[..., str]


@pytest.fixture(scope="session")
def annotator(tiny_model: Path) -> Iterator[Annotator]:
    with Annotator.load(tiny_model) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def url(annotator: Annotator) -> Iterator[str]:
    """The address of the service."""
    with running(create_app(Settings(), annotator)) as client:
        yield str(client.base_url)


@pytest.fixture
def start(annotator: Annotator) -> Iterator[Start]:
    """Call it with settings for the address of a service of its own."""
    with ExitStack() as stack:

        def one(**settings: object) -> str:
            app = create_app(Settings.model_validate(settings), annotator)
            return str(stack.enter_context(running(app)).base_url)

        yield one


@pytest.fixture
def nowhere() -> str:
    """An address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
