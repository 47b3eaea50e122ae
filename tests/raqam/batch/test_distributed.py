"""The Ray engine: the same files as the local one, whatever dies, and sentences for what a node does not have."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from raqam import Annotator
from raqam.batch import distributed
from raqam.batch.distributed import run_ray
from raqam.batch.local import run_local
from raqam.batch.shards import Job, JobError, Shard, Tally
from raqam.batch.workers import Answer, Duty, Worker
from tests.raqam.batch.corpora import job_of, plan_of, write_lines

# What Ray warns of inside itself is its own affair.
pytestmark = [pytest.mark.filterwarnings(r"ignore:::ray\b")]

TEXT = "استاندار همدان امروز می\N{ZERO WIDTH NON-JOINER}آمد 🌱 به گفته علي رضايي"
ROWS = 24

Ray = Callable[..., Iterator[tuple[Shard, Tally]]]


@pytest.fixture
def job(tmp_path: Path, tiny_model: Path) -> Job:
    return job_of(tmp_path, tiny_model)


@pytest.fixture
def plan(job: Job, tmp_path: Path) -> list[Shard]:
    """Eight shards of three rows, one of them bad."""
    lines = [json.dumps({"text": f"{TEXT} {at}", "id": f"خبر-{at}"}, ensure_ascii=False) for at in range(ROWS)]
    return plan_of(job, [write_lines(tmp_path / "اخبار.jsonl", [*lines[:7], "{", *lines[8:]])], rows=3)


@pytest.fixture
def ray() -> Any:
    pytest.importorskip("ray")
    return distributed._import_ray()


def contents(job: Job, plan: Sequence[Shard]) -> dict[str, bytes]:
    return {shard.key: job.path(shard).read_bytes() for shard in plan}


def expected(job: Job, plan: Sequence[Shard], annotator: Annotator, folder: Path) -> dict[str, bytes]:
    """What the local engine writes."""
    folder.mkdir()
    local = replace(job, folder=folder)
    assert len(list(run_local(plan, local, annotator))) == len(plan)
    return contents(local, plan)


def workers() -> list[int]:
    """The processes of this machine's actors that were started below this process."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    below = {os.getpid()}
    for _ in range(4):
        below |= {int(pid) for pid, parent, _ in rows if int(parent) in below}
    return [int(pid) for pid, _, name in rows if int(pid) in below and "MapWorker" in name]


