"""The shards of a job on a Ray cluster, or on a Ray of this machine alone.

Ray Data gives the shards to a pool of actors, each of which loads the model once. Their files go where those of one
machine go, so every node must see the folder of the job, the sources and the model under the same paths. What is done
is known from these files alone: nothing of Ray's own checkpoints is used, and a run can go on without Ray.

Who retries what: an actor whose process dies is started again by Ray, which gives it the same shard again. When Ray
itself fails, or a node is gone and the cluster has no room for its actors, the shards that are left are given to Ray
once more, by :func:`run_ray`. A shard that cannot be annotated, wherever it is tried, ends the job with a sentence.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from raqam.batch.files import TEMPORARY
from raqam.batch.shards import Job, JobError, Shard, Tally
from raqam.batch.workers import Answer, Duty, Worker

#: Shards that are given to Ray together: so many for each actor, and no fewer than so many.
#: Ray keeps a few kilobytes for each, and between two such waves the actors are started anew.
_EACH: Final = 64
_FEWEST: Final = 1000

#: Bytes of the object store of a Ray that is started here. Only shards' names and tallies go through it.
_STORE: Final = 128 * 1024 * 1024

#: Without a result for so many seconds, it is looked whether there is still room for all actors.
_PATIENCE: Final = 60.0

#: Seconds to wait for the head of a cluster.
_CONNECT: Final = 10.0

#: Seconds that an execution may take to end when it is ended early.
_ENDING: Final = 2.0

#: How often in a row Ray may fail without a single shard done before that ends the job.
_ATTEMPTS: Final = 3

#: No reports of use, no log lines of its core, no warnings of changes to come, and no Ray that starts by itself.
_ENVIRONMENT: Final[Mapping[str, str]] = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_ENABLE_AUTO_CONNECT": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
}


def run_ray(
    shards: Iterable[Shard], job: Job, *, address: str | None, threads: int
) -> Generator[tuple[Shard, Tally], None, None]:
    """Annotate *shards* on the Ray cluster at *address* and yield each with its tally, in whatever order they end.

    *address* is that of the cluster's head (``HOST:PORT``, or ``auto`` on a node of it); None starts Ray on this
    machine and ends it again. Each actor runs *threads* windows side by side, on as many processors; there are as many
    actors as the cluster has room for. Shards are taken from the iterable as they are needed; close the generator to
    end early.

    Raises :class:`JobError`: Ray is not installed or cannot be reached, a node does not see what it must, or a shard
    cannot be annotated.
    """
    ray, source = _import_ray(), iter(shards)
    left: dict[int, Shard] = {}
    failures = 0
    with _marker(job.folder) as marker:
        duty = Duty(replace(job, folder=job.folder.absolute(), model=job.model.absolute()), threads, marker)
        while _fill(left, source, 1):
            try:
                with _connected(ray, address):
                    for answer in _answers(ray, source, left, duty):
                        failures = 0
                        yield left.pop(answer.number), answer.tally
            except _RayFailedError as error:
                if (failures := failures + 1) == _ATTEMPTS:
                    why = f"Ray failed {_ATTEMPTS} times with no shard done in between ({error})."
                    raise JobError(f"{why} What was done is kept; run the same command again.") from error


class _RayFailedError(Exception):
    """Ray gave up, or waits for processors that are gone. The message is a few words."""


@dataclass(frozen=True, slots=True)
class _Room:
    """How many actors a cluster has room for, and the processors each of them asks for."""

    actors: int
    processors: int


def _import_ray() -> Any:
    """Ray, told to be silent; raises :class:`JobError` where it is not installed."""
    os.environ.update(_ENVIRONMENT)  # before the import, which reads them
    try:
        import ray
        import ray.data
    except ImportError:
        raise JobError("Ray is not installed: pip install 'raqam[ray]'.") from None
    return ray


@contextmanager
def _marker(folder: Path) -> Iterator[Path]:
    """A file in *folder* that was never there before: a node that sees it sees the same folder."""
    path = folder.absolute() / f".{uuid.uuid4().hex}{TEMPORARY}"
    path.touch()
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _connected(ray: Any, address: str | None) -> Iterator[None]:
    """Ray, started or reached, until the end of the block."""
    if ray.is_initialized():
        raise JobError("Ray is in use in this process already; end that with ray.shutdown() before.")
    local = {"include_dashboard": False, "object_store_memory": _STORE} if address is None else {}
    if address not in (None, "auto"):
        _reach(address)
    try:
        try:
            with _silence(), _importable():
                ray.init(address=address or "local", log_to_driver=False, logging_level=logging.CRITICAL, **local)
        except (OSError, ValueError, RuntimeError) as error:
            raise JobError(_unreachable(address)) from error
        _hush(ray)
        yield
    finally:
        ray.shutdown()


def _reach(address: str) -> None:
    """Raise :class:`JobError` unless something listens at *address*: Ray itself would try for many minutes."""
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        raise JobError(f"{address} is not the address of a Ray cluster: that is HOST:PORT of its head, or auto.")
    try:
        socket.create_connection((host, int(port)), _CONNECT).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise JobError(_unreachable(address)) from error


def _unreachable(address: str | None) -> str:
    if address is None:
        return "Ray could not be started on this machine; its logs are in /tmp/ray/session_latest/logs."
    return (
        f"There is no Ray cluster to be reached at {address}. Run the command on a node of the cluster: "
        "ray start --address=HOST:PORT makes this machine one, where HOST:PORT is the head's."
    )


@contextmanager
def _importable() -> Iterator[None]:
    """Let the processes that are started find this package, also where it is no installed one but a checkout's."""
    before = os.environ.get("PYTHONPATH")
    root = str(Path(__file__).absolute().parents[2])
    os.environ["PYTHONPATH"] = root if not before else os.pathsep.join([root, before])
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing on the terminal: while it starts, the core of Ray says on the standard error that it will say nothing."""
    try:
        kept = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _hush(ray: Any) -> None:
    """No log lines and no progress bars: what Ray has to say goes to the log files of its session alone.

    Errors on the nodes, which the driver would print on the standard output, have no setting; Ray's debugger turns them
    off as here.
    """
    ray._private.worker._worker_logs_enabled = False
    logger = logging.getLogger("ray.data")
    for handler in [each for each in logger.handlers if each.name == "console"]:
        logger.removeHandler(handler)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False


def _fill(left: dict[int, Shard], source: Iterator[Shard], size: int) -> bool:
    """Take shards from *source* until there are *size* in *left*, if there are so many; whether there is any."""
    left.update((shard.number, shard) for shard in islice(source, max(0, size - len(left))))
    return bool(left)


def _room(ray: Any, threads: int) -> _Room:
    nodes = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    processors = max(1, min(threads, max(nodes, default=1)))
    return _Room(max(1, sum(node // processors for node in nodes)), processors)


def _answers(ray: Any, source: Iterator[Shard], left: dict[int, Shard], duty: Duty) -> Iterator[Answer]:
    """Have the shards of *left* and *source* done, wave after wave; the caller takes from *left* what is answered."""
    room = _room(ray, duty.threads)
    while _fill(left, source, max(_FEWEST, _EACH * room.actors)):
        data = _dataset(ray, list(left.values()), duty, room)
        with _collected(data) as answers:
            while (answer := _next(ray, answers, room, duty.threads)) is not None:
                yield answer
        room = _room(ray, duty.threads)


def _dataset(ray: Any, shards: Sequence[Shard], duty: Duty, room: _Room) -> Any:
    """A row and a block for each of *shards*, to be mapped by a pool of actors.

    An actor has one shard at a time, so that none waits behind another while an actor is free. Ray Data starts actors
    that died again, and gives them what they had, without end.
    """
    data = ray.data.from_items([{"shard": shard} for shard in shards], override_num_blocks=len(shards))
    size = min(room.actors, len(shards))
    pool = ray.data.ActorPoolStrategy(size=size, max_tasks_in_flight_per_actor=1)
    return data.map(Worker, fn_constructor_args=(duty,), compute=pool, num_cpus=room.processors)


@contextmanager
def _collected(data: Any) -> Iterator[SimpleQueue[Answer | Exception | None]]:
    """What the actors answer, as it comes; in the end None, or the error of Ray. Behind the block, nothing runs on.

    A thread waits for Ray, so that this one can look up now and then, and be interrupted.
    """
    answers: SimpleQueue[Answer | Exception | None] = SimpleQueue()
    thread = threading.Thread(target=_collect, args=(data, answers), name="raqam-ray", daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        # Left to itself, the executor would go on until Ray is gone, and then fail in its own thread.
        if (executor := getattr(data, "_current_executor", None)) is not None:
            executor.shutdown(force=True)
        thread.join(_ENDING)


def _collect(data: Any, answers: SimpleQueue[Answer | Exception | None]) -> None:
    try:
        for batch in data.iter_batches(batch_size=None, batch_format="numpy", prefetch_batches=0):
            for answer in batch["answer"]:
                answers.put(answer)
        answers.put(None)
    except Exception as error:
        answers.put(error)


def _next(ray: Any, answers: SimpleQueue[Answer | Exception | None], room: _Room, threads: int) -> Answer | None:
    """The next answer, or None behind the last; raises :class:`JobError` for a problem, or :class:`_RayFailedError`.

    An actor of a node that is gone keeps its shard until there is room for it elsewhere. That may never be: so where
    nothing comes for long, and the cluster has become smaller, all that is left is given to Ray anew.
    """
    while True:
        try:
            answer = answers.get(timeout=_PATIENCE)
        except Empty:
            if _room(ray, threads).actors < room.actors:
                raise _RayFailedError("a node of the cluster is gone") from None
            continue
        if isinstance(answer, Exception):
            raise _RayFailedError(type(answer).__name__) from answer
        if answer is not None and answer.problem:
            raise JobError(answer.problem)
        return answer
