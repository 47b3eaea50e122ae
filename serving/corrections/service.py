"""What the paths use: the store, whose calls block, on threads of its own, and the model to compare with."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from serving.corrections.comparison import Other
from serving.corrections.database import CONNECTIONS, Database, NoDatabaseError
from serving.corrections.store import ConflictError, Store
from serving.problems import Problem, ProblemError
from serving.settings import Settings

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

_OFF: Final = Problem("not-found", "This service keeps no articles: its RAQAM_DATABASE is none.")
_RETRY: Final = {"Retry-After": "5"}


class Corrections:
    """The articles that are kept, as *settings* say; raises :class:`.database.DatabaseSettingError`."""

    def __init__(self, settings: Settings) -> None:
        self._store = None if settings.database == "none" else Store(Database(settings.database))
        self.other = None if settings.compare_model is None else Other(settings.compare_model)

    @property
    def store(self) -> Store:
        """The store; raises the problem ``not-found`` where it is turned off."""
        if self._store is None:
            raise ProblemError(_OFF)
        return self._store

    async def run(
        self, function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Result:
        """Call *function* of the store on a thread; what goes wrong with the database becomes a problem."""
        try:
            return await to_thread.run_sync(lambda: function(*arguments, **named), limiter=self._threads)
        except NoDatabaseError as error:
            raise ProblemError(Problem("no-database", str(error)), _RETRY) from None
        except ConflictError as error:
            raise ProblemError(conflict(error.revision), _tag(error.revision)) from None

    async def close(self) -> None:
        """End the connections of the database."""
        if self._store is not None:
            await to_thread.run_sync(self._store.database.close)

    @cached_property
    def _threads(self) -> CapacityLimiter:
        return CapacityLimiter(CONNECTIONS)


def conflict(revision: int) -> Problem:
    """The problem of a change to another revision than the last one, which is *revision*."""
    detail = f"The article is at revision {revision} by now; get it, and make the change to that."
    return Problem("conflict", detail, revision=revision)


def _tag(revision: int) -> dict[str, Any]:
    return {"ETag": f'"{revision}"'}