class TestRunRay:
    def test_writes_the_files_of_the_local_engine_and_leaves_nothing_behind(
        self, ray: Any, job: Job, plan: list[Shard], tiny: Annotator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        done = list(run_ray(plan, job, address=None, threads=1))
        assert sorted(shard.number for shard, _ in done) == list(range(len(plan)))
        assert [shard for shard, _ in done if plan[shard.number] is not shard] == []
        assert sum(tally.rows for _, tally in done) == ROWS
        assert sum(tally.rejected for _, tally in done) == 1
        assert contents(job, plan) == expected(job, plan, tiny, tmp_path / "local")
        assert capfd.readouterr() == ("", "")
        assert not ray.is_initialized()
        assert {path.name for path in job.folder.iterdir()} == {"manifest.jsonl", *(f"{s.key}.jsonl" for s in plan)}

    def test_ends_with_every_shard_though_its_actors_are_killed(
        self, ray: Any, job: Job, plan: list[Shard], tiny: Annotator, tmp_path: Path
    ) -> None:
        numbers, killed = [], set()
        for shard, _ in run_ray(plan, job, address=None, threads=1):
            numbers.append(shard.number)
            if len(numbers) in (1, 3) and (found := workers()):
                for process in found if len(numbers) == 1 else found[:1]:  # all of them, then one
                    os.kill(process, signal.SIGKILL)
                    killed.add(process)
        assert len(killed) >= 2
        assert sorted(numbers) == list(range(len(plan)))
        assert contents(job, plan) == expected(job, plan, tiny, tmp_path / "local")

    def test_takes_shards_as_it_needs_them_and_ends_when_it_is_closed(
        self, ray: Any, job: Job, plan: list[Shard], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(distributed, "_FEWEST", 3)
        monkeypatch.setattr(distributed, "_EACH", 1)
        taken: list[int] = []

        def shards() -> Iterator[Shard]:
            for shard in plan:
                taken.append(shard.number)
                yield shard

        found = run_ray(shards(), job, address=None, threads=64)
        next(found)
        assert taken == [0, 1, 2]
        next(found), next(found), next(found)
        assert taken == [0, 1, 2, 3, 4, 5]
        found.close()
        assert not ray.is_initialized()
        assert not workers()

    def test_a_problem_of_a_node_ends_it_with_a_sentence(self, ray: Any, job: Job, plan: list[Shard]) -> None:
        Path(plan[0].pieces[0].source).write_text("{}\n", "utf-8")
        with pytest.raises(JobError, match=r"اخبار\.jsonl was changed while it was annotated"):
            list(run_ray(plan, job, address=None, threads=1))
        assert not ray.is_initialized()

    def test_goes_on_where_a_node_of_the_cluster_is_gone(self, ray: Any, tmp_path: Path, tiny_model: Path) -> None:
        """A process of its own, since Ray keeps threads of a cluster that it started."""
        command = [sys.executable, "-m", "tests.raqam.batch.lost_node", str(tmp_path), str(tiny_model)]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3], timeout=300)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout == "all 8 shards\n"

    def test_starts_nothing_where_there_is_nothing_to_do(self, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RAY_TMPDIR", "/nowhere/at/all")
        assert list(run_ray([], job, address="127.0.0.1:1", threads=1)) == []

    @pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere.invalid:6379"])
    def test_a_cluster_that_is_not_there(self, ray: Any, job: Job, plan: list[Shard], address: str) -> None:
        with pytest.raises(
            JobError, match=rf"^There is no Ray cluster to be reached at {address}\. Run the command on"
        ):
            list(run_ray(plan, job, address=address, threads=1))

    @pytest.mark.parametrize("address", ["رایانه", "ray://head:10001", ":6379", "head:port", ""])
    def test_what_is_no_address(self, ray: Any, job: Job, plan: list[Shard], address: str) -> None:
        with pytest.raises(JobError, match=r"is not the address of a Ray cluster: that is HOST:PORT of its head"):
            list(run_ray(plan, job, address=address, threads=1))

    def test_ray_is_not_installed(self, job: Job, plan: list[Shard], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "ray", None)
        with pytest.raises(JobError, match=r"^Ray is not installed: pip install 'raqam\[ray\]'\.$"):
            list(run_ray(plan, job, address=None, threads=1))


class TestWorker:
    """The actor by itself, as it is on a node."""

    @pytest.fixture
    def duty(self, job: Job) -> Duty:
        marker = job.folder / "marker"
        marker.touch()
        return Duty(job, 1, marker)

    @staticmethod
    def answer(duty: Duty, shard: Shard) -> Answer:
        return Worker(duty)({"shard": shard})["answer"]

    def test_answers_with_the_tally(self, duty: Duty, plan: list[Shard]) -> None:
        answer = self.answer(duty, plan[2])
        assert (answer.number, answer.problem) == (2, "")
        assert (answer.tally.rows, answer.tally.rejected) == (3, 1)
        assert answer.tally.tokens > 0

    def test_does_not_do_again_what_is_done(self, duty: Duty, plan: list[Shard]) -> None:
        worker = Worker(duty)
        first = worker({"shard": plan[0]})
        written = duty.job.path(plan[0]).stat().st_mtime_ns
        assert worker({"shard": plan[0]}) == first
        assert duty.job.path(plan[0]).stat().st_mtime_ns == written

    def test_another_model_in_the_same_place(self, duty: Duty, plan: list[Shard]) -> None:
        other = replace(duty, job=replace(duty.job, sha256="0" * 64))
        assert "copy the model folder to every node" in self.answer(other, plan[0]).problem
        assert f"has sha256 {duty.job.sha256}, that of the job {'0' * 64}" in self.answer(other, plan[0]).problem

    def test_no_model(self, duty: Duty, plan: list[Shard]) -> None:
        other = replace(duty, job=replace(duty.job, model=Path("/nowhere")))
        problem = self.answer(other, plan[0]).problem
        assert problem.startswith(f"On the node {os.uname().nodename}: ")
        assert "/nowhere" in problem

    def test_a_folder_that_is_not_shared(self, duty: Duty, plan: list[Shard]) -> None:
        duty.marker.unlink()
        assert self.answer(duty, plan[0]).problem == (
            f"The node {os.uname().nodename} does not see {duty.job.folder}: "
            "OUTPUT must be in a folder that all nodes share."
        )

    def test_inputs_that_are_not_there(self, duty: Duty, plan: list[Shard]) -> None:
        source = Path(plan[0].pieces[0].source)
        source.unlink()
        assert f"does not see {source}: all nodes must see the inputs" in self.answer(duty, plan[0]).problem

    def test_another_version(self, duty: Duty, plan: list[Shard]) -> None:
        problem = self.answer(replace(duty, version="0.0.0"), plan[0]).problem
        assert problem.endswith(", the job 0.0.0: install the same on all.")

    def test_a_folder_that_cannot_be_written(self, duty: Duty, plan: list[Shard]) -> None:
        worker = Worker(duty)
        worker({"shard": plan[0]})
        shutil.rmtree(duty.job.folder)
        problem = worker({"shard": plan[1]})["answer"].problem
        assert problem.startswith(f"On the node {os.uname().nodename}: {duty.job.folder}")
        assert problem.endswith("cannot be written or read: No such file or directory.")
