"""What the machine fails at is told from what is wrong with a file."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from pathlib import Path

import pytest

from raqam.errors import SourceError
from raqam.readers import MACHINE, Source, find_sources
from raqam.readers.archives import DamagedError
from raqam.readers.failures import unreadable
from tests.raqam.readers.reading import TEXT, write

KINDS = [".txt", ".jsonl", ".csv", ".html", ".jsonl.gz", ".csv.zst"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EMFILE, "x"), "machine"),
        (OSError(errno.ENOSPC, "x"), "machine"),
        (OSError(errno.ESTALE, "x"), "machine"),
        (MemoryError(), "machine"),
        (OSError(errno.ENOENT, "x"), "unreadable"),
        (PermissionError(errno.EACCES, "x"), "unreadable"),
        (OSError("x"), "unreadable"),
        (DamagedError("x"), "damaged"),
    ],
)
def test_reasons(error: OSError | MemoryError, reason: str) -> None:
    assert unreadable(error).reason == reason
    assert (reason in MACHINE) == (reason == "machine")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that cannot be read")
@pytest.mark.parametrize("suffix", KINDS)
def test_a_disk_that_fails_ends_the_rows_and_the_scan(tmp_path: Path, suffix: str) -> None:
    source = Source(tmp_path / f"خبر{suffix}")
    (tmp_path / f"خبر{suffix}").symlink_to("/proc/self/mem")
    (row,) = source.rows()
    assert isinstance(row.found, SourceError)
    assert (row.found.reason, str(row.found)) == ("machine", f"{source.path}: cannot be read: Input/output error.")
    with pytest.raises(SourceError, match=r"cannot be read: Input/output error\.$") as caught:
        list(source.scan(hashlib.sha256()))
    assert caught.value.reason == "machine"


@pytest.mark.skipif(sys.platform != "linux", reason="limits files that are open")
@pytest.mark.parametrize("suffix", [*KINDS, ".parquet"])
def test_too_many_open_files(tmp_path: Path, suffix: str) -> None:
    import resource

    source = Source(write(tmp_path, f"a{suffix}", TEXT))
    list(source.rows())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        rows = list(source.rows())
        found = list(find_sources([str(tmp_path)]))
        with pytest.raises(SourceError) as caught:
            list(source.scan(hashlib.sha256()))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    for error in (rows[0].found, *found, caught.value):
        assert isinstance(error, SourceError)
        assert error.reason == "machine"
        assert str(error).endswith(f"cannot be read: {os.strerror(errno.EMFILE)}.")


def test_too_little_memory_for_a_row_is_not_its_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_text: str) -> None:
        raise MemoryError

    monkeypatch.setattr("json.loads", fail)
    (row,) = Source(write(tmp_path, "a.jsonl", "{}")).rows()
    assert isinstance(row.found, SourceError)
    assert row.found.reason == "machine"
    assert str(row.found).endswith("a.jsonl:1: cannot be read: there is not enough memory.")
