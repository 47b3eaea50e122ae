"""A job from its inputs to its output: put together in order, gone on with after any end, and never mixed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock
from rich.console import Console

from raqam import Annotator
from raqam.batch import files, jobs
from raqam.batch.files import temporary
from raqam.batch.jobs import Engine, OutputError, Target, run_job
from raqam.batch.local import run_local
from raqam.batch.progress import Meter
from raqam.batch.shards import Job, JobError, Shard, Tally
from raqam.batch.summary import Summary
from raqam.formats import Format
from raqam.readers import find_sources
from tests.raqam.batch.corpora import job_of, write_lines

TEXT = "استاندار همدان امروز آمد."
ROWS = 10
SHARDS = 8  # three, three, three and one of each file

Start = Callable[..., Summary]


class Killed(BaseException):
    """Stands for whatever ends a process between two shards."""


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target(tmp_path / "out", Format.JSONL)


@pytest.fixture
def news(tmp_path: Path) -> list[Path]:
    """Twenty articles in two files, among them two bad rows; and an input that is not there."""
    first = [json.dumps({"text": TEXT, "id": f"a{at}"}) for at in range(ROWS)]
    second = [json.dumps({"text": TEXT, "id": f"b{at}"}) for at in range(ROWS)]
    first[3] = '{"text": ""}'
    second[-1] = "{"
    return [
        write_lines(tmp_path / "a.jsonl", first),
        tmp_path / "absent.jsonl",
        write_lines(tmp_path / "b.jsonl", second),
    ]


@pytest.fixture
def start(target: Target, news: list[Path], tiny: Annotator, tiny_model: Path, tmp_path: Path) -> Start:
    """Run the job, with shards of three rows; *engine* takes the place of the local one."""

    def started(engine: Callable[..., Iterator[tuple[Shard, Tally]]] = run_local, *, to: Target = target) -> Summary:
        job = Job(to.parts, job_of(tmp_path, tiny_model).options, tiny_model, tiny.manifest.sha256)
        work: Engine = partial(engine, job=job, annotator=tiny)
        return run_job(to, list(find_sources(map(str, news))), job, work, Meter(Console(stderr=True), False, 0), 3)

    return started


def ended_after(count: int) -> Callable[..., Iterator[tuple[Shard, Tally]]]:
    def run(shards: Iterable[Shard], job: Job, annotator: Annotator) -> Iterator[tuple[Shard, Tally]]:
        for number, done in enumerate(run_local(shards, job, annotator)):
            yield done
            if number + 1 == count:
                raise Killed

    return run


def contents(target: Target) -> tuple[bytes, bytes]:
    return target.output.read_bytes(), target.rejected.read_bytes()


def test_writes_all_records_in_order_and_lists_what_has_none(start: Start, target: Target) -> None:
    summary = start()
    ids = [json.loads(line)["id"] for line in target.output.read_bytes().splitlines()]
    assert ids == [f"a{at}" for at in range(ROWS) if at != 3] + [f"b{at}" for at in range(ROWS - 1)]
    rejected = [json.loads(line) for line in target.rejected.read_bytes().splitlines()]
    assert [(Path(row["source"]).name, row["line"], row["reason"]) for row in rejected] == [
        ("absent.jsonl", None, "not_found"),
        ("a.jsonl", 4, "blank"),
        ("b.jsonl", 10, "invalid_json"),
    ]
    assert (summary.tally.rows, summary.tally.annotated, summary.tally.rejected) == (21, 18, 3)
    assert summary.spans["LOC"] == 18
    assert not target.parts.exists()


@pytest.mark.parametrize("count", [1, 3, SHARDS])
def test_goes_on_where_it_was_ended(start: Start, target: Target, tmp_path: Path, count: int) -> None:
    whole = Target(tmp_path / "whole", Format.JSONL)
    start(to=whole)
    with pytest.raises(Killed):
        start(ended_after(count))
    assert not target.output.exists()
    kept = {path: path.stat().st_ino for path in target.parts.glob("*.jsonl") if path.name != "manifest.jsonl"}
    assert len(kept) == count
    done: list[int] = []

    def counted(shards: Iterable[Shard], job: Job, annotator: Annotator) -> Iterator[tuple[Shard, Tally]]:
        for each in run_local(shards, job, annotator):
            done.append(each[0].number)
            yield each

    start(counted)
    assert done == list(range(count, SHARDS))
    assert contents(target) == contents(whole)


def test_what_is_done_is_not_done_again(start: Start, target: Target) -> None:
    first = start()
    before = (contents(target), target.output.stat().st_ino)
    assert start(lambda shards, job, annotator: pytest.fail("nothing is left to do")) == first
    assert (contents(target), target.output.stat().st_ino) == before
    assert not target.parts.exists()


@pytest.mark.parametrize("harm", ["output", "rejected", "manifest"])
def test_an_output_that_was_changed_is_made_again(start: Start, target: Target, harm: str) -> None:
    start()
    before = contents(target)
    path = getattr(target, harm)
    path.write_bytes(path.read_bytes()[:-10])
    start()
    assert contents(target) == before


def test_a_part_that_was_damaged_is_made_again(start: Start, target: Target, tmp_path: Path) -> None:
    start(to=(whole := Target(tmp_path / "whole", Format.JSONL)))
    with pytest.raises(Killed):
        start(ended_after(3))
    part = sorted(path for path in target.parts.glob("*.jsonl") if path.name != "manifest.jsonl")[0]
    part.write_bytes(part.read_bytes()[:-3])
    start()
    assert contents(target) == contents(whole)


def test_inputs_that_changed_are_not_mixed(start: Start, target: Target, news: list[Path]) -> None:
    with pytest.raises(Killed):
        start(ended_after(5))
    write_lines(news[0], [json.dumps({"text": "قم", "id": "new"})])
    start()
    ids = [json.loads(line)["id"] for line in target.output.read_bytes().splitlines()]
    assert ids == ["new", *(f"b{at}" for at in range(ROWS - 1))]


def test_another_model_is_not_mixed(
    start: Start, target: Target, tiny_model: Path, wild_model: Path, news: list[Path]
) -> None:
    with pytest.raises(Killed):
        start(ended_after(5))
    with Annotator.load(wild_model) as wild:
        job = Job(target.parts, job_of(target.parts.parent, wild_model).options, wild_model, wild.manifest.sha256)
        work = partial(run_local, job=job, annotator=wild)
        run_job(target, list(find_sources(map(str, news))), job, work, Meter(Console(stderr=True), False, 0), 3)
    assert {json.loads(line)["model"] for line in target.output.read_bytes().splitlines()} == {"wild@1"}


def test_nothing_rejected_leaves_no_list(start: Start, target: Target, news: list[Path]) -> None:
    start()
    assert target.rejected.exists()
    news[1:] = []
    write_lines(news[0], [json.dumps({"text": TEXT})])
    start()
    assert not target.rejected.exists()
    assert not target.parts.exists()


def test_two_runs_cannot_write_one_output(start: Start, target: Target) -> None:
    target.parts.mkdir()
    with FileLock(target.parts / "lock"), pytest.raises(OutputError, match="is being written by another run"):
        start()


def test_a_folder_of_someone_else_is_not_replaced(start: Start, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="is a folder that was there before"):
        start(to=Target(mine, Format.BRAT))
    assert (mine / "thesis.txt").exists()


def test_the_manifest_says_what_was_annotated(start: Start, target: Target, tiny: Annotator, news: list[Path]) -> None:
    start()
    lines = [json.loads(line) for line in target.manifest.read_bytes().splitlines()]
    assert lines[0]["sha256"] == tiny.manifest.sha256
    assert {piece["source"] for line in lines if "shard" in line for piece in line["shard"]["pieces"]} == {
        str(news[0]),
        str(news[2]),
    }
    assert lines[-1]["done"]["summary"]["annotated"] == 18


def test_what_a_killed_run_left_is_swept(start: Start, target: Target) -> None:
    target.parts.mkdir()
    (target.parts / "lock").touch()
    temporary(target.parts).write_text("half")
    start()
    assert not target.parts.exists()


def test_a_folder_that_was_changed_since_is_not_replaced(start: Start, tmp_path: Path) -> None:
    target = Target(tmp_path / "mine", Format.BRAT)
    start(to=target)
    annotations = next(target.output.rglob("*.ann"))
    annotations.write_text(annotations.read_text("utf-8") + "T99\tPER 0 3\tabc\n", "utf-8")
    with pytest.raises(OutputError, match="was changed since it was written"):
        start(to=target)
    assert "T99" in annotations.read_text("utf-8")


def test_a_folder_of_parts_of_someone_else_is_left_alone(start: Start, target: Target) -> None:
    target.parts.mkdir()
    (target.parts / "mine.txt").write_text("years of work")
    with pytest.raises(OutputError, match="is something else"):
        start()
    assert (target.parts / "mine.txt").exists()


def test_what_is_not_of_the_job_keeps_the_folder_of_parts(start: Start, target: Target) -> None:
    def with_a_guest(shards: Iterable[Shard], job: Job, annotator: Annotator) -> Iterator[tuple[Shard, Tally]]:
        (job.folder / "notes.txt").write_text("mine")
        yield from run_local(shards, job, annotator)

    start(with_a_guest)
    assert [path.name for path in target.parts.iterdir()] == ["notes.txt"]


def test_a_name_that_leaves_no_room_is_refused_before_any_work(start: Start, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is too long"):
        start(to=Target(tmp_path / ("n" * 250), Format.JSONL))
    assert not list(tmp_path.glob("n*"))


@pytest.mark.parametrize("before", ["missing", "parts", "done"])
def test_strict_takes_no_rejected_row_from_before(
    start: Start, target: Target, news: list[Path], tiny: Annotator, tiny_model: Path, tmp_path: Path, before: str
) -> None:
    if before != "missing":
        del news[1]
    if before == "parts":
        with pytest.raises(Killed):
            start(ended_after(3))
    if before == "done":
        start()
    job = Job(target.parts, job_of(tmp_path, tiny_model).options, tiny_model, tiny.manifest.sha256, strict=True)
    work = partial(run_local, job=job, annotator=tiny)
    with pytest.raises(JobError):
        run_job(target, list(find_sources(map(str, news))), job, work, Meter(Console(stderr=True), False, 0), 3)


@pytest.mark.parametrize("format", [Format.JSONL, Format.BRAT])
@pytest.mark.parametrize("moves", [0, 1, 2])
def test_goes_on_whenever_it_is_ended_while_all_is_put_in_place(
    start: Start, news: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: Format, moves: int
) -> None:
    """The rejected rows, the output and the manifest are moved one after the other."""
    whole, target = Target(tmp_path / "whole", format), Target(tmp_path / "mine", format)
    start(to=target)
    news[0].write_text(news[0].read_text("utf-8").replace('"a0"', '"c0"'), "utf-8")  # what is there is of before
    start(to=whole)
    left = [moves]

    def move(unfinished: Path, path: Path) -> None:
        if not left[0]:
            raise Killed
        left[0] -= 1
        files.move(unfinished, path)

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "move", move)
        with pytest.raises(Killed):
            start(to=target)
    start(to=target)
    assert jobs._digest(target.output) == jobs._digest(whole.output)
    assert target.rejected.read_bytes() == whole.rejected.read_bytes()
    assert not target.parts.exists()


def test_a_folder_is_put_aside_before_it_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a run that is ended while it removes the old one leaves a folder that is neither."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, text in ((old, "old"), (new, "new")):
        folder.mkdir()
        (folder / "a").write_text(text)
    monkeypatch.setattr(files, "remove", lambda path: pytest.fail("still there") if path == old else None)
    files.move(new, old)
    assert [path.read_text() for path in old.iterdir()] == ["new"]
