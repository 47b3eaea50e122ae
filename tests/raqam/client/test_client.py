"""The package: what it needs, and what it leaves alone."""

from __future__ import annotations

import dataclasses
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import raqam.client
from raqam.client import AsyncClient, Client, ClientError, OverloadedError, Problem, Retries
from raqam.client import errors as module
from raqam.client.asynchronous import IN_FLIGHT
from raqam.client.exchange import BATCH, BATCH_BYTES, STREAM_BYTES, TIMEOUT
from raqam.errors import RaqamError

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "client.md").read_text(encoding="utf-8")
HEAVY: Final = ("onnxruntime", "tokenizers", "numpy", "pint", "typer", "hijridate", "persiantools")


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_importing_it_imports_no_model() -> None:
    code = f"import sys, raqam.client; print(*(name for name in {HEAVY} if name in sys.modules))"
    assert run(code).split() == []


def test_without_httpx_it_says_how_to_install_it() -> None:
    code = "import sys; sys.modules['httpx'] = None\ntry: import raqam.client\nexcept ImportError as e: print(e)"
    assert run(code) == "raqam.client needs httpx; install it with: pip install 'raqam[client]'\n"


def test_all_names_are_there() -> None:
    assert sorted(raqam.client.__all__) == raqam.client.__all__
    assert all(hasattr(raqam.client, name) for name in raqam.client.__all__)


def test_every_error_is_drawn_and_descends_as_drawn() -> None:
    drawn = re.findall(r"^( *)(?:│   )?(?:[├└]── )?(\w+Error)\b", str(module.__doc__), re.MULTILINE)
    errors = {name for name, value in vars(module).items() if isinstance(value, type) and issubclass(value, RaqamError)}
    assert {name for _, name in drawn} == errors
    assert all(name == "RaqamError" or issubclass(getattr(module, name), ClientError) for name in errors)


def test_the_page_lists_every_error_and_every_member_of_a_policy() -> None:
    errors = {
        name for name, value in vars(module).items() if isinstance(value, type) and issubclass(value, ClientError)
    }
    assert set(re.findall(r"^\| `(\w+Error)` \|", PAGE, re.MULTILINE)) == errors
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+|False) \| [^|]+ \|$", PAGE, re.MULTILINE)
    assert rows == [(field.name, str(field.default)) for field in dataclasses.fields(Retries)]


def test_the_page_lists_every_method() -> None:
    methods = {name for name, value in vars(Client).items() if callable(value) and not name.startswith("_")}
    assert {name for name in vars(AsyncClient) if not name.startswith("_")} == methods
    assert set(re.findall(r"`(\w+)\([^`]*\)`(?=[^|\n]* \|)", PAGE)) - {"Retries"} == methods - {"close"}


def test_the_page_names_the_limits() -> None:
    assert f"at most {BATCH} articles and {BATCH_BYTES // 1024} KiB" in PAGE
    assert f"at most {STREAM_BYTES // 1024} KiB" in PAGE
    assert f"`timeout` ({TIMEOUT:.0f} seconds)" in PAGE
    assert IN_FLIGHT == 4
    assert "has four under way" in PAGE


def test_an_error_can_be_pickled() -> None:
    problem = Problem("overloaded", "Too much", 429, "Come back.")
    error = pickle.loads(pickle.dumps(OverloadedError("Come back.", problem=problem, retry_after=3, request_id="r1")))
    assert (type(error), str(error)) == (OverloadedError, "Come back.")
    assert (error.problem, error.retry_after, error.request_id) == (problem, 3, "r1")


@pytest.mark.parametrize("content", [None, [], "x", {"status": "422", "title": 3, "type": []}])
def test_a_problem_is_made_of_anything(content: object) -> None:
    assert Problem.read(content, 418) == Problem("", "I'm a Teapot", 418, "I'm a Teapot (418).")
    assert Problem.read(content, 799).title == "Not a status of HTTP"
