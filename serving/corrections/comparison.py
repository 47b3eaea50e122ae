"""Two readings of one text: the model to compare with, and where two records differ."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from anyio import to_thread

from raqam import Annotator, ModelError
from raqam.manifest import read_manifest
from serving.problems import Problem, ProblemError
from serving.settings import Settings

logger = logging.getLogger("raqam.corrections")

Spans = Sequence[Mapping[str, Any]]


class Other:
    """The model of *folder*, loaded when it is first asked for; it runs on the threads of the engine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._annotator: Annotator | None = None

    async def annotator(self) -> Annotator:
        """The model; raises the problem ``no-comparison`` where it cannot be used any more."""
        async with self._lock:
            if self._annotator is None:
                try:
                    self._annotator = await to_thread.run_sync(lambda: Annotator.load(self._folder, threads=1))
                except ModelError as error:
                    logger.error("The model to compare with cannot be used: %s", error)
                    detail = "The model of RAQAM_COMPARE_MODEL cannot be used; the log of the service says why."
                    raise ProblemError(Problem("no-comparison", detail)) from None
            return self._annotator

    @cached_property
    def _lock(self) -> asyncio.Lock:
        return asyncio.Lock()


def check_other(settings: Settings) -> None:
    """Raise :class:`raqam.ModelError` where the model to compare with, if *settings* name one, is no model."""
    if settings.compare_model is not None:
        read_manifest(settings.compare_model)


def differences(one: Spans, other: Spans) -> list[dict[str, Any]]:
    """The places that only one of two records has, or that they label differently, in order.

    >>> differences([{"start": 0, "end": 4, "label": "LOC"}], [{"start": 0, "end": 4, "label": "ORG"}])
    [{'start': 0, 'end': 4, 'a': 'LOC', 'b': 'ORG'}]
    """
    a, b = ({(span["start"], span["end"]): span["label"] for span in spans} for spans in (one, other))
    places = sorted(place for place in {*a, *b} if a.get(place) != b.get(place))
    return [{"start": place[0], "end": place[1], "a": a.get(place), "b": b.get(place)} for place in places]
