"""The real application on a real socket of the loopback interface, with a real model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from raqam import Annotator
from raqam.annotator import DEFAULT_MODEL
from serving.__main__ import listen
from serving.app import create_app
from serving.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))

Serve = Callable[..., httpx.Client]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RAQAM_{name.upper()}", raising=False)


@pytest.fixture(scope="session")
def default_model(tiny_model: Path) -> Path:
    """The model that is served where nothing else is said; the tiny one in a checkout without it."""
    folder = ROOT / DEFAULT_MODEL
    return folder if (folder / "manifest.json").is_file() else tiny_model


@pytest.fixture(scope="session")
def annotator(default_model: Path) -> Iterator[Annotator]:
    with Annotator.load(default_model) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def tiny_annotator(tiny_model: Path) -> Iterator[Annotator]:
    """An annotator whose spans a test can foresee: see ``tiny_model``."""
    with Annotator.load(tiny_model) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def client(annotator: Annotator) -> Iterator[httpx.Client]:
    """A client of the service with the default model and settings."""
    with running(create_app(Settings(database="none"), annotator)) as found:
        yield found


@pytest.fixture
def serve(tiny_annotator: Annotator) -> Iterator[Serve]:
    """Call it with settings (and ``annotator=``) for a client of a service of its own, with the tiny model."""
    with ExitStack() as stack:

        def start(annotator: Annotator = tiny_annotator, **settings: object) -> httpx.Client:
            return stack.enter_context(running(create_app(Settings.model_validate(settings), annotator)))

        yield start


@contextmanager
def running(app: FastAPI) -> Iterator[httpx.Client]:
    """Serve *app* on a free port for as long as the context lasts."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None, ws="none"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while thread.is_alive() and not server.started:
            time.sleep(0.005)
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=300) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
