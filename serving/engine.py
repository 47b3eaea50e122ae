"""The engine: articles of all requests go through the model window by window, on threads beside the event loop.

A request is a :class:`Ticket`. It begins to count where the work done so far stands and counts what it is given; the
threads serve the lowest count, one window at a time. So equal articles are served in the order they came, and one of
hundreds of windows takes turns with those that come while it is at work. What waits is bounded in tokens.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, Final, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from raqam import Article, Record
from raqam.annotator import Prepared
from raqam.batching import ALONE, Batching
from serving.logs import current
from serving.metrics import Metrics, Stage

Result = TypeVar("Result")


class Steps(Protocol):
    """The steps of an annotator: see :class:`raqam.Annotator`."""

    def prepare(self, article: Article) -> Prepared: ...
    def run(self, rows: Sequence[NDArray[np.int64]]) -> NDArray[np.float32]: ...
    def finish(self, prepared: Prepared, blocks: Sequence[NDArray[np.float32]]) -> Record: ...


#: Characters of Persian news that make a token, rounded down: what an article costs until it is tokenized.
CHARACTERS_PER_TOKEN: Final = 3

#: Tokens a second that are assumed until the first runs were measured.
_FIRST_RATE: Final = 2000.0


class Overloaded(Exception):  # noqa: N818  the state of the engine, not a mistake of anyone
    """More would have to wait than may; *seconds* until there should be room."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class DeadlineExceeded(Exception):  # noqa: N818  as above
    """The articles were not ready in time; what was left of them is not worked on any more."""


@dataclass(slots=True, eq=False)
class _Job:
    """An article of a ticket: ``blocks`` are the results of its windows, ``left`` counts those that are missing."""

    article: Article
    index: int
    prepared: Prepared | None = None
    blocks: list[Any] = field(default_factory=list)
    left: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class _Window:
    """A window that can be run: row *at* of *job*."""

    job: _Job
    at: int
    row: NDArray[Any]


class Ticket(Generic[Result]):
    """The articles of one request, or of a part of it, on their way. ``cost`` is in tokens, estimated, then counted."""

    def __init__(
        self,
        annotator: Steps,
        articles: Sequence[Article],
        then: Callable[[Article, Record | Exception], Result],
    ) -> None:
        self.annotator, self.then = annotator, then
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        self.results: list[Result | None] = [None] * len(articles)
        self.cost = sum(map(estimate, articles))
        self.work, self.context = current(), copy_context()  # of the request, for the log and the trace
        self.served = 0.0  # virtual time: the tokens it was given, counted from when it came
        self.began = time.perf_counter()
        self.waited = False
        self.cancelled = False
        self.queued = False
        self.patient = False
        self.held = 0
        self.left = len(articles)
        self.unprepared = deque(_Job(article, index) for index, article in enumerate(articles))
        self.ready: list[tuple[int, int, _Window]] = []  # a heap, longest first

    def has_work(self) -> bool:
        """Whether there is something a thread could do for it now."""
        return not self.cancelled and bool(self.ready or self.unprepared)


