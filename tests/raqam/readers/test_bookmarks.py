"""Bookmarks: shards of an archive that are read in order unpack it once, and a changed file is read anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from raqam.readers import Source, archives
from raqam.records import Article
from tests.raqam.readers.reading import PACKERS, marks, write

SUFFIX = ".jsonl.gz"


def content(word: str, rows: int = 100) -> bytes:
    return PACKERS[".gz"](f'{{"text": "{word}"}}\n'.encode() * rows)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The archives that were opened."""
    found: list[str] = []
    new = archives.Unpacked.__init__

    def init(self: archives.Unpacked, *arguments: object) -> None:
        found.append("")
        new(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(archives.Unpacked, "__init__", init)
    return found


def test_in_order_an_archive_is_opened_once(tmp_path: Path, opened: list[str]) -> None:
    source = Source(write(tmp_path, f"a{SUFFIX}", content("a")))
    found = [mark for mark, _ in marks(source)]
    opened.clear()
    assert sum(len(list(source.rows(found[start], 20))) for start in range(0, 100, 20)) == 100
    assert len(opened) == 1
    assert len(list(source.rows(found[0], 20))) == 20
    assert len(list(source.rows(found[50], 20))) == 20  # a shard between them was done before
    assert len(opened) == 2


def test_a_file_in_its_place_is_another(tmp_path: Path) -> None:
    source = Source(write(tmp_path, f"a{SUFFIX}", content("a")))
    found = [mark for mark, _ in marks(source)]
    assert len(list(source.rows(found[0], 20))) == 20
    other = write(tmp_path, "other", content("b"))
    os.replace(other, tmp_path / f"a{SUFFIX}")
    (row,) = source.rows(found[20], 1)
    assert row.found == Article("b", f"a{SUFFIX}:21")


def test_few_files_are_kept_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else None
    for number in range(20):
        source = Source(write(tmp_path, f"{number}{SUFFIX}", content("a")))
        assert len(list(source.rows(count=2))) == 2
    if before is not None:
        assert len(os.listdir("/proc/self/fd")) <= before + 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_fork_reads_on_its_own(tmp_path: Path) -> None:
    source = Source(write(tmp_path, f"a{SUFFIX}", content("a", 50_000)))
    found = [mark for mark, _ in marks(source)]
    code = (
        "import os, sys; from pathlib import Path; from raqam.readers import Mark, Source\n"
        "source = Source(Path(sys.argv[1]))\n"
        "ids = lambda start: [row.found.id for row in source.rows(Mark(start), 10)]\n"
        "ids(0)\n"
        "child = os.fork()\n"
        "rest = [row.found.id for row in source.rows(Mark(10))]\n"
        "assert rest[-1] == f'{source.path.name}:50000' and len(rest) == 49_990\n"
        "sys.exit(0) if not child else sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    assert len(found) == 50_000
    assert source.path is not None
    subprocess.run([sys.executable, "-c", code, source.path], check=True)


def test_what_is_open_at_the_end_goes_quietly(tmp_path: Path) -> None:
    write(tmp_path, f"a{SUFFIX}", content("a"))
    pq.write_table(pa.table({"text": ["a"] * 1000}), tmp_path / "a.parquet")
    code = (
        "import sys; from pathlib import Path; from raqam.readers import Source\n"
        "for name in sys.argv[1:]: print(len(list(Source(Path(name)).rows(count=2))))\n"
    )
    names = [str(tmp_path / name) for name in (f"a{SUFFIX}", "a.parquet")]
    done = subprocess.run([sys.executable, "-W", "error", "-c", code, *names], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"2\n2\n", b"")
