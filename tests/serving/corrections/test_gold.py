"""Corrections as gold files: in a zip, in a folder, and as what they are for: readable to the training."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import jsonschema_rs
import pytest
from sqlalchemy import update

from raqam import Article
from serving.__main__ import main
from serving.corrections.gold import LIST, write_folder
from serving.corrections.rows import Annotation, Stored
from serving.corrections.store import Store
from serving.corrections.tables import REVISIONS
from tests.serving.conftest import ROOT, Serve
from tests.serving.corrections.conftest import TEXT, Keep, tag
from training.gold import problems_of, read_gold

SPANS = [
    {"start": TEXT.index("علی"), "end": TEXT.index(" امروز"), "label": "PER"},
    {"start": TEXT.index("۴۷"), "end": TEXT.index(" گرفت"), "label": "MON"},
]


def correct(client: httpx.Client, article: str, revision: int = 1, **body: object) -> None:
    content = {"spans": SPANS, **body}
    response = client.put(f"/articles/{article}/annotation", json=content, headers=tag(revision))
    assert response.status_code == 200, response.text


def unzipped(client: httpx.Client) -> dict[str, bytes]:
    response = client.get("/export?format=gold")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/zip")
    assert response.headers["content-disposition"] == 'attachment; filename="raqam-gold.zip"'
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_only_what_was_corrected_is_exported_and_it_is_gold(client: httpx.Client, keep: Keep, tmp_path: Path) -> None:
    assert unzipped(client) == {}
    keep("قزوین")
    article = keep(id="../../a", published="2025-09-25")["article"]
    correct(client, article)
    found = unzipped(client)
    assert list(found) == [f"{article}.json"]
    row = json.loads(found[f"{article}.json"])
    schema = json.loads((ROOT / "annotations" / "record.schema.json").read_text("utf-8"))
    jsonschema_rs.validate(schema, row)
    assert problems_of(row, "zip") == []
    (tmp_path / f"{article}.json").write_bytes(found[f"{article}.json"])
    gold = read_gold(tmp_path / f"{article}.json")
    assert (gold.id, gold.text, str(gold.published)) == (article, TEXT, "2025-09-25")
    assert [(span.start, span.end, span.label) for span in gold.spans] == [tuple(span.values()) for span in SPANS]


def test_the_same_corrections_give_the_same_bytes(client: httpx.Client, keep: Keep) -> None:
    for number in range(3):
        article = keep(f"{TEXT} {number}")["article"]
        correct(client, article)
    assert client.get("/export").content == client.get("/export").content


def test_a_text_of_two_ids_is_exported_once_as_it_was_corrected_last(client: httpx.Client, keep: Keep) -> None:
    first, second = keep(id="1")["article"], keep(id="2")["article"]
    correct(client, first)
    correct(client, second, spans=[])
    assert list(unzipped(client)) == [f"{second}.json"]
    correct(client, first, 2)
    assert list(unzipped(client)) == [f"{first}.json"]


def export(folder: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> int:
    monkeypatch.setenv("RAQAM_DATABASE", database)
    return main(["corrections", "export", str(folder)])


def test_the_command_writes_what_the_service_gives(
    url: str, client: httpx.Client, keep: Keep, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    folder, articles = tmp_path / "a" / "corrections", [keep(f"{TEXT} {number}")["article"] for number in range(2)]
    for article in articles:
        correct(client, article)
    assert export(folder, monkeypatch, url) == 0
    assert capsys.readouterr().out == f"2 corrected articles in {folder}.\n"
    written = {path.name: path.read_bytes() for path in folder.glob("*.json")}
    assert written == unzipped(client)
    (folder / "mine.json").write_text("{}")
    client.delete(f"/articles/{articles[0]}", headers=tag(2))
    assert export(folder, monkeypatch, url) == 0
    assert capsys.readouterr().out == f"1 corrected article in {folder}.\n"
    assert {path.name for path in folder.iterdir()} == {f"{articles[1]}.json", "mine.json", LIST}


def test_the_command_without_a_database_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "corrections"
    for database in ("none", f"sqlite:///{tmp_path}/nothing/raqam.sqlite3"):
        assert export(folder, monkeypatch, database) == 0
        assert capsys.readouterr().out.startswith("Nothing to export: ")
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_in_a_sentence_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter").write_bytes(b"Dear reader, " * 1000)
    (tmp_path / "file").touch()
    for folder, database, words in (
        (tmp_path / "out", f"sqlite:///{tmp_path}/letter", "no database of SQLite"),
        (tmp_path / "out", "oracle://a:secret@b", "database of 'oracle'"),
    ):
        assert export(folder, monkeypatch, database) == 2
        said = capsys.readouterr().err
        assert words in said
        assert "secret" not in said
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(
    url: str, client: httpx.Client, keep: Keep, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    correct(client, keep()["article"])
    (tmp_path / "file").touch()
    assert export(tmp_path / "file", monkeypatch, url) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_command_is_one(tmp_path: Path) -> None:
    environment = {**os.environ, "RAQAM_DATABASE": "none"}
    command = [sys.executable, "-m", "serving", "corrections", "export", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_long_export_is_sent_whole(serve: Serve, url: str) -> None:
    client = serve(database=url)
    text = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(200_000))  # does not compress
    article = client.post("/articles", json={"text": text}).json()["article"]
    correct(client, article, spans=[])
    (content,) = unzipped(client).values()
    assert json.loads(content)["text"] == text


def test_texts_that_the_model_cannot_tell_apart_are_exported_once(client: httpx.Client, keep: Keep) -> None:
    keys = [keep(text)["article"] for text in (TEXT, f"{TEXT} \n", TEXT.replace("ی", "ي"))]
    for key in (keys[1], keys[2], keys[0]):
        correct(client, key, spans=[])
    assert list(unzipped(client)) == [f"{keys[0]}.json"]
    correct(client, keys[1], 2, spans=[])
    assert list(unzipped(client)) == [f"{keys[1]}.json"]


def test_what_an_interrupted_export_wrote_is_known_to_the_next(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "corrections"
    nothing = Annotation("tiny@1", "0" * 64, [], [])
    stored = [store.add(Article(f"{TEXT} {number}"), nothing, 0.5)[0] for number in range(3)]

    def broken() -> Iterator[Stored]:
        yield from stored[:2]
        raise OSError("full")

    write_folder(stored[2:], folder)
    with pytest.raises(OSError, match="full"):
        write_folder(broken(), folder)
    names = {f"{each.article}.json" for each in stored}
    assert set((folder / LIST).read_text().split()) == names
    (folder / f".{stored[0].article}.json.part").write_text("half")
    assert write_folder([], folder) == 0
    assert [path.name for path in folder.iterdir()] == [LIST]


def test_the_list_names_nothing_but_exported_files(
    url: str, client: httpx.Client, keep: Keep, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    correct(client, keep()["article"])
    (tmp_path / "keep.json").write_text("{}")
    (tmp_path / LIST).write_text("keep.json\n../keep.json\n")
    assert export(tmp_path, monkeypatch, url) == 0
    assert (tmp_path / "keep.json").exists()
    (tmp_path / LIST).write_bytes(b"\xff\n")
    assert export(tmp_path, monkeypatch, url) == 2
    assert "is damaged" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="rights are those of POSIX")
def test_what_is_exported_is_for_this_user_alone(
    url: str, client: httpx.Client, keep: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct(client, keep()["article"])
    folder = tmp_path / "corrections"
    for _ in range(2):
        assert export(folder, monkeypatch, url) == 0
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_damaged_article_is_left_out_and_named(
    url: str, client: httpx.Client, keep: Keep, store: Store, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    keys = [keep(f"{TEXT} {number}")["article"] for number in range(2)]
    for key in keys:
        correct(client, key)
    with store.database.writing() as connection:
        connection.execute(update(REVISIONS).where(REVISIONS.c.article == keys[0]).values(facts=7))
    assert export(tmp_path, monkeypatch, url) == 1
    assert keys[0] in capsys.readouterr().err
    assert [path.stem for path in tmp_path.glob("*.json")] == [keys[1]]
