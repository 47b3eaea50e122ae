"""The manifest of a model folder: what the model is, and the sha256 of every file it consists of.

A model folder describes itself with ``manifest.json``. :func:`read_manifest` checks that file alone,
:func:`verify` checks the folder against it, and :func:`write_manifest` writes it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Final

from raqam.errors import ManifestError, MismatchError, ModelNotFoundError
from raqam.labels import CODES, tags_of
from raqam.text import NORMALIZER_VERSION

FORMAT: Final = 1
MANIFEST_FILE: Final = "manifest.json"
MODEL_FILE: Final = "model.int8.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
RUNTIME_FILES: Final = frozenset({MODEL_FILE, TOKENIZER_FILE})
SPECIAL_TOKENS: Final = 2  # a window opens with one and closes with one


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the folder. Files that are not for *runtime* (checkpoint, card) may be absent where a model runs."""

    sha256: str
    bytes: int
    runtime: bool = True


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What ``manifest.json`` says; the names of the fields are the names in the file.

    ``tags`` are the BIO tags of ``labels`` in the order of the logits; ``normalizer`` is the version of
    :mod:`raqam.text` the model was trained behind; ``window`` and ``overlap`` are in tokens, ``window`` with its two
    special tokens; ``files`` are paths relative to the folder, with ``/`` between parts.
    """

    name: str
    version: str
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    normalizer: int
    window: int
    overlap: int
    created: str
    files: Mapping[str, FileEntry] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[Mapping[str, Any], ...] = ()
    format: int = FORMAT

    @property
    def id(self) -> str:
        """The model as records name it: ``NAME@VERSION``."""
        return f"{self.name}@{self.version}"

    @cached_property  # every answer of the service names it
    def sha256(self) -> str:
        """The sha256 of ``manifest.json`` as :func:`write_manifest` writes it: the identity of the model."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The content of ``manifest.json``: sorted keys, two spaces, a newline at the end; the same every time."""
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of *folder*, every field checked; the other files of the folder are not looked at.

    Raises :class:`ModelNotFoundError` where there is no folder, :class:`ManifestError` for anything else.
    """
    if not folder.is_dir():
        raise ModelNotFoundError(f"There is no model folder at {folder}.")
    path = folder / MANIFEST_FILE
    content = _load(path)
    written = content.get("format")
    if _is_count(written) and written != FORMAT:
        raise ManifestError(f"{path} has format {written}; this version of Raqam reads format {FORMAT}.")
    if problems := _problems(content):
        raise ManifestError(f"{path} is not a manifest: {'; '.join(problems)}.")
    return _from_content(content)


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Write ``manifest.json`` for the files that lie in *folder* now, and return it.

    ``manifest.files`` is replaced: every file below *folder* is hashed, hidden ones aside. The model and the tokenizer
    are marked as needed at run time, the rest is not. Raises :class:`ManifestError` if what would be written could
    not be read back.
    """
    manifest = replace(manifest, files={name: _entry(folder, name) for name in _names(folder)})
    if problems := _problems(json.loads(manifest.to_json())):
        raise ManifestError(f"The manifest for {folder} cannot be written: {'; '.join(problems)}.")
    (folder / MANIFEST_FILE).write_bytes(manifest.to_json().encode())
    return manifest


def verify(folder: Path, manifest: Manifest, *, everything: bool = False) -> None:
    """Raise :class:`MismatchError` unless *folder* holds what *manifest* says and this version can run it.

    Only the files needed at run time are checked, unless *everything* is asked for.
    """
    _verify_tags(folder, manifest)
    if manifest.normalizer != NORMALIZER_VERSION:
        raise MismatchError(
            f"The model in {folder} was trained behind normalizer {manifest.normalizer}; this version of Raqam has "
            f"normalizer {NORMALIZER_VERSION}. Install the Raqam release it was made with, or export the model again."
        )
    for name, entry in sorted(manifest.files.items()):
        if entry.runtime or everything:
            _verify_file(folder / name, entry)


def _verify_tags(folder: Path, manifest: Manifest) -> None:
    if unknown := [code for code in manifest.labels if code not in CODES]:
        raise MismatchError(
            f"The model in {folder} has labels this version of Raqam does not know: {', '.join(unknown)} "
            f"(known: {', '.join(CODES)})."
        )
    expected = tags_of(manifest.labels)
    if sorted(manifest.tags) != sorted(expected):
        missing = sorted(set(expected) - set(manifest.tags))
        surplus = sorted((Counter(manifest.tags) - Counter(expected)).keys())
        raise MismatchError(
            f"The tags of {folder / MANIFEST_FILE} do not fit its labels: "
            f"missing {', '.join(missing) or 'none'}; unexpected or repeated {', '.join(surplus) or 'none'}."
        )


