"""The file of a shard: what is in it, when it is believed, and that it is there whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest

from raqam import Annotator, Article
from raqam.batch.shards import Job, JobError, Rejection, Shard, decode, encode, read_part, run_shard
from tests.raqam.batch.corpora import job_of, plan_of, write_lines

TEXT = "استاندار همدان امروز آمد."


@pytest.fixture
def job(tmp_path: Path, tiny_model: Path) -> Job:
    return job_of(tmp_path, tiny_model)


@pytest.fixture
def shard(tmp_path: Path, job: Job) -> Shard:
    rows = ['{"text": "همدان", "id": "a", "published": "2025-09-25"}', "{", f'{{"text": "{TEXT}"}}']
    (found,) = plan_of(job, [write_lines(tmp_path / "news.jsonl", rows)])
    return found


def test_holds_an_entry_for_each_row_in_order(shard: Shard, job: Job, tiny: Annotator) -> None:
    tally = run_shard(shard, job, tiny)
    assert (tally.rows, tally.annotated, tally.rejected) == (3, 2, 1)
    lines, read = read_part(job.path(shard), shard.key) or ([], None)
    first, bad, last = map(decode, lines)
    assert read == tally
    assert not isinstance(first, Rejection)
    assert not isinstance(last, Rejection)
    article = Article("همدان", "a", dt.date(2025, 9, 25))
    assert (first[0], first[1].to_dict()) == (article, tiny.annotate(article).to_dict())
    assert isinstance(bad, Rejection)
    assert (bad.line, bad.reason) == (2, "invalid_json")
    assert last[1].id == "news.jsonl:3"
    assert [encode(entry) for entry in (first, bad, last)] == lines


def test_watches_every_row(shard: Shard, job: Job, tiny: Annotator) -> None:
    seen: list[tuple[int, str | None]] = []
    run_shard(
        shard, job, tiny, lambda tally, rejected: seen.append((tally.annotated, rejected.reason if rejected else None))
    )
    assert seen == [(1, None), (0, "invalid_json"), (1, None)]


def test_gives_the_same_bytes_every_time(shard: Shard, job: Job, tiny: Annotator) -> None:
    run_shard(shard, job, tiny)
    first = job.path(shard).read_bytes()
    run_shard(shard, job, tiny)
    assert job.path(shard).read_bytes() == first


@pytest.mark.parametrize("harm", ["cut", "flip", "drop", "other", "empty", "absent"])
def test_a_file_that_is_not_whole_is_not_believed(shard: Shard, job: Job, tiny: Annotator, harm: str) -> None:
    run_shard(shard, job, tiny)
    path = job.path(shard)
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    harmed = {
        "cut": content[:-5],
        "flip": content.replace(b"PER", b"LOC", 1).replace("همدان".encode(), "زنجان".encode(), 1),
        "drop": b"".join(lines[1:]),
        "other": content.replace(shard.key.encode(), b"0" * 64),
        "empty": b"",
    }
    if harm == "absent":
        path.unlink()
    else:
        path.write_bytes(harmed[harm])
    assert read_part(path, shard.key) is None


def test_strict_stops_at_the_first_rejected_row_and_leaves_no_file(
    shard: Shard, tiny: Annotator, tmp_path: Path, tiny_model: Path
) -> None:
    strict = job_of(tmp_path, tiny_model, strict=True)
    with pytest.raises(JobError, match=r"news\.jsonl:2: not valid JSON.*--strict"):
        run_shard(shard, strict, tiny)
    assert not strict.path(shard).exists()
    assert not list(strict.folder.glob(".*unfinished"))


@pytest.mark.parametrize("change", ["rewritten", "shorter", "gone"])
def test_a_source_that_changed_is_noticed(shard: Shard, job: Job, tiny: Annotator, tmp_path: Path, change: str) -> None:
    path = tmp_path / "news.jsonl"
    if change == "gone":
        path.unlink()
    else:
        path.write_text('{"text": "قم"}\n' * (3 if change == "rewritten" else 1), "utf-8")
        os.utime(path, ns=(1, 1))
    with pytest.raises(JobError, match="was changed while it was annotated"):
        run_shard(shard, job, tiny)
    assert not job.path(shard).exists()


def test_the_key_stands_for_all_that_the_content_depends_on(tmp_path: Path, tiny_model: Path) -> None:
    path = write_lines(tmp_path / "news.jsonl", [json.dumps({"text": TEXT})] * 4)
    job = job_of(tmp_path, tiny_model)
    first, second = plan_of(job, [path], rows=2)
    again = plan_of(job, [path], rows=2)
    other_model = plan_of(job_of(tmp_path, tiny_model, sha256="0" * 64), [path], rows=2)
    write_lines(path, [json.dumps({"text": TEXT})] * 3 + [json.dumps({"text": "قم"})])
    other_bytes = plan_of(job, [path], rows=2)
    keys = [shard.key for shard in (first, second, *other_model, *other_bytes)]
    assert [first, second] == again
    assert len(set(keys)) == 6
