"""The engine of one machine: shard after shard, each on all threads of the annotator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from raqam.annotator import Annotator
from raqam.batch.shards import Job, Shard, Tally, Watch, run_shard


def run_local(
    shards: Iterable[Shard], job: Job, annotator: Annotator, watch: Watch | None = None
) -> Iterator[tuple[Shard, Tally]]:
    """Annotate *shards* in order; whatever ends the process, at most one of them is left half done.

    Raises what :func:`raqam.batch.shards.run_shard` raises.
    """
    for shard in shards:
        yield shard, run_shard(shard, job, annotator, watch)
