"""When a request is sent again, and after how long: what the service asks for, backoff with full jitter, a budget."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from raqam.client.errors import ClientError, OverloadedError, TimedOutError, UnavailableError

_LEAST: Final = 0.001  # a timeout of nothing would mean none at all


@dataclass(frozen=True, slots=True)
class Retries:
    """How often, and for how long, a request is sent again to a service that is overloaded or unavailable.

    Annotating changes nothing at the service, so a request whose connection broke is safe to send again. Times are in
    seconds. Before attempt n + 1 it waits as long as ``Retry-After`` says, and then for a random part of
    ``min(longest, first * 2 ** (n - 1))``, so that clients that were refused together do not come back together. No
    wait is begun that would end after *budget*, counted from the first attempt. What took too long (504, or no answer
    within the timeout) is only sent again with *timeouts*: it would most likely take as long again, at the cost of
    others. ``Retries(attempts=1)`` never sends anything again.
    """

    attempts: int = 8
    first: float = 0.5
    longest: float = 20.0
    budget: float = 300.0
    timeouts: bool = False

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"'attempts' must be at least 1, not {self.attempts}.")
        for name in ("first", "longest", "budget"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"'{name}' must be 0 seconds or more, not {getattr(self, name)}.")

    def apply_to(self, error: ClientError) -> bool:
        """Whether what ended in *error* may be sent again at all."""
        return isinstance(error, (OverloadedError, UnavailableError)) or (
            self.timeouts and isinstance(error, TimedOutError)
        )


DEFAULT: Final = Retries()


class Attempts:
    """The attempts at one request. *clock* and *draw*, which is ``random.uniform``, are there for tests."""

    def __init__(
        self,
        retries: Retries,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._retries, self._clock, self._draw = retries, clock, draw
        self._began, self._failed = clock(), 0

    def timeout(self, timeout: float) -> float:
        """Return how long the next attempt may wait: *timeout*, or what is left of the budget."""
        return max(_LEAST, min(timeout, self._began + self._retries.budget - self._clock()))

    def wait(self, error: ClientError) -> float:
        """Return how long to wait after an attempt that ended in *error*; raises *error* where it was the last one."""
        self._failed += 1
        if not self._retries.apply_to(error):
            raise error
        backoff = min(self._retries.longest, self._retries.first * 2 ** min(self._failed - 1, 60))
        pause = (error.retry_after or 0.0) + self._draw(0.0, backoff)
        spent = self._clock() - self._began
        if self._failed >= self._retries.attempts or spent + pause >= self._retries.budget:
            error.add_note(f"Given up after {self._failed} attempts in {spent:.1f} seconds.")
            raise error
        return pause
