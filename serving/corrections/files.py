"""The file of SQLite that a URL names."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy import URL


def _is_uri(url: URL) -> bool:
    return str(url.query.get("uri", "")).lower() in ("true", "1", "yes", "on", "t", "y")


def file_of(url: URL) -> str:
    """The path that a URL of SQLite names; a URI has it behind ``file:`` and perhaps a host, with percent signs."""
    name = url.database or ""
    if not (_is_uri(url) and name.startswith("file:")):
        return name
    path = name.removeprefix("file:").partition("?")[0].partition("#")[0]
    if path.startswith("//"):
        path = "/" + path[2:].partition("/")[2]
    return unquote(path)


def is_fixed(url: URL) -> bool:
    """Whether a URI says that nothing may be made."""
    return _is_uri(url) and (url.query.get("mode") in ("ro", "rw") or "immutable" in url.query)


def has_content(file: Path) -> bool:
    """Whether *file* is there and was not emptied."""
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:
        return False


def make_private(file: Path) -> None:
    """Make *file*, if it is not there, for the user of this process alone; SQLite gives those beside it its rights."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
