from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import uncertainty

ROWS = [
    {"id": "a", "text": "استاندار همدان رسید", "spans": [{"start": 0, "end": 8, "label": "TTL"}]},
    {"id": "b", "text": "علی رضایی در قم بود", "spans": [{"start": 0, "end": 9, "label": "PER"}]},
    {"id": "c", "text": "چیزی نیست", "spans": []},
]


def test_every_measure_has_a_row(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "dev.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in ROWS), "utf-8")
    assert uncertainty.main([str(file), "--model", str(tiny_model)]) == 0
    said = capsys.readouterr().out
    assert all(f"| {name} |" in said for name in uncertainty.MEASURES)
    assert "3 articles of 16 characters and 0.7 errors; tiny@1." in said
