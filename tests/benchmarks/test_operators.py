from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import operators


def test_every_operator_has_its_share(quantized_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert operators.main(["--model", str(quantized_model), "--runs", "2"]) == 0
    said = capsys.readouterr().out
    assert "| operator | runs | ms | share |" in said
    assert "of the time with every fusion" in said


def test_no_runs_are_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert operators.main(["--runs", "0"]) == 2
    assert capsys.readouterr().err == "--runs must be at least 1.\n"