def _verify_file(path: Path, entry: FileEntry) -> None:
    if not path.is_file():
        raise MismatchError(f"{path} is missing; copy the whole model folder again.")
    if (size := path.stat().st_size) != entry.bytes:
        raise MismatchError(
            f"{path} has {size:,} bytes where the manifest says {entry.bytes:,}; copy the model folder again."
        )
    if (digest := _sha256(path)) != entry.sha256:
        raise MismatchError(
            f"{path} has sha256 {digest} where the manifest says {entry.sha256}: the file was changed or damaged; "
            "copy the model folder again."
        )


def _names(folder: Path) -> list[str]:
    """The files below *folder*, as sorted relative paths, without the manifest itself and hidden files."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    visible = (path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))
    return sorted(name for name in visible if name != MANIFEST_FILE)


def _entry(folder: Path, name: str) -> FileEntry:
    path = folder / name
    return FileEntry(_sha256(path), path.stat().st_size, name in RUNTIME_FILES)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes().decode(), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise ManifestError(f"{path.parent} is not a model folder: it has no {path.name}.") from None
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"{path} is not JSON in UTF-8: {error}.") from error
    if not isinstance(content, dict):
        raise ManifestError(f"{path} must hold a JSON object, not {type(content).__name__}.")
    return content


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _from_content(content: Mapping[str, Any]) -> Manifest:
    """A manifest from JSON that has no problems."""
    lists = {name: tuple(content[name]) for name in ("labels", "tags", "data")}
    files = {name: FileEntry(**entry) for name, entry in content["files"].items()}
    return Manifest(**{**content, **lists, "files": files})


def _problems(content: Mapping[str, Any]) -> list[str]:
    """What is wrong with the fields of *content*, one phrase each."""
    missing = [f"'{name}' is missing" for name in _FIELDS if name not in content]
    unknown = [f"'{name}' is not a field of it" for name in content if name not in _FIELDS]
    wrong = [
        f"'{name}' must be {expected}"
        for name, (holds, expected) in _FIELDS.items()
        if name in content and not holds(content[name])
    ]
    return missing + unknown + wrong + ([] if missing + wrong else _further_problems(content))


def _further_problems(content: Mapping[str, Any]) -> list[str]:
    """What is wrong between fields that are each well-formed."""
    problems = [
        f"'files' names {name!r}, which is not a plain path inside the folder"
        for name in content["files"]
        if not _stays_inside(name)
    ]
    needed = {name for name, entry in content["files"].items() if entry["runtime"]}
    problems += [f"'files' lacks {name} as a file for runtime" for name in sorted(RUNTIME_FILES - needed)]
    if content["overlap"] >= content["window"] - SPECIAL_TOKENS:
        problems.append("'overlap' must be less than 'window' without its two special tokens")
    return problems


def _stays_inside(name: str) -> bool:
    r"""Whether *name* is a relative path in its plainest form.

    >>> [_stays_inside(name) for name in ("a/b.json", "../a", "/a", "a//b", "a\\b", "c:a", ".")]
    [True, False, False, False, False, False, False]
    """
    path = PurePosixPath(name)
    plain = str(path) == name and name != "." and not set(name) & set("\\:\0")
    return plain and not path.is_absolute() and ".." not in path.parts


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not any(c.isspace() or c == "@" for c in value)


def _is_names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) and item for item in value)


def _is_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_files(value: object) -> bool:
    return isinstance(value, dict) and all(_is_entry(entry) for entry in value.values())


def _is_entry(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != {"sha256", "bytes", "runtime"}:
        return False
    digest = value["sha256"]
    hexadecimal = isinstance(digest, str) and len(digest) == 64 and set(digest) <= set("0123456789abcdef")
    return hexadecimal and _is_count(value["bytes"]) and isinstance(value["runtime"], bool)


_NAME: Final = "a string without blanks or '@'"
_FIELDS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "format": (lambda value: value == FORMAT and type(value) is int, f"the number {FORMAT}"),
    "name": (_is_name, _NAME),
    "version": (_is_name, _NAME),
    "created": (_is_name, "a date such as 2025-09-25 or 2025-09-25T10:00:00Z"),
    "labels": (_is_names, "a list of label codes"),
    "tags": (_is_names, "a list of BIO tags"),
    "normalizer": (_is_count, "a whole number"),
    "window": (_is_count, "a whole number of tokens"),
    "overlap": (_is_count, "a whole number of tokens"),
    "files": (_is_files, "an object of {sha256, bytes, runtime} by path"),
    "scores": (lambda value: isinstance(value, dict), "an object"),
    "data": (_is_objects, "a list of objects"),
}
