from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from serving.settings import Settings, describe, explain


def test_defaults_need_no_variable() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.model, settings.max_characters) == ("127.0.0.1", 8000, None, 200_000)


def test_variables_are_read_and_empty_ones_are_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAQAM_PORT", "9000")
    monkeypatch.setenv("RAQAM_MODEL", "somewhere")
    monkeypatch.setenv("RAQAM_HOST", "")
    settings = Settings()
    assert (settings.port, settings.model, settings.host) == (9000, Path("somewhere"), "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("MAX_CHARACTERS", "0"),
        ("MAX_CHARACTERS", "200001"),
        ("LOG_LEVEL", "loud"),
        ("THREADS", "0"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"RAQAM_{name}", value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert f"RAQAM_{name}: " in explain(caught.value)


def test_every_setting_is_described() -> None:
    lines = describe().splitlines()
    assert len(lines) == len(Settings.model_fields)
    assert "None" not in describe()
