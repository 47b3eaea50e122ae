from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from raqam import Annotator, Article, Record
from raqam.client import AsyncClient, Refused, RefusedError, Result, Retries, UnavailableError
from tests.raqam.client.conftest import Start
from tests.raqam.client.scripted import Answer, Scripted, lines, problem, record

pytestmark = pytest.mark.anyio

TEXT = "استاندار همدان امروز گفت: ۶۶۰۰ میلیارد تومان"
QUICK = Retries(attempts=4, first=0)


@pytest.fixture
async def client(url: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(url) as found:
        yield found


async def collected(results: AsyncIterator[Result]) -> list[Result]:
    return [result async for result in results]


async def test_a_text_gets_the_record_of_the_library(client: AsyncClient, annotator: Annotator) -> None:
    found = await client.annotate(TEXT, id="a1", published="2025-09-25")
    assert found.to_dict() == annotator.annotate(Article.checked(TEXT, "a1", "2025-09-25")).to_dict()


async def test_many_tasks_share_a_client(client: AsyncClient) -> None:
    records = await asyncio.gather(*(client.annotate(TEXT, id=str(at)) for at in range(32)))
    assert [found.id for found in records] == [str(at) for at in range(32)]


async def test_an_article_that_cannot_be_annotated_is_an_error(client: AsyncClient) -> None:
    with pytest.raises(RefusedError, match="blank"):
        await client.annotate(" ")


@pytest.mark.parametrize("method", ["annotate_many", "annotate_stream"])
@pytest.mark.parametrize("kind", ["iterable", "async iterable"])
async def test_several_come_back_in_order(client: AsyncClient, annotator: Annotator, method: str, kind: str) -> None:
    articles = [Article(f"همدان {at} تومان", f"a{at}") for at in range(300)]
    articles[40] = Article("", "a40")

    async def one_by_one() -> AsyncIterator[Article]:
        for article in articles:
            yield article

    results = await collected(getattr(client, method)(articles if kind == "iterable" else one_by_one()))
    assert [result.id for result in results] == [article.id for article in articles]
    assert [result.id for result in results if isinstance(result, Refused)] == ["a40"]
    expected = [found.to_dict() for found in annotator.annotate_many(articles[:40] + articles[41:])]
    assert [result.to_dict() for result in results if isinstance(result, Record)] == expected


@pytest.mark.parametrize("method", ["annotate_many", "annotate_stream"])
async def test_breaking_off_leaves_nothing_under_way(client: AsyncClient, method: str) -> None:
    taken = itertools.count()

    def endless() -> Iterator[str]:
        for _ in itertools.count():
            yield f"قم {'و ' * 2000}{next(taken)}"

    before = asyncio.all_tasks()
    results = getattr(client, method)(endless())
    assert (await anext(results)).spans[0].text == "قم"
    await results.aclose()
    assert asyncio.all_tasks() == before
    assert next(taken) < 100


async def test_a_mistake_of_one_batch_comes_in_its_turn(scripted: Scripted) -> None:
    scripted.answers = [Answer(200, {"articles": [record("0")]}), Answer(400, problem(400, "invalid-json"))]
    async with AsyncClient(scripted.url) as client:
        results = client.annotate_many(["قم"] * 9, batch=1, in_flight=1)
        assert (await anext(results)).id == "0"
        with pytest.raises(RefusedError):
            await anext(results)


async def test_a_wrong_number_is_named(client: AsyncClient) -> None:
    with pytest.raises(ValueError, match="'in_flight' must be at least 1, not 0"):
        await collected(client.annotate_many([TEXT], in_flight=0))
    with pytest.raises(ValueError, match="at least 1 article, not 0"):
        await collected(client.annotate_many([TEXT], batch=0))


async def test_model_and_ready(client: AsyncClient, annotator: Annotator, nowhere: str) -> None:
    assert (await client.model()).sha256 == annotator.manifest.sha256
    assert await client.ready()
    async with AsyncClient(nowhere) as other:
        assert not await other.ready()


async def test_a_small_queue_gets_through_in_the_end(start: Start) -> None:
    """Four requests at once to a queue that has room for one: the others are sent again."""
    async with AsyncClient(start(queue_tokens=64), retries=Retries(attempts=100, first=0.05)) as client:
        results = await collected(client.annotate_many([f"همدان {at}" for at in range(64)], batch=8))
    assert all(isinstance(result, Record) for result in results)


async def test_an_overloaded_service_is_asked_again(scripted: Scripted) -> None:
    scripted.answers = [Answer(429, problem(429), {"Retry-After": "0"}), Answer(status=0), Answer(200, record("a1"))]
    async with AsyncClient(scripted.url, retries=QUICK) as client:
        assert (await client.annotate(TEXT)).id == "a1"
    assert len(scripted.requests) == 3


async def test_a_stream_goes_on_where_it_broke(scripted: Scripted) -> None:
    scripted.answers = [Answer(200, lines(record("0"), record("1")), broken=True), Answer(200, lines(record("2")))]
    async with AsyncClient(scripted.url, retries=QUICK) as client:
        results = await collected(client.annotate_stream(["قم", "همدان", "قزوین"]))
    assert [result.id for result in results] == ["0", "1", "2"]
    assert scripted.requests[1].body.count(b"\n") == 1


async def test_an_address_where_nothing_listens(nowhere: str) -> None:
    async with AsyncClient(nowhere, retries=QUICK) as client:
        with pytest.raises(UnavailableError):
            await client.annotate(TEXT)
