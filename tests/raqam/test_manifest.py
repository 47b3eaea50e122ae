from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from raqam.errors import ManifestError, MismatchError, ModelNotFoundError
from raqam.labels import CODES, TAGS
from raqam.manifest import MANIFEST_FILE, MODEL_FILE, TOKENIZER_FILE, read_manifest, verify, write_manifest
from raqam.text import NORMALIZER_VERSION

FIELDS = ("format", "name", "version", "labels", "tags", "normalizer", "window", "overlap", "files", "scores", "data",
          "created")  # fmt: skip


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model, with a checkpoint and a card, to do harm to."""
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    (folder / "checkpoint").mkdir()
    (folder / "checkpoint" / "config.json").write_text("{}")
    (folder / "MODEL_CARD.md").write_text("# Tiny\n")
    (folder / ".hidden").write_text("")
    write_manifest(folder, read_manifest(folder))
    return folder


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((folder / MANIFEST_FILE).read_text())
    change(content)
    (folder / MANIFEST_FILE).write_text(json.dumps(content))


def test_what_is_written_is_read_back(folder: Path) -> None:
    written = write_manifest(folder, replace(read_manifest(folder), name="نمونه", data=({"name": "a", "articles": 3},)))
    assert read_manifest(folder) == written
    assert written.id == "نمونه@1"
    verify(folder, written, everything=True)


def test_the_file_is_the_same_every_time_and_its_sha256_is_the_identity(folder: Path) -> None:
    first = (folder / MANIFEST_FILE).read_bytes()
    manifest = write_manifest(folder, read_manifest(folder))
    assert (folder / MANIFEST_FILE).read_bytes() == first
    assert first.endswith(b"}\n")
    assert manifest.sha256 == hashlib.sha256(first).hexdigest()


def test_every_file_is_listed_and_those_for_runtime_are_marked(folder: Path) -> None:
    files = read_manifest(folder).files
    assert set(files) == {"checkpoint/config.json", "MODEL_CARD.md", MODEL_FILE, TOKENIZER_FILE}
    assert {name for name, entry in files.items() if entry.runtime} == {MODEL_FILE, TOKENIZER_FILE}
    assert files[MODEL_FILE].sha256 == hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()
    assert files[MODEL_FILE].bytes == (folder / MODEL_FILE).stat().st_size


def test_the_checkpoint_may_be_absent_unless_everything_is_asked_for(folder: Path) -> None:
    shutil.rmtree(folder / "checkpoint")
    manifest = read_manifest(folder)
    verify(folder, manifest)
    with pytest.raises(MismatchError, match=r"config\.json is missing"):
        verify(folder, manifest, everything=True)


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE])
def test_a_file_that_was_changed_is_named(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(MismatchError, match=f"model/{name} has sha256 .* was changed or damaged"):
        verify(folder, read_manifest(folder))


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE])
def test_a_file_that_was_cut_short_or_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with pytest.raises(MismatchError, match=f"model/{name} has .* bytes where the manifest says"):
        verify(folder, read_manifest(folder))
    (folder / name).unlink()
    with pytest.raises(MismatchError, match=f"model/{name} is missing"):
        verify(folder, read_manifest(folder))


def test_another_normalizer_is_refused(folder: Path) -> None:
    other = replace(read_manifest(folder), normalizer=NORMALIZER_VERSION + 1)
    message = f"{folder} was trained behind normalizer {NORMALIZER_VERSION + 1}.*has normalizer {NORMALIZER_VERSION}"
    with pytest.raises(MismatchError, match=message):
        verify(folder, other)


@pytest.mark.parametrize(
    ("tags", "named"),
    [
        (TAGS[:-1], "missing I-IND; unexpected or repeated none"),
        ((*TAGS, "B-ABC"), "missing none; unexpected or repeated B-ABC"),
        ((*TAGS, "O"), "missing none; unexpected or repeated O"),
    ],
)
def test_tags_that_do_not_fit_the_labels_are_named(folder: Path, tags: tuple[str, ...], named: str) -> None:
    with pytest.raises(MismatchError, match=named):
        verify(folder, replace(read_manifest(folder), tags=tags))


def test_a_label_this_version_does_not_know_is_named(folder: Path) -> None:
    manifest = replace(read_manifest(folder), labels=(*CODES, "ABC"))
    with pytest.raises(MismatchError, match="does not know: ABC"):
        verify(folder, manifest)


def test_tags_may_come_in_any_order_and_for_fewer_labels(folder: Path) -> None:
    verify(folder, replace(read_manifest(folder), labels=("LOC",), tags=("B-LOC", "I-LOC", "O")))


@pytest.mark.parametrize("field", FIELDS)
def test_a_missing_field_is_named(folder: Path, field: str) -> None:
    edit(folder, lambda content: content.pop(field))
    with pytest.raises(ManifestError, match=rf"{MANIFEST_FILE} is not a manifest: '{field}' is missing\.$"):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", True), ("name", ""), ("name", "a b"), ("version", 1), ("version", "1@2"), ("labels", []),
        ("labels", [1]), ("tags", "O"), ("normalizer", "1"), ("window", 0.5), ("window", True), ("overlap", -1),
        ("files", []), ("files", {"a": {}}), ("files", {"a": {"sha256": "x" * 64, "bytes": 1, "runtime": True}}),
        ("scores", None), ("data", {}), ("data", ["a"]), ("created", None),
    ],
)  # fmt: skip
def test_a_field_of_another_type_is_named(folder: Path, field: str, value: object) -> None:
    edit(folder, lambda content: content.update({field: value}))
    with pytest.raises(ManifestError, match=f"'{field}' must be "):
        read_manifest(folder)


def test_all_that_is_wrong_is_said_at_once(folder: Path) -> None:
    edit(folder, lambda content: (content.pop("name"), content.pop("tags"), content.update(window="8", colour="red")))
    with pytest.raises(ManifestError) as caught:
        read_manifest(folder)
    for named in ("'name' is missing", "'tags' is missing", "'window' must be", "'colour' is not a field"):
        assert named in str(caught.value)


@pytest.mark.parametrize("name", ["../tokenizer.json", "/etc/passwd", "a/../../b", "a\\b", "c:b", "", ".", "a//b"])
def test_a_path_that_leaves_the_folder_is_refused(folder: Path, name: str) -> None:
    entry = {"sha256": "0" * 64, "bytes": 1, "runtime": True}
    edit(folder, lambda content: content["files"].update({name: entry}))
    with pytest.raises(ManifestError, match="not a plain path inside the folder"):
        read_manifest(folder)


def test_the_model_and_the_tokenizer_must_be_listed_for_runtime(folder: Path) -> None:
    edit(folder, lambda content: content["files"][MODEL_FILE].update(runtime=False))
    with pytest.raises(ManifestError, match=f"lacks {MODEL_FILE} as a file for runtime"):
        read_manifest(folder)


def test_an_overlap_as_long_as_the_window_is_refused(folder: Path) -> None:
    edit(folder, lambda content: content.update(window=8, overlap=6))
    with pytest.raises(ManifestError, match="'overlap' must be less than 'window'"):
        read_manifest(folder)


def test_another_format_says_which_is_read(folder: Path) -> None:
    edit(folder, lambda content: content.update(format=2))
    with pytest.raises(ManifestError, match="has format 2; this version of Raqam reads format 1"):
        read_manifest(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff{}", b'{"format": NaN}', b"[" * 100_000])
def test_what_is_not_json_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST_FILE).write_bytes(content)
    with pytest.raises(ManifestError, match=f"{MANIFEST_FILE} is not JSON in UTF-8"):
        read_manifest(folder)


def test_json_that_is_no_object_is_refused(folder: Path) -> None:
    (folder / MANIFEST_FILE).write_text("[]")
    with pytest.raises(ManifestError, match="must hold a JSON object, not list"):
        read_manifest(folder)


def test_a_folder_that_is_absent_or_has_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=f"There is no model folder at {tmp_path / 'none'}"):
        read_manifest(tmp_path / "none")
    with pytest.raises(ManifestError, match=f"{tmp_path} is not a model folder: it has no {MANIFEST_FILE}"):
        read_manifest(tmp_path)


def test_a_manifest_that_could_not_be_read_back_is_not_written(folder: Path) -> None:
    before = (folder / MANIFEST_FILE).read_bytes()
    with pytest.raises(ManifestError, match="'name' must be"):
        write_manifest(folder, replace(read_manifest(folder), name="a b"))
    assert (folder / MANIFEST_FILE).read_bytes() == before
