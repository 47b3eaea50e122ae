"""The settings of the service, read from environment variables that begin with ``RAQAM_``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from raqam.records import MAX_CHARACTERS

PREFIX: Final = "RAQAM_"


class Settings(BaseSettings):
    """Every setting, with its default; ``RAQAM_PORT=9000`` sets ``port``. An empty variable counts as not set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    model: Path | None = Field(default=None, description="the model folder; the default model where not set")
    threads: int | None = Field(
        default=None, ge=1, le=256, description="threads of the model; one per core where not set"
    )
    host: str = Field(default="127.0.0.1", description="the address to listen on; 0.0.0.0 for every interface")
    port: int = Field(default=8000, ge=0, le=65535, description="the port to listen on; 0 for any that is free")
    max_body_bytes: int = Field(default=8 * 1024 * 1024, ge=1024, description="bytes of a request's body")
    max_characters: int = Field(default=MAX_CHARACTERS, ge=1, le=MAX_CHARACTERS, description="characters of one text")
    max_articles: int = Field(default=1000, ge=1, description="articles of one request")
    concurrency: int = Field(default=2, ge=1, le=64, description="how many requests use the model at the same time")
    log_level: str = Field(
        default="info", pattern="^(critical|error|warning|info|debug)$", description="what is logged"
    )


def explain(error: ValidationError) -> str:
    """Say in one sentence which variables of the environment are wrong, and what they must be."""
    faults = [f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
    return f"The settings cannot be used: {'; '.join(faults)}."


def describe() -> str:
    """List the variables with their defaults, one a line, for the help of the command."""
    return "\n".join(
        f"  {PREFIX + name.upper():<22} {_describe(field)}" for name, field in Settings.model_fields.items()
    )


def _describe(field: FieldInfo) -> str:
    return f"{field.description}" + ("" if field.default is None else f" (default: {field.default})")
