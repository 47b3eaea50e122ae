"""The examples of docs/client.md are files, stand in the page as they are, and run against the service."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from raqam import Annotator, Article
from raqam.annotator import DEFAULT_MODEL
from serving.app import create_app
from serving.keys import create
from serving.settings import Settings
from tests.serving.conftest import running

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
EXAMPLES: Final = sorted((DOCS / "examples").iterdir())
ADDRESS: Final = "http://localhost:8000"
PROGRAMS: Final = {".sh": "bash", ".py": sys.executable, ".mjs": "node"}
KINDS: Final = {".sh": "sh", ".py": "python", ".mjs": "js"}
TEXT: Final = "صادرات استان همدان به ۱۲۰ میلیون دلار رسید."


@pytest.fixture(scope="module")
def annotator(tiny_model: Path) -> Iterator[Annotator]:
    """The default model, or the tiny one in a checkout without it."""
    folder = DOCS.parent / DEFAULT_MODEL
    with Annotator.load(folder if (folder / "manifest.json").is_file() else tiny_model) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def url(annotator: Annotator) -> Iterator[str]:
    with running(create_app(Settings(), annotator)) as client:
        yield str(client.base_url).rstrip("/")


def run(name: str, url: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run an example in *folder*, as it stands but for the address."""
    path = DOCS / "examples" / name
    program = PROGRAMS[path.suffix]
    if shutil.which(program) is None:
        pytest.skip(f"There is no {program} here.")
    script = folder / name
    script.write_text(path.read_text(encoding="utf-8").replace(ADDRESS, url), encoding="utf-8")
    places = {"PYTHONPATH": str(DOCS.parent), "PYTHONIOENCODING": "utf-8", **environment}
    return subprocess.run(
        [program, script], cwd=folder, env={**os.environ, **places}, capture_output=True, text=True, encoding="utf-8"
    )


def output(name: str, url: str, folder: Path, **environment: str) -> str:
    done = run(name, url, folder, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def found(annotator: Annotator, text: str = TEXT, **members: str) -> dict[str, Any]:
    return annotator.annotate(Article.checked(text, **members)).to_dict()


def test_every_example_stands_in_the_page_as_it_is() -> None:
    page = (DOCS / "client.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\[`([\w.]+)`\]\(examples/\1\)\n\n```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    files = [(path.name, KINDS[path.suffix], path.read_text(encoding="utf-8")) for path in EXAMPLES]
    assert sorted(shown) == files
    assert len(re.findall("^```", page, re.MULTILINE)) == 2 * len(shown)  # and no other code does


def test_curl_with_an_article(url: str, tmp_path: Path, annotator: Annotator) -> None:
    assert json.loads(output("article.sh", url, tmp_path)) == found(annotator, id="a1", published="2025-09-25")


def test_curl_with_several(url: str, tmp_path: Path, annotator: Annotator) -> None:
    first, second = json.loads(output("articles.sh", url, tmp_path))["articles"]
    assert first == found(annotator, "استاندار همدان", id="a1")
    assert second["error"]["type"] == "/problems/blank-text"


def test_curl_with_a_file(url: str, tmp_path: Path, annotator: Annotator) -> None:
    articles = [{"id": str(at), "text": TEXT * at} for at in range(1, 9)]
    write_lines(tmp_path / "articles.jsonl", articles)
    assert output("lines.sh", url, tmp_path) == ""
    assert read_lines(tmp_path / "records.jsonl") == [
        found(annotator, TEXT * at, id=str(at)) for at in range(1, len(articles) + 1)
    ]


def test_with_a_key(tmp_path: Path, annotator: Annotator) -> None:
    key, line = create("annotate")
    (tmp_path / "keys").write_text(line.line(), encoding="utf-8")
    with running(create_app(Settings(api_keys=tmp_path / "keys"), annotator)) as client:
        url = str(client.base_url).rstrip("/")
        for name in ("key.sh", "client_async.py"):
            assert "همدان" in output(name, url, tmp_path, RAQAM_KEY=key)
            assert run(name, url, tmp_path, RAQAM_KEY="raqam_wrong").returncode != 0


def test_the_standard_library(url: str, tmp_path: Path, annotator: Annotator) -> None:
    spans = found(annotator)["spans"]
    expected = [f"{span['label']} {span['text']} {span['value']}" for span in spans]
    assert output("article.py", url, tmp_path).splitlines() == expected


def test_the_standard_library_shows_a_problem(url: str, tmp_path: Path) -> None:
    done = run("article.py", f"{url}/nowhere", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("/problems/not-found: ")


def test_the_client(url: str, tmp_path: Path, annotator: Annotator) -> None:
    shown = output("client.py", url, tmp_path)
    assert all(f"{span['label']} {span['text']} " in shown for span in found(annotator)["spans"])
    *_, first, second, last = shown.splitlines()
    assert first == f"a1 {[span['text'] for span in found(annotator, 'استاندار همدان')['spans']]}"
    assert second == "a2 refused: 'text' is blank: there is nothing to annotate."
    assert last == "refused: 'text' is blank: there is nothing to annotate."


def test_the_client_with_a_file(url: str, tmp_path: Path, annotator: Annotator) -> None:
    articles = [{"id": str(at), "text": TEXT * at} for at in range(20)]
    write_lines(tmp_path / "articles.jsonl", articles)
    assert output("stream.py", url, tmp_path).startswith("0 refused: 'text' is blank")
    assert read_lines(tmp_path / "records.jsonl") == [found(annotator, TEXT * at, id=str(at)) for at in range(1, 20)]


def test_the_client_with_asyncio(url: str, tmp_path: Path, annotator: Annotator) -> None:
    model, *records = output("client_async.py", url, tmp_path).splitlines()
    assert model == annotator.model
    text = "استاندار همدان از {} میلیارد تومان خبر داد."
    assert records == [
        str([span["text"] for span in found(annotator, text.format(number))["spans"]]) for number in range(100)
    ]


def test_javascript(url: str, tmp_path: Path, annotator: Annotator) -> None:
    spans = found(annotator, f"📈 {TEXT}", published="2025-09-25")["spans"]
    shown = [line.split(" ", 1) for line in output("article.mjs", url, tmp_path).splitlines()]
    assert [label for label, _ in shown] == [span["label"] for span in spans]
    for (_, rest), span in zip(shown, spans, strict=True):
        assert rest.startswith(f"{span['text']} ")
        assert json.loads(rest.removeprefix(span["text"])) == span["value"]


def test_javascript_shows_a_problem(url: str, tmp_path: Path) -> None:
    done = run("article.mjs", f"{url}/nowhere", tmp_path)
    assert done.returncode == 1
    assert "Error: /problems/not-found: " in done.stderr


def write_lines(path: Path, contents: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(each) + "\n" for each in contents), encoding="utf-8")


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
