"""The guide pages say what the code does: every type of problem, every path, every setting, every metric."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from serving.app import create_app
from serving.corrections.exchange import router as exchange
from serving.corrections.routes import router as corrections
from serving.label_studio import router as label_studio
from serving.metrics import Metrics
from serving.problems import KINDS
from serving.routes import router
from serving.seeds import router as seeds
from serving.settings import PREFIX, Settings
from serving.values import Value

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"

#: Defaults that are shown in words.
_SHOWN: Final[dict[object, str]] = {None: "not set", (): "none"}

VALUES: Final[TypeAdapter[Any]] = TypeAdapter(Value)


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_type_of_problem_is_listed_as_it_is() -> None:
    rows = re.findall(r"^\| `/problems/([a-z0-9-]+)` \| (\d+) \| ([^|]+) \| [^|]+ \|$", page("errors.md"), re.MULTILINE)
    assert rows == [(name, str(kind.status), kind.title) for name, kind in KINDS.items()]


def test_every_path_is_listed() -> None:
    routes = [route for each in (router, corrections, exchange, label_studio, seeds) for route in each.routes]
    paths = {route.path for route in routes if hasattr(route, "path")} | {str(create_app().openapi_url)}
    pages = "".join(map(page, ("http.md", "corrections.md", "label-studio.md")))
    listed = re.findall(r"`(?:GET|POST|PUT|DELETE) (/[^`]*)`", pages)
    assert set(listed) == paths


def test_every_setting_is_listed_with_its_default() -> None:
    rows = re.findall(rf"^\| `{PREFIX}([A-Z_]+)` \| ([^|]+) \| ([^|]+) \|$", page("http.md"), re.MULTILINE)
    assert rows == [
        (name.upper(), _SHOWN.get(field.default, str(field.default)), field.description)
        for name, field in Settings.model_fields.items()
    ]


def test_every_metric_is_listed() -> None:
    metrics = Metrics()
    metrics.count_request("/", 200, 0.1)
    found = set(re.findall(r"^# TYPE (raqam_[a-z_]+)", metrics.render().decode(), re.MULTILINE))
    assert set(re.findall(r"^\| `(raqam_[a-z_]+)` \|", page("http.md"), re.MULTILINE)) == found


@pytest.mark.parametrize("name", ["http.md", "errors.md", "corrections.md"])
def test_examples_in_json_are_json(name: str) -> None:
    for block in re.findall(r"^```json\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL):
        json.loads(block)


def test_every_value_in_the_page_is_one() -> None:
    found = re.findall(r'\{\s*"kind": [^{}]*\}', page("http.md"))
    kinds = {VALUES.validate_json(value).kind for value in found}
    assert kinds == {"money", "percent", "quantity", "count", "rank", "date", "place"}


def test_a_problem_in_the_page_is_as_the_service_puts_it() -> None:
    blocks = re.findall(r"^```json\n(.*?)^```$", page("errors.md"), re.MULTILINE | re.DOTALL)
    for shown in map(json.loads, blocks):
        problem = shown.get("error", shown)
        kind = KINDS[problem["type"].removeprefix("/problems/")]
        assert (problem["title"], problem["status"]) == (kind.title, kind.status)