class Engine:
    """Runs articles on *threads*, with at most *limit* tokens waiting; belongs to the event loop it is called from."""

    def __init__(
        self, *, threads: int, limit: int, metrics: Metrics, batching: Batching = ALONE, name: str = "engine"
    ) -> None:
        self._limit, self._metrics, self._batching = limit, metrics, batching
        self._threads = [Thread(target=self._work, name=f"raqam-{name}-{at}", daemon=True) for at in range(threads)]
        self._lock = Condition()
        self._heap: list[tuple[float, int, Ticket[Any]]] = []
        self._numbers = itertools.count()
        self._clock = 0.0  # the tokens that were run so far, for anyone: where a new ticket begins to count
        self._closed = False
        self._rate = _FIRST_RATE * threads
        self._tokens = 0  # admitted and not yet run; belongs to the event loop, as all below do
        self._tickets = 0
        self._patient = 0
        self._patient_tokens = 0
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End the threads, after the runs they are at. What waits is dropped."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    async def drained(self) -> None:
        """Return when nothing waits or is in work."""
        await self._idle.wait()

    def check_room(self) -> None:
        """Raise :class:`Overloaded` when nothing more may wait."""
        if self._tokens >= self._limit:
            raise Overloaded(self._seconds())

    async def annotate(
        self,
        annotator: Steps,
        articles: Sequence[Article],
        then: Callable[[Article, Record | Exception], Result],
        *,
        deadline: float,
        patient: bool = False,
    ) -> list[Result]:
        """Return what *then* makes, on a thread, of the record of each of *articles*, or of the exception it ended in.

        Raises :class:`Overloaded` at once where they do not fit in the queue, unless they are *patient*, which the
        later parts of a long request are; and :class:`DeadlineExceeded` after *deadline* seconds. Cancel it, and what
        was not run yet never is. Articles that are alone are always taken, however long.
        """
        ticket = Ticket(annotator, articles, then)
        if not articles:
            return []
        try:
            async with asyncio.timeout(deadline):
                await self._admit(ticket, patient)
                try:
                    await ticket.done
                finally:
                    self._release(ticket)
        except TimeoutError:
            raise DeadlineExceeded from None
        return [result for result in ticket.results if result is not None]

    async def _admit(self, ticket: Ticket[Any], patient: bool) -> None:
        ticket.patient = patient
        if patient:
            await self._wait_for_room(ticket)
        elif not self._fits(ticket):
            raise Overloaded(self._seconds())
        self._tickets += 1
        self._idle.clear()
        self._hold(ticket)
        with self._lock:
            ticket.served = self._clock
            self._push(ticket)

    async def _wait_for_room(self, ticket: Ticket[Any]) -> None:
        self._patient += 1
        try:
            async with self._turn:  # in the order they came: a large one is not overtaken by small ones
                while not self._fits(ticket):
                    self._room.clear()
                    await self._room.wait()
        finally:
            self._patient -= 1

    def _fits(self, ticket: Ticket[Any]) -> bool:
        """Whether there is room: the patient have half of the queue; the others all of it, or half while one waits."""
        half = self._limit // 2
        cost = min(ticket.cost, half)
        whole = self._tokens + cost <= self._limit
        if ticket.patient:
            return not self._tickets or (whole and self._patient_tokens + cost <= half)
        return not self._tickets or (self._tokens - self._patient_tokens + cost <= half if self._patient else whole)

    def _hold(self, ticket: Ticket[Any]) -> None:
        """Count what *ticket* still needs, of one that is larger than half of the queue only that half."""
        held = min(ticket.cost, self._limit // 2)
        change, ticket.held = held - ticket.held, held
        self._tokens += change
        self._patient_tokens += change if ticket.patient else 0
        self._room.set()
        self._tell()

    def _release(self, ticket: Ticket[Any]) -> None:
        """Forget *ticket*, done or given up."""
        with self._lock:
            ticket.cancelled = True
            ticket.cost = 0
        self._tickets -= 1
        self._hold(ticket)
        if not self._tickets:
            self._idle.set()

    def _tell(self) -> None:
        self._metrics.set_queue(self._tickets, max(0, self._tokens))

    def _seconds(self) -> int:
        return max(1, math.ceil(self._tokens / self._rate))

    # On the threads

    def _work(self) -> None:
        while (found := self._next()) is not None:
            ticket, work = found
            if isinstance(work, _Job):
                self._prepare(ticket, work)
            else:
                self._run(work)

    def _next(self) -> tuple[Ticket[Any], _Job | list[tuple[Ticket[Any], _Window]]] | None:
        """What to do next, as soon as there is something; None when the engine is closed."""
        with self._lock:
            while True:
                if self._closed:
                    return None
                if self._heap:
                    _, _, ticket = heapq.heappop(self._heap)
                    ticket.queued = False
                    if ticket.has_work():
                        break
                else:
                    self._lock.wait()
            if not ticket.waited:
                ticket.waited = True
                self._observe("wait", ticket.began, ticket)
            if not ticket.ready:
                job = ticket.unprepared.popleft()
                ticket.served += estimate(job.article) / 100  # tokenizing takes about a hundredth of running
                self._push(ticket)
                return ticket, job
            return ticket, self._take(ticket)

    def _take(self, ticket: Ticket[Any]) -> list[tuple[Ticket[Any], _Window]]:
        """The longest window of *ticket*, and as many of its length, from any ticket, as a batch may hold."""
        taken = [(ticket, self._pop(ticket))]
        length = len(taken[0][1].row)
        room = min(self._batching.windows, max(1, self._batching.tokens // length))
        others = [ticket, *(entry[2] for entry in self._heap)] if room > 1 else []
        for other in others:
            while len(taken) < room and _offers(other, length, ticket.annotator):
                taken.append((other, self._pop(other)))
        self._push(ticket)
        return taken

    def _pop(self, ticket: Ticket[Any]) -> _Window:
        window = heapq.heappop(ticket.ready)[2]
        ticket.served += len(window.row)
        self._clock += len(window.row)
        return window

    def _push(self, ticket: Ticket[Any]) -> None:
        """Put *ticket* in line, unless it stands there or has nothing to do; under the lock."""
        if not ticket.queued and ticket.has_work():
            ticket.queued = True
            heapq.heappush(self._heap, (ticket.served, next(self._numbers), ticket))
            self._lock.notify()

    def _prepare(self, ticket: Ticket[Any], job: _Job) -> None:
        began = time.perf_counter()
        try:
            prepared = ticket.annotator.prepare(job.article)
        except Exception as error:
            return self._end(ticket, job, error)
        self._observe("tokenize", began, ticket)
        counted = sum(map(len, prepared.rows))
        ticket.work.count(1, counted)
        with self._lock:
            job.prepared, job.left = prepared, len(prepared.rows)
            job.blocks = [None] * job.left
            ticket.cost -= 0 if ticket.cancelled else estimate(job.article) - counted
            for at, row in enumerate(prepared.rows):
                heapq.heappush(ticket.ready, (-len(row), next(self._numbers), _Window(job, at, row)))
            self._push(ticket)
        self._later(ticket, self._hold, ticket)
        if not prepared.rows:  # not job.left: other threads may have run them all by now
            self._finish(ticket, job)

    def _run(self, taken: Sequence[tuple[Ticket[Any], _Window]]) -> None:
        """Run windows of one length together, and finish the articles of which they were the last."""
        began = time.perf_counter()
        try:
            blocks = taken[0][0].annotator.run([window.row for _, window in taken])
        except Exception as error:
            for ticket, window in taken:
                self._end(ticket, window.job, error)
            return
        self._measure(sum(len(window.row) for _, window in taken), began, {ticket for ticket, _ in taken})
        for (ticket, window), block in zip(taken, blocks, strict=True):
            with self._lock:
                if window.job.ended:  # another of its windows failed
                    continue
                window.job.blocks[window.at] = block
                window.job.left -= 1
                last = window.job.left == 0
                ticket.cost -= 0 if ticket.cancelled else len(window.row)
            self._later(ticket, self._hold, ticket)
            if last:
                self._finish(ticket, window.job)

    def _observe(self, stage: Stage, began: float, *tickets: Ticket[Any]) -> float:
        """Count a stage that ends now, for *tickets* too; returns its seconds."""
        ended = time.perf_counter()
        self._metrics.observe(stage, ended - began)
        for ticket in tickets:
            ticket.work.spent(stage, began, ended)
        return ended - began

    def _measure(self, tokens: int, began: float, tickets: Iterable[Ticket[Any]]) -> None:
        seconds = self._observe("infer", began, *tickets)
        self._metrics.count_tokens(tokens, 0)  # all rows of a run have one length
        self._rate += 0.05 * (len(self._threads) * tokens / max(seconds, 1e-6) - self._rate)

    def _finish(self, ticket: Ticket[Any], job: _Job) -> None:
        if ticket.cancelled or job.prepared is None:
            return
        began = time.perf_counter()
        try:
            record = ticket.annotator.finish(job.prepared, job.blocks)
        except Exception as error:
            return self._end(ticket, job, error)
        self._observe("decode", began, ticket)
        self._end(ticket, job, record)

    def _end(self, ticket: Ticket[Any], job: _Job, outcome: Record | Exception) -> None:
        """Keep what becomes of *outcome*, once, and tell the event loop when it was the last of *ticket*."""
        with self._lock:
            if ticket.cancelled or job.ended:
                return
            job.ended = True
        try:
            ticket.results[job.index] = ticket.context.copy().run(ticket.then, job.article, outcome)
        except Exception as error:
            ticket.results[job.index] = ticket.context.copy().run(ticket.then, job.article, error)
        job.prepared, job.blocks = None, []
        with self._lock:
            ticket.left -= 1
            last = ticket.left == 0
        if last:
            self._later(ticket, _set, ticket.done)

    def _later(self, ticket: Ticket[Any], function: Callable[..., object], *arguments: object) -> None:
        """Call *function* on the event loop, if there still is one."""
        with suppress(RuntimeError):  # the loop was closed while a window was run
            ticket.loop.call_soon_threadsafe(function, *arguments)


def estimate(article: Article) -> int:
    """About how many tokens *article* has, special tokens included; at least 2."""
    return len(article.text) // CHARACTERS_PER_TOKEN + 2


def _offers(ticket: Ticket[Any], length: int, annotator: Steps) -> bool:
    """Whether the longest window of *ticket* has *length* and the same model."""
    fits = ticket.has_work() and ticket.ready and len(ticket.ready[0][2].row) == length
    return bool(fits) and ticket.annotator is annotator


def _set(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
