from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Mapping
from itertools import repeat
from pathlib import Path
from types import MappingProxyType

import pytest

from benchmarks import chunked, fuzz, load, overhead, overload, soak, swap
from benchmarks.load import JSON, NDJSON, Answer, Bar, Server
from benchmarks.service import StartError, free_port

BODY = load.json_body("استاندار همدان")


@pytest.fixture(scope="module")
def server(tiny_model: Path) -> Iterator[Server]:
    with load.served(tiny_model) as found:
        yield found


def answered(
    status: int, seconds: float = 0.01, body: object = None, headers: Mapping[str, str] = MappingProxyType({})
) -> Answer:
    return Answer(status, headers, json.dumps(body).encode(), 0, seconds)


def named(bars: list[Bar]) -> dict[str, bool]:
    return {bar.what: bar.passed for bar in bars}


def test_answers_are_read_whole_and_in_chunks(server: Server) -> None:
    async def ask() -> list[Answer]:
        async with load.connection(server.port) as opened:
            lines = await opened.post(BODY + b"\n" + BODY, NDJSON)
            return [await opened.get("/model"), await opened.post(BODY), lines, await opened.get("/nothing")]

    model, record, lines, nothing = asyncio.run(ask())
    assert [answer.status for answer in (model, record, lines, nothing)] == [200, 200, 200, 404]
    assert model.content["name"] == "tiny"
    assert [span["label"] for span in record.content["spans"]] == ["TTL", "LOC"]
    assert lines.headers["transfer-encoding"] == "chunked"
    assert lines.body == record.body + b"\n" + record.body + b"\n"
    assert record.seconds > 0


def test_clients_stop_when_there_is_no_more_to_ask(server: Server) -> None:
    answers = asyncio.run(load.closed_loop(server.port, 3, [(BODY, JSON)] * 10, float("inf")))
    assert load.statuses(answers) == {200: 10}


def test_as_many_are_sent_as_the_rate_says(server: Server) -> None:
    answers, late = asyncio.run(load.open_loop(server.port, 100, repeat((BODY, JSON)), 0.3))
    assert load.statuses(answers) == {200: 30}
    assert len(late) == 30


def test_memory_is_sampled(server: Server) -> None:
    async def sample() -> list[tuple[float, float]]:
        async with load.sampling(server.resident, 0.01) as samples:
            await asyncio.sleep(0.05)
        return samples

    samples = asyncio.run(sample())
    assert len(samples) > 1
    server.forget_highest()
    assert server.resident("VmHWM") >= server.resident() * 0.9


def test_where_nothing_answers_the_status_is_0() -> None:
    answers = asyncio.run(load.closed_loop(free_port(), 1, [(BODY, JSON)], 60))
    assert load.statuses(answers) == {0: 1}
    assert load.seconds_of(answers, 200, 99) == float("inf")
    assert load.seconds_of(answers, 0, 99) == answers[0].seconds


def test_what_keeps_the_service_from_starting_is_said(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="RAQAM_THREADS"), load.served(tmp_path, threads=-1):
        pass


def test_one_bar_that_is_missed_fails_all(capsys: pytest.CaptureFixture[str]) -> None:
    held, missed = Bar("this", "< 1", "0", passed=True), Bar("that", "< 1", "2", passed=False)
    assert load.conclude([held], "a note") == 0
    assert load.conclude([held, missed], "a note") == 1
    assert "| that | < 1 | 2 | NO |" in capsys.readouterr().out


def test_bars_of_overload() -> None:
    calm = overload.Calm(p99=0.1, tokens=1000, requests=2)
    refused = answered(429, 0.01, headers={"retry-after": "3"})
    storm = overload.Storm([answered(200, 1.0), refused, refused], [0.0], 100, 105)
    assert all(named(overload.bars(calm, storm, [answered(200)] * 3, 2.0)).values())
    slow = overload.Storm([answered(200, 9.0), answered(429, 0.2), answered(503)], [0.0], 100, 120)
    assert not any(named(overload.bars(calm, slow, [answered(429)] * 3, 2.0)).values())


def test_a_line_through_memory() -> None:
    flat = [(float(at), 100 + at % 2) for at in range(400)]
    growing = [(float(at), 100 + at / 100) for at in range(400)]
    assert all(named(soak.bars([answered(200)], flat)).values())
    assert named(soak.bars([answered(200)], growing))["slope of memory × 20 minutes"] is False
    assert named(soak.bars([answered(200), answered(0)], flat))["statuses"] is False
    assert soak.slope([(0, 1), (2, 4), (4, 7)]) == (1.5, 0)


def test_texts_of_every_length_and_kind() -> None:
    requests = soak.draw(random.Random(0), 10_000)
    found = [next(requests) for _ in range(300)]
    lengths = [len(json.loads(line)["text"]) for body, kind in found if kind == NDJSON for line in body.split(b"\n")]
    assert min(lengths) >= soak.SHORTEST
    assert min(lengths) < 50
    assert 5_000 < max(lengths) <= 10_000
    assert {"articles", "text"} == {next(iter(json.loads(body))) for body, kind in found if kind == JSON}


def test_a_refusal_in_an_answer_is_a_failure() -> None:
    assert soak.judged(Answer(200, {}, b'{"error":{"type":"a"}}', 0, 1)).status == 500
    assert soak.judged(answered(200, body={"spans": []})).status == 200


RECORD = {"model": "a@1"}
HEADERS = {"raqam-model": "a@1", "raqam-model-sha256": "x"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (answered(200, body=RECORD, headers=HEADERS), None),
        (answered(200, body={"articles": [RECORD, RECORD]}, headers=HEADERS), None),
        (answered(200, body={"articles": [RECORD, {"model": "a@2"}]}, headers=HEADERS), "records of another model"),
        (answered(200, body={"model": "a@2"}, headers=HEADERS), "records of another model"),
        (answered(200, body=RECORD, headers={**HEADERS, "raqam-model-sha256": "y"}), "another sha256"),
        (answered(200, body=RECORD), "records of another model"),
        (answered(200, body={"articles": [{"error": {"type": "b"}}]}, headers=HEADERS), "an article refused: b"),
        (answered(503), "status 503"),
        (answered(0), "no answer"),
    ],
)
def test_an_answer_of_two_models_is_a_mistake(answer: Answer, expected: str | None) -> None:
    found = swap.mistake(answer, {"a@1": "x"})
    assert found is None if expected is None else str(found).startswith(expected)


def test_models_are_swapped_under_load(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    swap.main(["--model", str(tiny_model), "--seconds", "4", "--every", "0.5", "--clients", "2"])
    assert "| answers that failed or are of two models | 0 | 0 | yes |" in capsys.readouterr().out


def test_a_body_that_is_too_large_is_refused(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chunked.main(["--model", str(tiny_model), "--megabytes", "30"])
    rows = [row for row in capsys.readouterr().out.splitlines() if ": answer |" in row]
    assert len(rows) == len(chunked.WAYS)
    assert all("| 413 after " in row for row in rows)


def test_the_service_is_compared(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--articles", "4", "--rounds", "1", "--requests", "2", "--clients", "2"]
    assert overhead.main(["--model", str(tiny_model), *sizes]) in (0, 1)
    printed = capsys.readouterr().out
    assert "| bare onnxruntime | " in printed
    assert "p50 with one client, above the library" in printed


def test_requests_are_made_from_the_document(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzz, "CHUNK", 20)
    code = fuzz.main(["--model", str(tiny_model), "--cases", "40"])
    printed = capsys.readouterr().out
    assert code == 0, printed
    assert "| POST /annotate | " in printed
