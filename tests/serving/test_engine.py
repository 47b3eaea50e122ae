"""The engine alone: who is served when, what is refused, and what is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from raqam import Annotator, Article, Record
from raqam.annotator import Prepared
from raqam.batching import ALONE, Batching
from serving.engine import DeadlineExceeded, Engine, Overloaded, estimate
from serving.metrics import Metrics

SHORT = Article("در همدان", id="short")
LONG = Article("استاندار همدان گفت که نرخ بیکاری قم کم شد. " * 400, id="long")


class Gate(Annotator):
    """Runs windows only while its gate is open; keeps the lengths it ran and the ids it prepared."""

    gate: Event
    ran: list[list[int]]
    prepared: list[str | None]

    def prepare(self, article: Article) -> Prepared:
        self.prepared.append(article.id)
        return super().prepare(article)

    def run(self, rows: Sequence[NDArray[np.int64]]) -> NDArray[np.float32]:
        self.ran.append([len(row) for row in rows])
        assert self.gate.wait(60)
        return super().run(rows)


@pytest.fixture
def annotator(tiny_model: Path) -> Gate:
    loaded = Gate.load(tiny_model, threads=1)
    loaded.gate, loaded.ran, loaded.prepared = Event(), [], []
    return loaded


def keep(article: Article, outcome: Record | Exception) -> Record | Exception:
    return outcome


def engine_of(limit: int = 10**9, batching: Batching = ALONE) -> Engine:
    engine = Engine(threads=1, limit=limit, metrics=Metrics(), batching=batching)
    engine.start()
    return engine


def run(engine: Engine, test: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return asyncio.run(asyncio.wait_for(_awaited(test), 60))
    finally:
        engine.close()


async def _awaited(test: Callable[[], Awaitable[Any]]) -> Any:
    return await test()


async def begun(annotator: Gate, runs: int = 1) -> None:
    while len(annotator.ran) < runs:
        await asyncio.sleep(0.001)


def test_records_are_those_of_the_annotator(tiny_annotator: Annotator) -> None:
    articles = [LONG, SHORT, Article("\u200c"), SHORT]
    engine = engine_of()

    async def test() -> list[Any]:
        return await engine.annotate(tiny_annotator, articles, keep, deadline=60)

    assert run(engine, test) == [tiny_annotator.annotate(article) for article in articles]


def test_a_short_article_does_not_wait_for_all_of_a_long_one(annotator: Gate, tiny_annotator: Annotator) -> None:
    engine = engine_of()

    async def test() -> None:
        long = asyncio.create_task(engine.annotate(annotator, [LONG], keep, deadline=60))
        await begun(annotator)
        short = asyncio.create_task(engine.annotate(annotator, [SHORT], keep, deadline=60))
        await asyncio.sleep(0)
        annotator.gate.set()
        await asyncio.gather(long, short)

    run(engine, test)
    (row,) = tiny_annotator.prepare(SHORT).rows
    assert annotator.ran.index([len(row)]) <= 3 < len(annotator.ran) // 2


def test_beyond_the_limit_articles_are_refused_at_once_and_told_when_to_come_again(annotator: Gate) -> None:
    engine = engine_of(limit=4 * estimate(SHORT))

    async def test() -> None:
        waiting = [asyncio.create_task(engine.annotate(annotator, [SHORT], keep, deadline=60)) for _ in range(4)]
        await begun(annotator)
        with pytest.raises(Overloaded) as caught:
            await engine.annotate(annotator, [SHORT], keep, deadline=60)
        assert caught.value.seconds >= 1
        patient = asyncio.create_task(engine.annotate(annotator, [SHORT], keep, deadline=60, patient=True))
        await asyncio.sleep(0)
        annotator.gate.set()
        assert all(len(found) == 1 for found in await asyncio.gather(*waiting, patient))
        await engine.drained()
        assert await engine.annotate(annotator, [SHORT], keep, deadline=60)

    run(engine, test)


def test_what_waits_for_room_leaves_half_of_the_queue_to_others(annotator: Gate) -> None:
    engine = engine_of(limit=4 * estimate(SHORT))

    async def test() -> None:
        parts = [
            asyncio.create_task(engine.annotate(annotator, [SHORT], keep, deadline=60, patient=True)) for _ in range(9)
        ]
        await begun(annotator)
        other = asyncio.create_task(engine.annotate(annotator, [SHORT], keep, deadline=60))
        await asyncio.sleep(0.01)
        assert not other.done()  # it was let in; the gate is closed
        annotator.gate.set()
        assert all(len(found) == 1 for found in await asyncio.gather(*parts, other))

    run(engine, test)


def test_a_huge_article_does_not_lock_the_others_out(annotator: Gate) -> None:
    engine = engine_of(limit=4 * estimate(SHORT))

    async def test() -> None:
        long = asyncio.create_task(engine.annotate(annotator, [LONG], keep, deadline=60))
        await begun(annotator)
        engine.check_room()
        short = asyncio.create_task(engine.annotate(annotator, [SHORT], keep, deadline=60))
        await asyncio.sleep(0)
        annotator.gate.set()
        assert len(await short) == len(await long) == 1

    run(engine, test)


def test_an_article_larger_than_the_queue_is_taken_when_it_is_alone(tiny_annotator: Annotator) -> None:
    engine = engine_of(limit=1)

    async def test() -> list[Any]:
        return await engine.annotate(tiny_annotator, [LONG], keep, deadline=60)

    assert run(engine, test) == [tiny_annotator.annotate(LONG)]


def test_what_is_late_is_given_up_and_not_worked_on(annotator: Gate) -> None:
    engine = engine_of()

    async def test() -> None:
        with pytest.raises(DeadlineExceeded):
            await engine.annotate(annotator, [LONG, SHORT], keep, deadline=0.05)
        annotator.gate.set()
        await asyncio.wait_for(engine.drained(), 5)
        await engine.annotate(annotator, [Article("قم", id="next")], keep, deadline=60)

    run(engine, test)
    assert annotator.prepared == ["long", "next"]
    assert len(annotator.ran) <= 2


def test_what_is_cancelled_is_not_worked_on(annotator: Gate) -> None:
    engine = engine_of()

    async def test() -> None:
        task = asyncio.create_task(engine.annotate(annotator, [LONG, SHORT], keep, deadline=60))
        await begun(annotator)
        task.cancel()
        annotator.gate.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        await engine.drained()
        engine.check_room()

    run(engine, test)
    assert annotator.prepared == ["long"]


def test_windows_of_one_length_share_a_run_across_requests(annotator: Gate, tiny_annotator: Annotator) -> None:
    engine = engine_of(batching=Batching(windows=4))

    async def test() -> list[list[Any]]:
        first = asyncio.create_task(engine.annotate(annotator, [LONG], keep, deadline=60))
        await begun(annotator)
        others = [asyncio.create_task(engine.annotate(annotator, [SHORT], keep, deadline=60)) for _ in range(6)]
        while annotator.prepared.count("short") < 6:
            annotator.gate.set()
            await asyncio.sleep(0.001)
        return await asyncio.gather(first, *others)

    results = run(engine, test)
    assert all(len(set(lengths)) == 1 and len(lengths) <= 4 for lengths in annotator.ran)
    assert max(map(len, annotator.ran)) > 1
    assert [[span.text for span in result.spans] for (result,) in results[1:]] == [
        [span.text for span in tiny_annotator.annotate(SHORT).spans]
    ] * 6


class Broken(Annotator):
    """Fails where it is told to."""

    where = ""

    def run(self, rows: Sequence[NDArray[np.int64]]) -> NDArray[np.float32]:
        if self.where == "run":
            raise RuntimeError("run")
        return super().run(rows)

    def finish(self, prepared: Prepared, blocks: Sequence[NDArray[np.float32]]) -> Record:
        if self.where == "finish" and prepared.article.id == "short":
            raise RuntimeError("finish")
        return super().finish(prepared, blocks)


@pytest.mark.parametrize(("where", "failing"), [("run", [True, True]), ("finish", [True, False])])
def test_an_exception_is_the_outcome_of_its_article(tiny_model: Path, where: str, failing: list[bool]) -> None:
    broken, engine = Broken.load(tiny_model), engine_of()
    broken.where = where

    async def test() -> list[Any]:
        return await engine.annotate(broken, [SHORT, LONG], keep, deadline=60)

    assert [isinstance(outcome, RuntimeError) for outcome in run(engine, test)] == failing


def test_a_result_that_cannot_be_made_is_the_outcome_too(tiny_annotator: Annotator) -> None:
    engine = engine_of()

    def refuse(article: Article, outcome: Record | Exception) -> str:
        if isinstance(outcome, Record):
            raise RuntimeError
        return type(outcome).__name__

    async def test() -> list[Any]:
        return await engine.annotate(tiny_annotator, [SHORT], refuse, deadline=60)

    assert run(engine, test) == ["RuntimeError"]
