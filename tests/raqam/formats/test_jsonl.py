"""JSON Lines: the record of every article, as the service returns it."""

from __future__ import annotations

import json
from pathlib import Path

from raqam.formats import Format
from tests.raqam.formats.items import EVERY, write


def test_holds_every_record(tmp_path: Path) -> None:
    lines = write(Format.JSONL, tmp_path / "out", EVERY).read_bytes().split(b"\n")
    assert [json.loads(line) for line in lines[:-1]] == [item.record.to_dict() for item in EVERY]
    assert lines[-1] == b""
