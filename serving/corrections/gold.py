"""Corrected articles as gold files: the format of ``annotations/gold``, in a zip or in a folder."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Final

from serving.corrections.rows import Stored

#: In a folder, the names of the files that an export has written there, so that the next one removes what is no more.
LIST: Final = ".exported"
_NAME: Final = re.compile(r"[0-9a-f]{32}\.json")

#: When the files of a zip were made, for the same ones to give the same bytes.
EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class ListError(Exception):
    """What earlier exports wrote cannot be told. The message is a sentence."""


def gold_of(stored: Stored) -> dict[str, Any]:
    """*stored* as the JSON object of a gold file: its key as the id, neither model nor scores."""
    annotation = stored.revision.annotation
    published = {} if stored.published is None else {"published": stored.published}
    spans = [{name: span[name] for name in ("start", "end", "label", "text", "value")} for span in annotation.spans]
    return {
        "id": stored.article, **published, "text": stored.text,
        "spans": spans, "facts": [dict(fact) for fact in annotation.facts],
    }  # fmt: skip


def file_of(stored: Stored) -> tuple[str, bytes]:
    """The name and the content of the gold file of *stored*: a line a span, as files that are kept in git should be."""
    rows = gold_of(stored)
    fields = []
    for name, value in rows.items():
        if isinstance(value, list) and value:
            lines = ",\n".join(f"  {_dumps(row)}" for row in value)
            fields.append(f' "{name}": [\n{lines}\n ]')
        else:
            fields.append(f' "{name}": {_dumps(value)}')
    return f"{stored.article}.json", ("{\n" + ",\n".join(fields) + "\n}\n").encode()


def write_zip(articles: Iterable[Stored], file: IO[bytes]) -> None:
    """Write a zip of the gold files of *articles*; the same articles give the same bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for stored in articles:
            name, content = file_of(stored)
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)


def write_folder(articles: Iterable[Stored], folder: Path) -> int:
    """Write the gold files of *articles* into *folder* and return how many; remove those of an earlier export.

    A file that no export wrote is left alone. Every name is in the list before its file is there, so that the next
    export knows it even where this one ends in the middle. Raises :class:`ListError`.
    """
    before = _listed(folder)
    written: dict[str, None] = {}
    for stored in articles:
        name, content = file_of(stored)
        if not written:
            _begin(folder, before)
        if name not in before:
            _append(folder / LIST, name)
        _replace(folder / name, content)
        written[name] = None
    if not written:
        _begin(folder, before)
    for name in before - written.keys():
        (folder / name).unlink(missing_ok=True)
    for name in before:
        _part_of(folder / name).unlink(missing_ok=True)
    _replace(folder / LIST, _lines(written))
    return len(written)


def _begin(folder: Path, before: Iterable[str]) -> None:
    """Make *folder*, for the user of this process alone, with the list of what is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(folder / LIST, _lines(sorted(before)))


def _listed(folder: Path) -> set[str]:
    """The names that the list in *folder* has; only such as an export gives."""
    try:
        names = (folder / LIST).read_text("utf-8").split()
    except FileNotFoundError:
        return set()
    except UnicodeDecodeError:
        raise ListError(
            f"{folder / LIST} is damaged, and does not say which files an export wrote: remove it, and those of "
            "articles that are no more, by hand."
        ) from None
    return {name for name in names if _NAME.fullmatch(name)}


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


def _append(path: Path, name: str) -> None:
    with path.open("ab") as file:
        file.write(_lines([name]))


def _replace(path: Path, content: bytes) -> None:
    """Write *path*, for the user of this process alone, so that it is never there by half."""
    part = _part_of(path)
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    os.replace(part, path)


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
