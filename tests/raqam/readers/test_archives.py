"""Archives: what is packed reads as if it were not, up to where it is damaged, in bounded memory."""

from __future__ import annotations

import io
import lzma
import sys
import tracemalloc
from pathlib import Path
from typing import cast

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from raqam.errors import SourceError
from raqam.readers import Source
from raqam.readers.archives import SUFFIXES, DamagedError, unpacked
from raqam.records import Article
from tests.raqam.readers.reading import PACKERS, TEXT, errors, ids, marks, read, write

LINES = b"".join(b'{"text": "%d"}\n' % number for number in range(20_000))


def raw(content: bytes) -> io.RawIOBase:
    return cast(io.RawIOBase, io.BytesIO(content))


def test_every_suffix_is_tried() -> None:
    assert set(PACKERS) == set(SUFFIXES)


@pytest.mark.parametrize("suffix", SUFFIXES)
class TestEvery:
    def test_reads_like_what_is_packed(self, tmp_path: Path, suffix: str) -> None:
        assert read(write(tmp_path, f"خبر.txt{suffix}", PACKERS[suffix](TEXT.encode()))) == [
            Article(TEXT, f"خبر.txt{suffix}")
        ]
        assert read(write(tmp_path, f"a.TXT{suffix.upper()}", PACKERS[suffix](TEXT.encode("utf-16")))) == [
            Article(TEXT, f"a.TXT{suffix.upper()}")
        ]

    @given(parts=st.lists(st.binary(max_size=200), min_size=1, max_size=4), step=st.integers(1, 300))
    def test_archives_behind_each_other_are_one(self, suffix: str, parts: list[bytes], step: int) -> None:
        stream = unpacked(raw(b"".join(map(PACKERS[suffix], parts))), suffix)
        assert b"".join(iter(lambda: stream.read(step) or b"", b"")) == b"".join(parts)

    @pytest.mark.parametrize("lost", [1, 7, 1000])
    def test_cut_off(self, tmp_path: Path, suffix: str, lost: int) -> None:
        path = write(tmp_path, f"a.jsonl{suffix}", PACKERS[suffix](LINES)[:-lost])
        found = read(path)
        (error,) = errors(found)
        assert error == str(found[-1])
        where = path if len(found) == 1 else f"{path}:{len(found)}"  # bzip2 packs all of it together
        assert error.startswith(f"{where}: the archive is cut off here, near its byte ")
        assert ids(found) == [f"a.jsonl{suffix}:{line}" for line in range(1, len(found))]
        assert len(marks(Source(path))) == len(found)

    def test_damaged_in_the_middle(self, tmp_path: Path, suffix: str) -> None:
        packed = bytearray(PACKERS[suffix](LINES * 9))
        packed[len(packed) // 2] ^= 0xFF
        path = write(tmp_path, f"a.jsonl{suffix}", bytes(packed))
        found = read(path)
        assert "the archive is " in str(found[-1])
        assert len(marks(Source(path))) == len(found)

    def test_something_else_behind_it(self, tmp_path: Path, suffix: str) -> None:
        path = write(tmp_path, f"a.txt{suffix}", PACKERS[suffix](b"a") + b"something else behind it")
        (error,) = read(path)
        assert "the archive is damaged here, near its byte" in str(error)

    def test_zeros_behind_it_are_nothing(self, tmp_path: Path, suffix: str) -> None:
        assert read(write(tmp_path, f"a.txt{suffix}", PACKERS[suffix](b"a") + bytes(512))) == [
            Article("a", f"a.txt{suffix}")
        ]

    @pytest.mark.parametrize("content", [b"", b"no archive", b"\x00" * 40])
    def test_that_is_none(self, tmp_path: Path, suffix: str, content: bytes) -> None:
        path = write(tmp_path, f"a.csv{suffix}", content)
        (error,) = read(path)
        assert str(error).startswith(f"{path}: the archive is ")
        assert isinstance(error, SourceError)
        assert error.reason == "damaged"

    def test_of_nothing_is_nothing(self, tmp_path: Path, suffix: str) -> None:
        assert read(write(tmp_path, f"a.jsonl{suffix}", PACKERS[suffix](b""))) == []

    def test_fails_again_when_asked_again(self, suffix: str) -> None:
        stream = unpacked(raw(PACKERS[suffix](LINES)[:-9]), suffix)
        for _ in range(2):
            with pytest.raises(DamagedError):
                list(iter(lambda: stream.read(1 << 20), b""))

    def test_a_bomb_stays_small(self, tmp_path: Path, suffix: str) -> None:
        path = write(tmp_path, f"a.jsonl{suffix}", PACKERS[suffix](bytes(1 << 27)) * 2)
        tracemalloc.start()
        try:
            (error,) = read(path)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert "the line has over 3,200,000 bytes" in str(error)
        assert peak < 64 << 20


def test_a_dictionary_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    packed = bytearray(lzma.compress(b"a", filters=filters))
    assert read(write(tmp_path, "a.txt.xz", bytes(packed))) == [Article("a", "a.txt.xz")]
    window = zstandard.ZstdCompressionParameters(window_log=30)
    packed_zst = zstandard.ZstdCompressor(compression_params=window).compressobj()
    path = write(tmp_path, "a.txt.zst", packed_zst.compress(b"a") + packed_zst.flush())
    assert "the archive is damaged here" in str(read(path)[0])


def test_zstandard_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.jsonl.zst", b"")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    (error,) = read(path)
    assert str(error) == f"{path}: reading .zst needs the package zstandard: pip install 'raqam[zstd]'."
    with pytest.raises(SourceError, match=r"a\.jsonl\.zst: reading \.zst needs the package zstandard") as caught:
        marks(Source(path))
    assert caught.value.reason == "missing_package"
