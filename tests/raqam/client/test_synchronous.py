from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from raqam import Annotator, Article, Record
from raqam.client import Client, KeyRefusedError, Refused, RefusedError, Retries, UnavailableError
from raqam.labels import LABELS
from serving.keys import create
from tests.raqam.client.conftest import Start

TEXT = "استاندار همدان امروز گفت: ۶۶۰۰ میلیارد تومان"
SURROGATE = "قم \ud83d"


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as found:
        yield found


def test_a_text_gets_the_record_of_the_library(client: Client, annotator: Annotator) -> None:
    record = client.annotate(TEXT, id="a1", published="2025-09-25")
    assert record.to_dict() == annotator.annotate(Article.checked(TEXT, "a1", "2025-09-25")).to_dict()
    assert {span.label for span in record.spans} >= {"TTL", "LOC", "DAT", "MON"}


def test_an_article_is_as_good(client: Client) -> None:
    published = dt.date(2025, 9, 25)
    record = client.annotate(Article(TEXT, "a1", published))
    assert record == client.annotate(TEXT, id="a1", published=published)
    assert record == client.annotate(TEXT, id="a1", published=dt.datetime(2025, 9, 25, 10, 30, tzinfo=dt.UTC))
    with pytest.raises(TypeError, match="its own id"):
        client.annotate(Article(TEXT), id="a1")


def test_offsets_are_code_points_of_the_text_that_was_sent(client: Client) -> None:
    text = "📈\u200f استاندار همدان"
    spans = client.annotate(text).spans
    assert [text[span.start : span.end] for span in spans] == [span.text for span in spans] == ["استاندار", "همدان"]


@pytest.mark.parametrize(("text", "kind"), [(" ", "blank-text"), (SURROGATE, "invalid-unicode")])
def test_an_article_that_cannot_be_annotated_is_an_error(client: Client, text: str, kind: str) -> None:
    with pytest.raises(RefusedError, match="'text'") as caught:
        client.annotate(text)
    problem = caught.value.problem
    assert problem is not None
    assert (problem.kind, problem.status, problem.field) == (kind, 422, "text")


@pytest.mark.parametrize("method", ["annotate_many", "annotate_stream"])
def test_several_come_back_in_order_with_a_refusal_in_its_place(
    client: Client, annotator: Annotator, method: str
) -> None:
    articles = [Article(f"همدان {at} تومان", f"a{at}\u2028") for at in range(100)]
    articles[40], articles[70] = Article("", "a40\u2028"), Article(SURROGATE, "a70\u2028")
    results = list(getattr(client, method)(iter(articles)))
    assert [result.id for result in results] == [article.id for article in articles]
    refused = {at: result.problem.kind for at, result in enumerate(results) if isinstance(result, Refused)}
    assert refused == {40: "blank-text", 70: "invalid-unicode"}
    good = [article for at, article in enumerate(articles) if at not in refused]
    expected = [record.to_dict() for record in annotator.annotate_many(good)]
    assert [result.to_dict() for result in results if isinstance(result, Record)] == expected


@pytest.mark.parametrize("method", ["annotate_many", "annotate_stream"])
def test_articles_of_every_length_go_together(client: Client, method: str) -> None:
    numbers = [1, 8_000, 1, 3_500, *[400] * 20, 1]
    results = list(getattr(client, method)("همدان " * number for number in numbers))
    assert [len(result.spans) for result in results] == numbers


@pytest.mark.parametrize("method", ["annotate_many", "annotate_stream"])
def test_none_gives_none_and_a_single_text_is_a_mistake(client: Client, method: str) -> None:
    assert list(getattr(client, method)([])) == []
    with pytest.raises(TypeError, match="several texts"):
        list(getattr(client, method)("استاندار همدان"))


@pytest.mark.parametrize("method", ["annotate_many", "annotate_stream"])
def test_articles_are_taken_as_they_are_needed(client: Client, method: str) -> None:
    taken = itertools.count()
    articles = (f"قم {'و ' * 2000}{next(taken)}" for _ in itertools.count())
    results = getattr(client, method)(articles)
    assert [result.spans[0].text for result in itertools.islice(results, 5)] == ["قم"] * 5
    results.close()
    assert next(taken) < 100


