"""The settings of the service, read from environment variables that begin with ``RAQAM_``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

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
    max_body_bytes: int = Field(
        default=8 * 1024 * 1024, ge=1024, description="bytes of a request's body, of a line in NDJSON"
    )
    max_characters: int = Field(default=MAX_CHARACTERS, ge=1, le=MAX_CHARACTERS, description="characters of one text")
    max_articles: int = Field(default=1000, ge=1, description="articles of one request; NDJSON has no limit")
    queue_tokens: int = Field(default=32_768, ge=1, description="tokens that may wait; beyond them the answer is 429")
    deadline_seconds: float = Field(
        default=30.0, gt=0, description="how long an article, or a part of several, may take; then the answer is 504"
    )
    batch_windows: int = Field(default=1, ge=1, le=64, description="windows of equal length that share a run")
    batch_tokens: int = Field(default=4096, ge=1, description="tokens of a run")
    header_seconds: float = Field(default=10.0, gt=0, description="how long the head of a request may take to arrive")
    body_seconds: float = Field(default=30.0, gt=0, description="the longest pause between two pieces of a body")
    keep_alive_seconds: int = Field(default=75, ge=1, description="how long an idle connection stays open")
    max_connections: int = Field(default=1000, ge=1, description="connections that may be open, per worker")
    workers: int = Field(default=1, ge=1, le=64, description="processes that share the port; each has its own queue")
    drain_seconds: float = Field(default=30.0, ge=0, description="how long requests may take to end after SIGTERM")
    grace_seconds: float = Field(
        default=1.0, ge=0, description="how long the port stays open after SIGTERM, for load balancers to notice"
    )
    database: str = Field(
        default="sqlite:///corrections/raqam.sqlite3",
        description="the URL of the database of kept articles and corrections; none to keep nothing",
    )
    compare_model: Path | None = Field(default=None, description="a model folder that /compare compares with")
    api_keys: Path | None = Field(default=None, description="the file of hashed keys; without it no key is asked for")
    allow_open: bool = Field(
        default=False, description="serve without keys on an address that is not of this machine alone"
    )
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="names that a service without keys goes by, besides localhost, separated by commas"
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="origins whose pages may call the service, separated by commas"
    )
    telemetry: bool = Field(default=False, description="send traces by OpenTelemetry (needs the extra telemetry)")
    log_format: Literal["console", "json"] = Field(default="console", description="how a line of the log is written")
    log_level: str = Field(
        default="info", pattern="^(critical|error|warning|info|debug)$", description="what is logged"
    )

    @field_validator("cors_origins", "trusted_hosts", mode="before")
    @classmethod
    def _parted(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def explain(error: ValidationError) -> str:
    """Say in one sentence which variables of the environment are wrong, and what they must be."""
    faults = [f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
    return f"The settings cannot be used: {'; '.join(faults)}."


def describe() -> str:
    """List the variables with their defaults, one a line, for the help of the command."""
    return "\n".join(
        f"  {PREFIX + name.upper():<24} {_describe(field)}" for name, field in Settings.model_fields.items()
    )


def _describe(field: FieldInfo) -> str:
    return f"{field.description}" + ("" if field.default in (None, ()) else f" (default: {field.default})")
