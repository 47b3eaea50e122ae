from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from benchmarks import writing
from training.examples import Example

TEXT = "کرايه‌ خانه‌ها در يزد ۴۷ درصد"
ROWS = [
    {"text": "علی رضایی در قم بود", "spans": [{"start": 0, "end": 9, "label": "PER"}]},
    {"text": "می‌گوید ۴۷ درصد", "spans": [{"start": 8, "end": 15, "label": "PCT"}]},
]


def test_every_way_has_a_row(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "dev.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in ROWS), "utf-8")
    assert writing.main([str(file), "--model", str(tiny_model)]) == 0
    said = capsys.readouterr().out
    assert all(f"| {name} |" in said for name in writing.WAYS)
    assert "on 2 articles" in said


def test_spans_move_along() -> None:
    example = Example(TEXT, ((TEXT.index("۴۷"), len(TEXT), "PCT"),))
    texts = {}
    for name, way in writing.WAYS.items():
        [found] = writing.written([example], way)
        [(start, end, label)] = found.spans
        assert (found.text[start:end].replace("47", "۴۷"), label) == ("۴۷ درصد", "PCT")
        texts[name] = found.text
    assert texts["as they are"] == TEXT
    assert "\u200c" not in texts["without non-joiners"]
    assert "".join(writing.arabic_latin("یک ۴۷", random.Random(0))) == "يك 47"


def test_an_absent_file_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert writing.main(["nowhere.jsonl"]) == 2
    assert "nowhere.jsonl" in capsys.readouterr().err