def test_thousands_of_lines(client: Client) -> None:
    number = 5_000
    results = client.annotate_stream(Article("قم", str(at)) for at in range(number))
    assert [result.id for result in results] == [str(at) for at in range(number)]


@pytest.mark.parametrize("method", ["annotate_many", "annotate_stream"])
def test_answers_many_times_as_long_as_the_articles(client: Client, method: str) -> None:
    """More than lies in buffers on the way: nobody may wait for the other to read."""
    texts = ["همدان قم " * 500] * 20
    assert [len(result.spans) for result in getattr(client, method)(texts)] == [1000] * 20


def test_what_is_too_much_for_one_request_is_cut(start: Start) -> None:
    with Client(start(max_articles=3, max_body_bytes=2_000), retries=Retries(attempts=1)) as client:
        articles = [Article("قم", str(at)) for at in range(20)]
        articles[11] = Article("قم " * 1_000, "11")
        results = list(client.annotate_many(articles))
    assert [result.id for result in results] == [article.id for article in articles]
    assert [(r.id, r.problem.kind) for r in results if isinstance(r, Refused)] == [("11", "body-too-large")]


def test_the_model_says_what_it_is(client: Client, annotator: Annotator) -> None:
    model = client.model()
    manifest = annotator.manifest
    assert (f"{model.name}@{model.version}", model.sha256) == (annotator.model, manifest.sha256)
    assert model.labels == LABELS
    assert model.scores == manifest.scores


def test_ready_or_not(client: Client, nowhere: str) -> None:
    assert client.ready()
    with Client(nowhere) as other:
        assert not other.ready()


def test_many_threads_share_a_client(client: Client) -> None:
    with ThreadPoolExecutor(8) as threads:
        records = list(threads.map(lambda at: client.annotate(TEXT, id=str(at)), range(64)))
    assert [record.id for record in records] == [str(at) for at in range(64)]
    assert all(record.spans == records[0].spans for record in records)


def test_a_closed_client_is_closed(url: str) -> None:
    with Client(url) as client:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        client.annotate(TEXT)


def test_an_address_where_nothing_listens(nowhere: str) -> None:
    with (
        Client(nowhere, retries=Retries(attempts=3, first=0)) as client,
        pytest.raises(UnavailableError, match=r"Nothing can be reached at http://127\.0\.0\.1") as caught,
    ):
        client.annotate(TEXT)
    assert caught.value.__notes__[0].startswith("Given up after 3 attempts in ")


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://localhost", "http://", "", "http://localhost:port", "/annotate"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="must be the address of a service"):
        Client(url)


@pytest.mark.parametrize("key", ["", "secret word", "secret\n", "secretکلید"])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(ValueError, match="'key' must be a key") as caught:
        Client("http://localhost", key)
    assert "secret" not in str(caught.value)


def test_a_key_is_sent_where_the_service_asks_for_one(start: Start, tmp_path: Path) -> None:
    (key, line), (other, _) = create("annotate"), create("annotate")
    (tmp_path / "keys").write_text(line.line(), encoding="utf-8")
    url = start(api_keys=tmp_path / "keys")
    with Client(url, key) as client:
        assert client.annotate("همدان").spans[0].label == "LOC"
    for wrong, status in ((None, 401), (other, 401)):
        with Client(url, wrong) as client, pytest.raises(KeyRefusedError) as caught:
            client.annotate("همدان")
        assert caught.value.problem is not None
        assert caught.value.problem.status == status


def test_a_path_before_those_of_the_service(url: str) -> None:
    with Client(url + "/elsewhere/") as client, pytest.raises(RefusedError) as caught:
        client.annotate(TEXT)
    assert caught.value.problem is not None
    assert caught.value.problem.kind == "not-found"
    assert not isinstance(caught.value, KeyRefusedError)
