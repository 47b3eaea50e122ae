from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from raqam import Annotator, Article, Record
from raqam.annotator import Prepared
from serving import logs
from serving.keys import create
from serving.logs import WORK, Work, current, formatter, log_mistake, loop_mistake
from serving.settings import Settings
from tests.serving.conftest import Serve

CANARY = "قناری"
LATIN = "canary"  # where only ASCII can be sent
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger says at any level, as lines of JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("json"))
    root = logging.getLogger()
    names = ("", "raqam", "raqam.requests", "uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "concurrent")
    levels = {name: logging.getLogger(name).level for name in names}
    root.addHandler(handler)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def lines(log: io.StringIO, event: str | None = None) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in found if event in (None, line["event"])]


def waited(log: io.StringIO, event: str, number: int) -> list[dict[str, Any]]:
    """The same once there are *number*: the line of a request comes after its answer."""
    until = time.monotonic() + 30
    while len(lines(log, event)) < number and time.monotonic() < until:
        time.sleep(0.01)
    return lines(log, event)


def record(message: str, *, error: Exception | None = None, **fields: object) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("raqam.test", logging.WARNING, __file__, 1, message, (), info)
    made.fields = fields
    return made


def raised(message: str) -> Exception:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


def test_a_line_is_json_and_ascii() -> None:
    line = formatter("json").format(record("one\ntwo «»", route="/annotate", status=200))
    assert line.isascii()
    assert "\n" not in line
    content = json.loads(line)
    assert datetime.fromisoformat(content.pop("time")).tzinfo
    assert content == {
        "level": "warning", "logger": "raqam.test", "event": "one\ntwo «»", "route": "/annotate", "status": 200,
    }  # fmt: skip


def test_a_line_for_people() -> None:
    line = formatter("console").format(record("request", route="/annotate", status=200))
    assert line.endswith("Z WARNING raqam.test: request route=/annotate status=200")


@pytest.mark.parametrize("kind", ["console", "json"])
def test_what_an_exception_says_is_not_written(kind: Literal["console", "json"]) -> None:
    line = formatter(kind).format(record("It failed.", error=raised(CANARY)))
    assert "ValueError" in line
    assert "test_logs.py" in line
    assert CANARY not in line
    assert json.dumps(CANARY)[1:-1] not in line


def test_lines_have_the_request_they_belong_to() -> None:
    token = WORK.set(Work("abc"))
    try:
        assert json.loads(formatter("json").format(record("x")))["request"] == "abc"
        assert formatter("console").format(record("x")).endswith("raqam.test: x request=abc")
    finally:
        WORK.reset(token)
    assert "request" not in json.loads(formatter("json").format(record("x")))


def test_threads_add_to_one_request() -> None:
    work = Work("abc")
    with ThreadPoolExecutor(8) as pool:
        for at in range(1000):
            pool.submit(work.spent, "infer", at, at + 0.5)
            pool.submit(work.count, 1, 10)
    timing = work.stages["infer"]
    assert (timing.began, timing.ended, timing.seconds) == (0, 999.5, 500)
    assert work.facts() == {"articles": 1000, "tokens": 10_000, "infer_seconds": 500}


def test_outside_of_a_request_nothing_is_kept() -> None:
    current().count(1, 1)
    assert current().facts() == {}


