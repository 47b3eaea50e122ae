"""What runs on the nodes of a cluster: an actor that annotates one shard after the other with a model of its own."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from raqam import __version__
from raqam.annotator import Annotator
from raqam.batch.shards import Job, JobError, Shard, Tally, read_part, run_shard
from raqam.errors import RaqamError


@dataclass(frozen=True, slots=True)
class Duty:
    """What an actor must know: the job, its threads, a file that it must see, and where and by whom it was sent."""

    job: Job
    threads: int
    marker: Path
    home: Path = field(default_factory=Path.cwd)
    version: str = __version__


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the shard *number*; there is a *problem* where it is not done."""

    number: int
    tally: Tally
    problem: str = ""


class Worker:
    """An actor: it loads the model with its first shard, and answers with a tally or with a problem, never an error.

    Ray would wrap an error of its own around ours, and try again what cannot be done.
    """

    def __init__(self, duty: Duty) -> None:
        self._duty = duty
        self._annotator: Annotator | None = None

    def __call__(self, row: dict[str, Any]) -> dict[str, Answer]:
        return {"answer": self._answer(row["shard"])}

    def _answer(self, shard: Shard) -> Answer:
        try:
            return Answer(shard.number, self._run(shard))
        except JobError as error:
            problem = str(error)
        except RaqamError as error:
            problem = f"On the node {_node()}: {error}"
        except OSError as error:
            where = error.filename or self._duty.job.folder
            problem = f"On the node {_node()}: {where} cannot be written or read: {error.strerror or error}."
        except Exception as error:
            kind = type(error).__name__
            problem = f"On the node {_node()}, shard {shard.number} could not be annotated ({kind}); please report it."
        return Answer(shard.number, Tally(), problem)

    def _run(self, shard: Shard) -> Tally:
        if self._annotator is None:
            self._annotator = _prepare(self._duty)
        # This may be a second time: the process that had it first may have died between the file and the answer.
        if (done := read_part(self._duty.job.path(shard), shard.key)) is not None:
            return done[1]
        for piece in shard.pieces:
            if not Path(piece.source).is_file():
                raise JobError(f"The node {_node()} does not see {piece.source}: all nodes must see the inputs.")
        return run_shard(shard, self._duty.job, self._annotator)


def _prepare(duty: Duty) -> Annotator:
    """The annotator of *duty* on this node, or :class:`JobError` that names the node and what is wrong on it."""
    node, job = _node(), duty.job
    if duty.version != __version__:
        raise JobError(f"The node {node} has Raqam {__version__}, the job {duty.version}: install the same on all.")
    if not duty.marker.is_file():
        raise JobError(f"The node {node} does not see {job.folder}: OUTPUT must be in a folder that all nodes share.")
    with suppress(OSError):  # paths of sources may be relative; where they are not, the folder may be absent
        os.chdir(duty.home)
    annotator = Annotator.load(job.model, threads=duty.threads)
    if (found := annotator.manifest.sha256) != job.sha256:
        annotator.close()
        raise JobError(
            f"The model in {job.model} on the node {node} has sha256 {found}, that of the job {job.sha256}: "
            "copy the model folder to every node, or name one that they share."
        )
    return annotator


def _node() -> str:
    return socket.gethostname()
