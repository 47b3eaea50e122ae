"""What operators and people with a browser ask the service."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from raqam import Annotator
from raqam.errors import ModelNotFoundError
from raqam.labels import CODES
from serving.app import create_app
from serving.routes import PAGES, STATIC
from serving.schemas import ArticleIn, ModelOut, RecordOut
from serving.service import EXAMPLE
from serving.settings import Settings
from tests.serving.conftest import SEEDS, Serve

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def direct(app: FastAPI) -> httpx.AsyncClient:
    """A client that calls *app* whether it has been started or not."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


async def test_ready_only_while_warm(annotator: Annotator) -> None:
    app = create_app(Settings(), annotator)
    async with direct(app) as client:
        assert (await client.get("/readyz")).status_code == 503
        async with app.router.lifespan_context(app):
            assert (await client.get("/readyz")).json() == {"status": "ready"}
        assert (await client.get("/readyz")).status_code == 503


async def test_before_that_it_is_alive_and_annotates_nothing(annotator: Annotator) -> None:
    async with direct(create_app(Settings(), annotator)) as client:
        assert (await client.get("/livez")).json() == {"status": "alive"}
        for response in (await client.get("/model"), await client.post("/annotate", json={"text": "قم"})):
            assert (response.status_code, response.json()["type"]) == (503, "/problems/not-ready")


async def test_starting_loads_the_model_of_the_settings(tiny_model: Path, tmp_path: Path) -> None:
    app = create_app(Settings(model=tiny_model))
    async with app.router.lifespan_context(app), direct(app) as client:
        assert (await client.get("/model")).json()["name"] == "tiny"
    app = create_app(Settings(model=tmp_path / "nothing"))
    with pytest.raises(ModelNotFoundError, match="nothing"):
        async with app.router.lifespan_context(app):
            pass


async def test_the_model_says_what_it_is(client: httpx.Client, annotator: Annotator) -> None:
    found = client.get("/model").json()
    ModelOut.model_validate(found)
    manifest = annotator.manifest
    assert f"{found['name']}@{found['version']}" == annotator.model
    assert (found["sha256"], found["scores"]) == (manifest.sha256, manifest.scores)
    assert [label["code"] for label in found["labels"]] == [code for code in CODES if code in manifest.labels]


async def test_the_document_has_a_seed_article_and_its_record(client: httpx.Client) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/annotate"]["post"]
    article = operation["requestBody"]["content"]["application/json"]["examples"]["article"]["value"]
    assert article["text"] == SEEDS[0].read_bytes().decode()
    record = operation["responses"]["200"]["content"]["application/json"]["examples"]["record"]["value"]
    assert record == client.post("/annotate", json=article).json()
    assert RecordOut.model_validate(record).spans


async def test_the_document_has_every_schema_it_refers_to(client: httpx.Client) -> None:
    response = client.get("/openapi.json")
    referred = set(re.findall(r'"#/components/schemas/(\w+)"', response.text))
    assert referred <= set(response.json()["components"]["schemas"])
    assert "HTTPValidationError" not in referred
    assert response.json()["components"]["schemas"]["ArticleIn"]["additionalProperties"] is False


async def test_the_example_is_an_article() -> None:
    assert set(EXAMPLE) == set(ArticleIn.model_fields)


async def test_a_type_of_problem_can_be_looked_up(client: httpx.Client) -> None:
    reference = client.post("/annotate", json={}).json()["type"]
    assert client.get(reference).json() == {"type": reference, "title": "A field is missing", "status": 422}
    assert client.get("/problems/bad-luck").status_code == 404


async def test_metrics(serve: Serve) -> None:
    client = serve()
    client.post("/annotate", json={"articles": [{"text": "استاندار همدان"}, {"text": ""}]})
    client.get("/made/up")
    lines = client.get("/metrics").text.splitlines()
    for line in [
        'raqam_requests_total{path="/annotate",status="200"} 1.0',
        'raqam_requests_total{path="other",status="404"} 1.0',
        'raqam_request_seconds_count{path="/annotate"} 1.0',
        'raqam_problems_total{type="blank-text"} 1.0',
        'raqam_problems_total{type="not-found"} 1.0',
        "raqam_articles_total 1.0",
        "raqam_characters_total 14.0",
        'raqam_spans_total{label="LOC"} 1.0',
        'raqam_spans_total{label="TTL"} 1.0',
    ]:
        assert line in lines


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_pages_take_everything_from_here_and_have_no_inline_script(client: httpx.Client, path: str) -> None:
    page = client.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'; script-src 'self'; " in page.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|//", page.text.replace("<!doctype", ""))
    for asset in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
        assert client.get(asset).status_code == 200


async def test_the_page_never_makes_html_of_text() -> None:
    for script in STATIC.glob("*.js"):
        made = r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|DOMParser|createContextualFragment"
        assert not re.search(made, script.read_text("utf-8"))
    assert 'dir="rtl"' in (PAGES / "page.html").read_text("utf-8")


async def test_no_page_is_served_without_its_headers(client: httpx.Client) -> None:
    assert not list(STATIC.rglob("*.html"))
    for name in ("page.html", "docs.html"):
        assert client.get(f"/static/{name}").status_code == 404


async def test_files_outside_of_static_are_not_served(client: httpx.Client) -> None:
    for path in ("/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/", "/swagger/../main.py"):
        assert client.get(path).status_code == 404


async def test_a_mistake_in_a_route_is_answered_without_what_it_says(
    annotator: Annotator, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Settings(), annotator)

    @app.get("/mistake")
    async def mistake() -> None:
        raise ValueError("".join(("a ", "se", "cret")))

    async with direct(app) as client:
        response = await client.get("/mistake")
        counted = (await client.get("/metrics")).text
    assert (response.status_code, response.json()["type"]) == (500, "/problems/internal")
    assert 'raqam_requests_total{path="/mistake",status="500"} 1.0' in counted
    assert 'raqam_problems_total{type="internal"} 1.0' in counted
    assert "secret" not in response.text + caplog.text
