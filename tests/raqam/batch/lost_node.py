"""A cluster of two nodes on this machine, one of which is gone while a job runs on it. Run by the tests.

Its arguments are an empty folder and a model folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

from raqam.batch import distributed
from raqam.batch.distributed import run_ray
from tests.raqam.batch.corpora import job_of, plan_of, write_lines


def main(folder: Path, model: Path) -> None:
    job = job_of(folder, model)
    plan = plan_of(job, [write_lines(folder / "a.jsonl", ['{"text": "استاندار همدان"}'] * 8)], rows=1)
    distributed._PATIENCE = 5.0  # type: ignore[misc]
    ray = distributed._import_ray()
    from ray.cluster_utils import Cluster

    with distributed._silence(), distributed._importable():
        cluster = Cluster(True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        other = cluster.add_node(num_cpus=1)
    numbers = []
    for shard, _ in run_ray(plan, job, address=cluster.address, threads=1):
        numbers.append(shard.number)
        if len(numbers) == 1:
            with distributed._silence():
                cluster.remove_node(other, allow_graceful=False)
    assert not ray.is_initialized()
    if sorted(numbers) == list(range(8)) and all(job.path(shard).is_file() for shard in plan):
        print("all 8 shards")
    with distributed._silence():
        cluster.shutdown()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
