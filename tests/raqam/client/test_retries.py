from __future__ import annotations

import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam import Record
from raqam.client import (
    Client,
    ClientError,
    KeyRefusedError,
    OverloadedError,
    Problem,
    Refused,
    RefusedError,
    Retries,
    TimedOutError,
    UnavailableError,
    UnexpectedAnswerError,
)
from raqam.client.retries import Attempts
from tests.raqam.client.scripted import Answer, Scripted, lines, problem, record

GOOD = Answer(200, record("a1"))
TEXT = "استاندار همدان"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client would have waited."""
    found: list[float] = []
    monkeypatch.setattr("raqam.client.synchronous.time", SimpleNamespace(sleep=found.append))
    return found


@pytest.fixture
def client(scripted: Scripted, waits: list[float]) -> Iterator[Client]:
    with Client(scripted.url, "raqam_secret", retries=Retries(attempts=4, first=0), timeout=5) as found:
        yield found


# The policy


@given(st.integers(1, 2000), st.floats(0, 10), st.floats(0, 100), st.floats(0, 1))
def test_backoff_is_a_part_of_what_doubles_up_to_a_limit(
    failed: int, first: float, longest: float, part: float
) -> None:
    retries = Retries(attempts=failed + 1, first=first, longest=longest, budget=1e9)
    attempts = Attempts(retries, clock=lambda: 0.0, draw=lambda low, high: low + part * (high - low))
    pauses = [attempts.wait(UnavailableError("")) for _ in range(failed)]
    assert all(0 <= pause <= longest for pause in pauses)
    assert pauses[0] == part * min(longest, first)
    assert pauses == sorted(pauses)
    with pytest.raises(UnavailableError):
        attempts.wait(UnavailableError(""))


def test_what_the_service_asks_for_comes_first_and_the_jitter_on_top() -> None:
    attempts = Attempts(Retries(first=2, longest=3), clock=lambda: 0.0, draw=lambda _, high: high)
    assert [attempts.wait(OverloadedError("", retry_after=7)) for _ in range(3)] == [9, 10, 10]


def test_no_wait_is_begun_that_would_end_after_the_budget() -> None:
    now = [100.0]
    attempts = Attempts(Retries(budget=10, first=0), clock=lambda: now[0])
    assert attempts.timeout(60) == 10
    assert attempts.wait(OverloadedError("", retry_after=9)) == 9
    now[0] += 9
    assert attempts.timeout(60) == 1
    with pytest.raises(OverloadedError) as caught:
        attempts.wait(OverloadedError("", retry_after=1))
    assert caught.value.__notes__ == ["Given up after 2 attempts in 9.0 seconds."]
    now[0] += 100
    assert 0 < attempts.timeout(60) < 0.01


@pytest.mark.parametrize(
    ("error", "timeouts", "again"),
    [
        (OverloadedError(""), False, True),
        (UnavailableError(""), False, True),
        (TimedOutError(""), False, False),
        (TimedOutError(""), True, True),
        (RefusedError(""), True, False),
        (KeyRefusedError(""), True, False),
        (UnexpectedAnswerError(""), True, False),
    ],
)
def test_what_is_sent_again(error: ClientError, timeouts: bool, again: bool) -> None:
    assert Retries(timeouts=timeouts).apply_to(error) is again


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"first": -1}, {"longest": -1}, {"budget": float("nan")}])
def test_what_a_policy_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"'{next(iter(wrong))}' must be"):
        Retries(**wrong)  # type: ignore[arg-type]


# On a socket


def test_the_wait_is_as_long_as_the_service_asks_for(client: Client, scripted: Scripted, waits: list[float]) -> None:
    dated = {"Date": "Thu, 25 Sep 2025 10:00:00 GMT", "Retry-After": "Thu, 25 Sep 2025 10:01:00 GMT"}
    scripted.answers = [
        Answer(429, problem(429), {"Retry-After": "3"}),
        Answer(503, problem(503, "not-ready"), dated),
        Answer(503, b"<html>", {"Retry-After": "soon"}),
        GOOD,
    ]
    assert client.annotate(TEXT).id == "a1"
    assert waits == [3, 60, 0]
    assert len({request.body for request in scripted.requests}) == 1


def test_a_request_says_who_sends_it(client: Client, scripted: Scripted) -> None:
    scripted.answers = [GOOD]
    client.annotate(TEXT)
    headers = scripted.requests[0].headers
    assert headers["user-agent"].startswith("raqam/")
    assert headers["authorization"] == "Bearer raqam_secret"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "kind", "attempts"),
    [
        (400, RefusedError, 1),
        (401, KeyRefusedError, 1),
        (403, KeyRefusedError, 1),
        (408, RefusedError, 1),
        (422, RefusedError, 1),
        (429, OverloadedError, 4),
        (500, UnexpectedAnswerError, 1),
        (502, UnavailableError, 4),
        (503, UnavailableError, 4),
        (504, TimedOutError, 1),
        (302, UnexpectedAnswerError, 1),
        (204, UnexpectedAnswerError, 1),
    ],
)
def test_each_status_is_an_error(
    client: Client, scripted: Scripted, status: int, kind: type[ClientError], attempts: int
) -> None:
    content = problem(status, "such") if status >= 400 else b""
    scripted.answers = [Answer(status, content, {"X-Request-Id": "r1", "Retry-After": "0"})]
    with pytest.raises(kind) as caught:
        client.annotate(TEXT)
    assert type(caught.value) is kind
    assert len(scripted.requests) == attempts
    if status >= 400:
        assert caught.value.problem is not None
        assert (str(caught.value), caught.value.problem.kind, caught.value.request_id) == ("It is so.", "such", "r1")


def test_an_answer_of_a_proxy_is_a_problem_without_a_kind(client: Client, scripted: Scripted) -> None:
    scripted.answers = [Answer(414, b"<html>too long</html>")]
    with pytest.raises(RefusedError, match=r"^.*\(414\)\.$") as caught:
        client.annotate(TEXT)
    assert caught.value.problem is not None
    assert (caught.value.problem.kind, caught.value.problem.status) == ("", 414)


def test_a_connection_that_breaks_is_made_again(client: Client, scripted: Scripted) -> None:
    scripted.answers = [Answer(status=0), Answer(200, record("a1"), broken=True), GOOD]
    assert client.annotate(TEXT).id == "a1"
    assert len(scripted.requests) == 3


@pytest.mark.parametrize("timeouts", [False, True])
def test_what_took_too_long_is_sent_again_where_that_is_wanted(
    scripted: Scripted, waits: list[float], timeouts: bool
) -> None:
    scripted.answers = [Answer(504, problem(504, "deadline-exceeded")), GOOD]
    with Client(scripted.url, retries=Retries(timeouts=timeouts)) as client:
        if timeouts:
            assert client.annotate(TEXT).id == "a1"
        else:
            with pytest.raises(TimedOutError):
                client.annotate(TEXT)


def test_no_answer_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connections are made, and nobody takes them
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Client(url, timeout=0.05) as client:
            assert not client.ready()
            with pytest.raises(TimedOutError, match="did not answer in time"):
                client.annotate(TEXT)


@pytest.mark.parametrize(
    "content",
    [b"", b"[", b"[]", b"null", b'"text"', b'{"id": "a1"}', b"[" * 100_000, b'{"spans": [{}], "facts": []}', b"\xff"],
)
def test_an_answer_that_is_no_record(client: Client, scripted: Scripted, content: bytes) -> None:
    scripted.answers = [Answer(200, content)]
    with pytest.raises(UnexpectedAnswerError, match="not one of a Raqam service"):
        client.annotate(TEXT)
    with pytest.raises(UnexpectedAnswerError, match="not one of a Raqam service"):
        client.model()
    for method in (client.annotate_many, client.annotate_stream):
        with pytest.raises(UnexpectedAnswerError, match="not one of a Raqam service"):
            list(method([TEXT, TEXT]))


@pytest.mark.parametrize("number", [1, 3])
def test_an_answer_with_another_number_of_results(client: Client, scripted: Scripted, number: int) -> None:
    scripted.answers = [Answer(200, {"articles": [record()] * number})]
    with pytest.raises(UnexpectedAnswerError, match="result"):
        list(client.annotate_many([TEXT, TEXT]))
    scripted.answers = [Answer(200, lines(*[record()] * number))]
    with pytest.raises(UnexpectedAnswerError, match="result"):
        list(client.annotate_stream([TEXT, TEXT]))


def test_members_of_a_later_version_are_passed_over(client: Client, scripted: Scripted) -> None:
    scripted.answers = [Answer(200, {**record("a1"), "language": "fa"})]
    assert client.annotate(TEXT) == Record("a1", "scripted@1", ())


def test_a_batch_is_sent_again_as_a_whole(client: Client, scripted: Scripted, waits: list[float]) -> None:
    scripted.answers = [
        Answer(429, problem(429), {"Retry-After": "2"}),
        Answer(200, {"articles": [record("0"), {"id": "1", "error": problem(422, "blank-text")}]}),
    ]
    first, second = client.annotate_many([TEXT, ""])
    assert (isinstance(first, Record), isinstance(second, Refused)) == (True, True)
    assert waits == [2]


def test_a_stream_goes_on_where_it_broke(client: Client, scripted: Scripted) -> None:
    scripted.answers = [
        Answer(200, lines(record("0"), record("1")), broken=True),
        Answer(status=0),
        Answer(200, lines(record("2"))),
    ]
    assert [result.id for result in client.annotate_stream(["قم", "همدان", "قزوین"])] == ["0", "1", "2"]
    assert [request.body.count(b"\n") for request in scripted.requests] == [3, 1, 1]


@pytest.mark.parametrize("form", ["annotate_many", "annotate_stream"])
def test_articles_are_sent_again_that_were_refused_for_no_fault_of_theirs(
    client: Client, scripted: Scripted, form: str
) -> None:
    stopping = {"id": "1", "error": problem(503, "not-ready")}
    contents = [[record("0"), stopping, stopping], [record("1"), record("2")]]
    scripted.answers = [
        Answer(200, {"articles": each} if form == "annotate_many" else lines(*each)) for each in contents
    ]
    assert [result.id for result in getattr(client, form)(["قم", "همدان", "قزوین"])] == ["0", "1", "2"]


def test_every_article_has_attempts_of_its_own(client: Client, scripted: Scripted) -> None:
    """Ten requests that break after one line each are no ten failures in a row."""
    scripted.answers = [Answer(200, lines(record(str(at))), broken=at < 9) for at in range(10)]
    assert [result.id for result in client.annotate_stream([TEXT] * 10)] == [str(at) for at in range(10)]


def test_a_proxy_with_a_lower_limit(client: Client, scripted: Scripted) -> None:
    scripted.answers = [
        Answer(413, b"<html>"),
        Answer(413, b"<html>"),
        Answer(200, {"articles": [record("2")]}),
    ]
    results = client.annotate_many(["قم", "همدان"])
    title = "Request Entity Too Large"
    assert next(results) == Refused(None, Problem("", title, 413, f"{title} (413)."))
    assert next(results).id == "2"