def test_mistakes_on_the_event_loop_and_in_threads_say_nothing_of_themselves(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.new_event_loop()
    log.truncate(0)  # asyncio says which selector it uses
    log.seek(0)
    loop_mistake(loop, {"message": "Task exception was never retrieved", "exception": raised(CANARY)})
    loop_mistake(loop, {"message": "something else"})
    loop.close()
    monkeypatch.setattr(threading, "excepthook", logs._thread_mistake)

    def fail() -> None:
        raise ValueError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    first, second, third = lines(log)
    for line in (first, third):
        assert "ValueError was not handled" in line["event"]
        assert CANARY not in line["event"]
    assert second["event"] == "The event loop says: something else"


@pytest.mark.parametrize("kind", ["console", "json"])
def test_it_is_configured_once_for_everything(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level, hook = root.handlers[:], root.level, threading.excepthook
    levels = {name: logging.getLogger(name).level for name in ("raqam", "uvicorn")}
    try:
        logs.configure(Settings.model_validate({"log_format": kind, "log_level": "info"}))
        for name, at in [("raqam.a", 10), ("raqam.b", 20), ("uvicorn.error", 20), ("others", 20), ("others", 30)]:
            logging.getLogger(name).log(at, "%s at %d", name, at)
    finally:
        root.handlers[:], threading.excepthook = before, hook
        root.setLevel(level)
        for name, old in levels.items():
            logging.getLogger(name).setLevel(old)
    said = capsys.readouterr().err.splitlines()
    assert [line.startswith("{") for line in said] == [kind == "json"] * 3
    assert ["raqam.b at 20" in said[0], "uvicorn.error at 20" in said[1], "others at 30" in said[2]] == [True] * 3


def test_every_request_has_a_line(serve: Serve, log: io.StringIO, tmp_path: Path) -> None:
    text, key = create("annotate")
    (tmp_path / "keys").write_text(key.line(), "utf-8")
    client = serve(api_keys=tmp_path / "keys")
    headers = {"Authorization": f"Bearer {text}", "X-Request-Id": "my-id"}
    client.post("/annotate", json={"articles": [{"text": "استاندار همدان"}, {"text": "قم"}]}, headers=headers)
    client.post("/annotate", json={})
    client.get(f"/{LATIN}?{LATIN}", headers=headers)
    client.get("/livez")
    answered, refused, unknown, probe = waited(log, "request", 4)
    assert (answered["request"], answered["key"], answered["logger"]) == ("my-id", key.id, "raqam.requests")
    assert (answered["method"], answered["route"], answered["status"]) == ("POST", "/annotate", 200)
    assert (answered["articles"], answered["level"]) == (2, "info")
    assert answered["tokens"] > 2
    assert {"wait_seconds", "tokenize_seconds", "infer_seconds", "decode_seconds", "seconds"} <= set(answered)
    assert (refused["route"], refused["status"]) == ("/annotate", 401)
    assert "key" not in refused
    assert "articles" not in refused
    assert (unknown["route"], unknown["status"]) == ("other", 404)
    assert (probe["route"], probe["level"]) == ("/livez", "debug")


class Failing(Annotator):
    """Has bugs whose exceptions say what is in the article."""

    def prepare(self, article: Article) -> Prepared:
        if f"{CANARY} اول" in article.text:
            raise RuntimeError(article.text)
        return super().prepare(article)

    def finish(self, prepared: Prepared, blocks: Any) -> Record:
        if f"{CANARY} آخر" in prepared.article.text:
            raise KeyError(prepared.article.text)
        return super().finish(prepared, blocks)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_no_text_of_an_article_is_in_a_line(serve: Serve, log: io.StringIO, tiny_model: Path) -> None:
    """A word that is in everything the requests have is in nothing that is logged, at any level, nor in a metric."""
    with Failing.load(tiny_model) as annotator:
        client = serve(annotator, max_body_bytes=20_000, max_characters=5000, max_articles=5)
        article = {"text": f"{CANARY} {LATIN} استاندار همدان", "id": CANARY}
        bodies: list[Any] = [
            article,
            {"articles": [article, {**article, "text": " "}, {**article, CANARY: LATIN}]},
            {"articles": [article] * 6},
            {"text": f"{CANARY} اول"},
            {"text": f"{CANARY} آخر"},
            {"articles": [{"text": f"{CANARY} آخر"}, {"text": f"{CANARY} اول"}, article]},
            {**article, "published": f"{CANARY} {LATIN}"},
            {**article, CANARY: 1, LATIN: 2},
            {"text": [CANARY, LATIN]},
            {"text": f"{CANARY} {LATIN}" * 800},
            {"text": CANARY * 20_000},
            f"{CANARY} {LATIN}",
        ]
        for body in bodies:
            for offsets in ("codepoint", "utf16", f"{CANARY}{LATIN}"):
                client.post("/annotate", params={"offsets": offsets}, json=body)
        stream = "\n".join([json.dumps(body) for body in bodies] + [f'{{"text": "{CANARY} {LATIN}', CANARY])
        client.post("/annotate", content=stream.encode(), headers=NDJSON)
        client.post("/annotate", content=f'{{"text": "{CANARY}'.encode(), headers={"Content-Type": "application/json"})
        client.post("/annotate", content=CANARY.encode("utf-16"), headers={"Content-Type": f"{LATIN}/{LATIN}"})
        client.get(f"/{LATIN}/{CANARY}?{CANARY}={LATIN}")
        client.request(LATIN.upper(), "/annotate", headers={"Authorization": f"Bearer {LATIN}", LATIN: LATIN})
        address = (client.base_url.host, client.base_url.port or 80)
        for sent in (f"{LATIN} {CANARY}\r\n\r\n", f"POST /annotate HTTP/1.1\r\n{LATIN}\r\n\r\n", half(article)):
            with socket.create_connection(address, timeout=300) as connection:
                connection.sendall(sent.encode())
        counted = client.get("/metrics").text
    elsewhere = ("httpx", "httpcore.http11", "httpcore.connection", "uvicorn.access")  # the client's; turned off
    said = "".join(json.dumps(line) for line in lines(log) if line["logger"] not in elsewhere)
    assert "RuntimeError was not handled" in said
    assert "KeyError was not handled" in said
    for written in (said, counted):
        for word in (CANARY, LATIN, json.dumps(CANARY)[1:-1], repr(CANARY.encode())[2:-1]):
            assert word.lower() not in written.lower()


def half(article: dict[str, str]) -> str:
    """A request whose client leaves before its body ends."""
    head = "POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n"
    return head + json.dumps(article, ensure_ascii=False)


def test_a_mistake_has_the_request_it_belongs_to(serve: Serve, log: io.StringIO, tiny_model: Path) -> None:
    with Failing.load(tiny_model) as annotator:
        serve(annotator).post("/annotate", json={"text": f"{CANARY} اول"}, headers={"X-Request-Id": "my-id"})
    (mistake,) = [line for line in lines(log) if "RuntimeError" in line["event"]]
    assert mistake["request"] == "my-id"


def test_a_mistake_is_logged_with_the_lines_of_code(log: io.StringIO) -> None:
    log_mistake(raised(CANARY))
    (line,) = lines(log)
    assert (line["level"], line["logger"]) == ("error", "raqam.serving")
    assert sys._getframe().f_code.co_filename in line["event"]
