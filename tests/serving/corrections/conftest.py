"""A service of its own for each test, with a database of its own: a file, or the one that a variable names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine

from serving.corrections.database import Database
from serving.corrections.store import Store
from serving.corrections.tables import METADATA
from tests.serving.conftest import Serve

#: The URL of an empty PostgreSQL database to run these tests on, in place of files.
ELSEWHERE = "TEST_DATABASE"

TEXT = "استاندار همدان 📈 علی رضایی امروز ۴۷ میلیارد تومان گرفت"
Article = dict[str, Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "raqam.sqlite3"


@pytest.fixture
def url(file: Path) -> str:
    """The URL of a database in which there is nothing yet."""
    if ELSEWHERE not in os.environ:
        return f"sqlite:///{file}"
    engine = create_engine(os.environ[ELSEWHERE])
    METADATA.drop_all(engine)
    engine.dispose()
    return os.environ[ELSEWHERE]


@pytest.fixture
def sqlite(url: str) -> str:
    if not url.startswith("sqlite"):
        pytest.skip("only SQLite has a file")
    return url


@pytest.fixture
def client(serve: Serve, url: str) -> httpx.Client:
    """A client of a service with the tiny model that keeps articles."""
    return serve(database=url)


Opened = Callable[[], Database]


@pytest.fixture
def opened(url: str) -> Iterator[Opened]:
    """Call it for the database, as another process would have it; it is closed after the test."""
    with ExitStack() as stack:

        def make() -> Database:
            database = Database(url)
            stack.callback(database.close)
            return database

        yield make


@pytest.fixture
def store(opened: Opened) -> Store:
    return Store(opened())


Keep = Callable[..., Article]


@pytest.fixture
def keep(client: httpx.Client) -> Keep:
    """Call it with a text (and ``id``, ``published``) for the article as it is kept."""

    def post(text: str = TEXT, **more: object) -> Article:
        response = client.post("/articles", json={"text": text, **more})
        assert response.status_code in (200, 201), response.text
        found: Article = response.json()
        return found

    return post


def tag(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


def kind(response: httpx.Response) -> str:
    """The type of the problem that *response* is."""
    assert response.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = response.json()
    assert content["status"] == response.status_code
    return str(content["type"]).removeprefix("/problems/")
