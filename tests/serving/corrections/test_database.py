"""The database: made when first needed, checked, and where it fails a sentence, while articles are still annotated."""

from __future__ import annotations

import logging
import sqlite3
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, event, insert, select, text, update

from raqam import Article
from serving.app import create_app
from serving.corrections import database as module
from serving.corrections.database import Database, DatabaseSettingError, NoDatabaseError
from serving.corrections.rows import Annotation
from serving.corrections.store import Store
from serving.corrections.tables import ARTICLES, DELETED, TRAININGS, VERSION, VERSIONS
from serving.corrections.training_queue import ask, waiting
from serving.settings import Settings
from tests.serving.conftest import Serve
from tests.serving.corrections.conftest import Keep, Opened, kind, tag
from tests.serving.test_main import fails as refused

BODY = {"text": "همدان"}
NOTHING = Annotation("tiny@1", "0" * 64, [], [])


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.2)


def fails(client: httpx.Client, *sentence: str) -> None:
    """Every path of what is kept has a sentence, and articles are annotated all the same."""
    for response in (client.get("/articles"), client.post("/articles", json=BODY)):
        assert (response.status_code, kind(response)) == (503, "no-database")
        assert all(part in response.json()["detail"] for part in sentence), response.json()
        assert response.headers["retry-after"]
    assert client.post("/annotate", json=BODY).status_code == 200
    assert client.get("/readyz").status_code == 200


def test_it_is_made_when_first_needed_and_only_for_this_user(sqlite: str, serve: Serve, file: Path) -> None:
    client = serve(database=sqlite)
    client.post("/annotate", json=BODY)
    assert not file.parent.exists()
    client.post("/articles", json=BODY)
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.usefixtures("sqlite")
def test_it_writes_ahead_overwrites_what_is_deleted_and_keeps_its_version(opened: Opened) -> None:
    with opened().reading() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in (
            "journal_mode", "secure_delete", "foreign_keys", "synchronous",
        )]  # fmt: skip
        assert connection.execute(select(VERSIONS.c.version)).scalars().all() == [VERSION]
    assert pragmas == ["wal", 1, 1, 2]


def test_it_is_the_same_after_the_service_was_ended(url: str, serve: Serve) -> None:
    kept = serve(database=url).post("/articles", json=BODY).json()
    assert serve(database=url).get(f"/articles/{kept['article']}").json() == kept


def test_a_newer_database_is_left_alone(url: str, opened: Opened, serve: Serve) -> None:
    with opened().writing() as connection:
        connection.execute(update(VERSIONS).values(version=VERSION + 1))
    fails(serve(database=url), f"have version {VERSION + 1}", f"up to {VERSION}", "update")


def test_an_older_one_is_brought_up(opened: Opened, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(Article("همدان"), NOTHING, 0.5)
    done: list[int] = []
    with store.database.writing() as connection:
        connection.execute(update(VERSIONS).values(version=1))
    monkeypatch.setattr(module, "VERSION", 3)
    monkeypatch.setattr(module, "UPGRADES", [lambda _: done.append(1), lambda _: done.append(2)])
    database = opened()
    for _ in range(2):
        with database.reading() as connection:
            assert connection.execute(select(VERSIONS.c.version)).scalars().all() == [3]
    assert done == [1, 2]


def test_one_without_the_queue_of_trainings_gets_it(opened: Opened, store: Store) -> None:
    store.add(Article("همدان"), NOTHING, 0.5)
    with store.database.writing() as connection:
        TRAININGS.drop(connection)
        connection.execute(update(VERSIONS).values(version=1))
    database = opened()
    ask(database, "a")
    assert waiting(database) == 1


@pytest.mark.parametrize(
    "wrong", ["nothing", "mysql://a:secret@b/c", "sqlite://", "sqlite:///:memory:", "://", "redis://x"]
)
def test_a_url_of_no_database_keeps_the_service_from_starting(wrong: str) -> None:
    with pytest.raises(DatabaseSettingError, match="sqlite:///FILE, postgresql://") as error:
        create_app(Settings(database=wrong))
    assert "secret" not in str(error.value)


def test_that_is_said_in_a_sentence(tiny_model: Path) -> None:
    assert "RAQAM_DATABASE names a database of 'mysql'" in refused(model=tiny_model, database="mysql://a:b@c/d")


def test_the_driver_of_a_server_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseSettingError, match=r"pip install 'raqam\[postgres\]'"):
        Database("postgresql://raqam@127.0.0.1/raqam")


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_server_that_is_not_there(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("psycopg")
    client = serve(database="postgresql://raqam:geheim@127.0.0.1:1/raqam")
    with caplog.at_level(logging.ERROR, "raqam"):
        fails(client, "cannot be used; the log")
    assert "127.0.0.1:1/raqam, cannot be used: OperationalError." in caplog.text
    assert "geheim" not in caplog.text


def test_a_file_that_cannot_be_opened(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    fails(serve(database=f"sqlite:///{tmp_path}/folder"), "cannot be opened")
    (tmp_path / "file").touch()
    fails(serve(database=f"sqlite:///{tmp_path}/file/raqam.sqlite3"), "cannot be opened")


def test_a_file_of_something_else(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_bytes(b"Dear reader, " * 1000)
    fails(serve(database=f"sqlite:///{file}"), "no database of SQLite")
    assert file.read_bytes() == b"Dear reader, " * 1000


def test_a_file_that_can_be_read_only(sqlite: str, client: httpx.Client, keep: Keep, serve: Serve, file: Path) -> None:
    kept = keep()
    reader = serve(database=f"sqlite:///file:{file}?mode=ro&uri=true")
    assert reader.get(f"/articles/{kept['article']}").json() == kept
    refused = reader.post("/articles", json={"text": "قم"})
    assert (kind(refused), "read only" in refused.json()["detail"]) == ("no-database", True)
    assert reader.post("/annotate", json=BODY).status_code == 200


@pytest.mark.usefixtures("_impatient")
def test_a_file_that_something_else_holds(sqlite: str, serve: Serve, file: Path) -> None:
    client = serve(database=sqlite)
    kept = client.post("/articles", json=BODY).json()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        path = f"/articles/{kept['article']}"
        assert client.get(path).json() == kept  # who reads is not kept waiting
        for response in (
            client.post("/articles", json={"text": "قم"}),
            client.put(f"{path}/annotation", json={"spans": []}, headers=tag(1)),
            client.delete(path, headers=tag(1)),
        ):
            assert (kind(response), "held by something else" in response.json()["detail"]) == ("no-database", True)
        other.execute("ROLLBACK")
    assert client.put(f"{path}/annotation", json={"spans": []}, headers=tag(1)).json()["revision"] == 2


def test_who_waits_is_served_when_it_is_free_and_others_are_annotated_meanwhile(
    sqlite: str, serve: Serve, file: Path
) -> None:
    client = serve(database=sqlite)
    client.post("/articles", json=BODY)
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        answers: list[httpx.Response] = []
        waiting = [
            threading.Thread(target=lambda n=n: answers.append(client.post("/articles", json={"text": f"قم {n}"})))
            for n in range(6)
        ]
        for thread in waiting:
            thread.start()
        for _ in range(5):
            assert client.post("/annotate", json=BODY).status_code == 200
        assert not answers
        other.execute("COMMIT")
        for thread in waiting:
            thread.join()
    assert [answer.status_code for answer in answers] == [201] * 6


@contextmanager
def small(store: Store) -> Iterator[None]:
    """A file that may not grow."""
    engine = store.database._engine

    def limit(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # as many as there are

    event.listen(engine, "connect", limit)
    yield
    event.remove(engine, "connect", limit)


@pytest.mark.usefixtures("sqlite")
def test_a_full_disk_loses_nothing(store: Store) -> None:
    found, _ = store.add(Article("همدان"), NOTHING, 0.5)
    with small(store), pytest.raises(NoDatabaseError, match="is full"):
        store.add(Article("قم" * 100_000), NOTHING, 0.5)
    assert store.list("recent", None, 0, 10)[0] == 1
    assert store.get(found.article) == found


def test_a_file_that_was_removed_is_made_anew(sqlite: str, serve: Serve, file: Path) -> None:
    client = serve(database=sqlite)
    client.post("/articles", json=BODY)
    for each in file.parent.iterdir():
        each.unlink()
    assert client.get("/articles").json()["total"] == 0
    assert client.post("/articles", json=BODY).status_code == 201


def test_tables_that_are_gone_are_made_anew(store: Store) -> None:
    store.add(Article("همدان"), NOTHING, 0.5)
    engine = create_engine(store.database.url)
    with engine.begin() as connection:
        for table in ("raqam_revisions", "raqam_articles", "raqam_version"):
            connection.execute(text(f"DROP TABLE {table}"))
    engine.dispose()
    with pytest.raises(NoDatabaseError):
        store.list("recent", None, 0, 10)
    assert store.list("recent", None, 0, 10) == (0, [])


def test_nothing_of_an_article_reaches_the_log(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """What SQLAlchemy says of an error has the statement and, unless told otherwise, its parameters."""
    store.add(Article("همدان"), NOTHING, 0.5)
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(NoDatabaseError) as error,
        store.database.writing() as connection,
    ):
        connection.execute(insert(VERSIONS).values(version=text("secret(:a)").bindparams(a="secret")))
    assert "secret" not in caplog.text + str(error.value)
    assert error.value.__cause__ is None


def test_many_open_it_at_the_same_time(opened: Opened) -> None:
    stores = [Store(opened()) for _ in range(8)]
    failures: list[Exception] = []

    def add(number: int) -> None:
        try:
            stores[number].add(Article(f"همدان {number}"), NOTHING, 0.5)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert stores[0].list("recent", None, 0, 50)[0] == 8


def test_a_file_that_was_emptied_is_made_anew(sqlite: str, serve: Serve, file: Path) -> None:
    client = serve(database=sqlite)
    client.post("/articles", json=BODY)
    for each in file.parent.iterdir():
        each.unlink()
    file.touch()
    assert client.get("/articles").json()["total"] == 0
    assert client.post("/articles", json=BODY).status_code == 201


def test_a_database_of_an_earlier_version_learns_which_texts_are_alike(opened: Opened, store: Store) -> None:
    for each in ("کتاب ها", "کتاب\u200cها"):
        store.add(Article(each), NOTHING, 0.5)
    with store.database.writing() as connection:
        before = connection.execute(select(ARTICLES.c.likeness)).scalars().all()
        connection.execute(text("ALTER TABLE raqam_articles DROP COLUMN likeness"))
        DELETED.drop(connection)
        connection.execute(update(VERSIONS).values(version=2))
    with opened().reading() as connection:
        assert connection.execute(select(ARTICLES.c.likeness)).scalars().all() == before
    assert len(set(before)) == 1


@pytest.mark.parametrize("name", ["sqlite+odd:///a", "sqlite+aiosqlite:///a", "sqlite:///a?timeout=long"])
def test_a_driver_or_an_option_that_cannot_be_used(name: str) -> None:
    with pytest.raises(DatabaseSettingError, match="sqlite:///FILE, postgresql://"):
        Database(name)


@pytest.mark.skipif(sys.platform == "win32", reason="rights are those of POSIX")
@pytest.mark.parametrize("mode", ["uri=true", "mode=rwc&uri=true"])
@pytest.mark.parametrize("slashes", ["", "//", "//localhost"])
def test_the_file_of_a_uri_is_for_this_user_too(tmp_path: Path, mode: str, slashes: str) -> None:
    file = tmp_path / "kept" / "a b.sqlite3"
    database = Database(f"sqlite:///file:{slashes}{tmp_path}/kept/a%2520b.sqlite3?{mode}")
    assert database.file == file
    assert Store(database).list("recent", None, 0, 10) == (0, [])
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
    database.close()


def test_memory_keeps_nothing_in_a_uri_either() -> None:
    for name in ("sqlite:///file::memory:?uri=true", "sqlite:///file:a?mode=memory&uri=true"):
        with pytest.raises(DatabaseSettingError, match="memory keeps nothing"):
            Database(name)


@pytest.mark.parametrize("column", ["text", "id", "preview", "spans", "facts", "who", "model"])
@pytest.mark.parametrize("value", [b"\xff\x00", b"{", b"7"])
def test_what_is_damaged_is_told_and_costs_no_other(
    store: Store, serve: Serve, url: str, column: str, value: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = (store.add(Article(each, id=each), NOTHING, 0.5)[0] for each in ("همدان", "قم"))
    for each in (one, other):
        store.correct(each, "مریم", None, NOTHING)
    table = "raqam_articles" if column in ("text", "id", "preview") else "raqam_revisions"
    with store.database.writing() as connection:
        change = text(f"UPDATE {table} SET {column} = :value WHERE article = :key")
        connection.execute(change, {"value": value, "key": one.article})
    damaged = column in ("spans", "facts") or (value[0] == 0xFF and column != "preview")
    client = serve(database=url)
    rows = client.get("/articles?state=all").json()["articles"]
    assert {row["article"] for row in rows} == {one.article, other.article}
    path = f"/articles/{one.article}"
    for answer in (
        client.get(path),
        client.get("/export"),
        client.put(f"{path}/annotation", json={"spans": []}, headers=tag(2)),
    ):
        assert answer.status_code == (503 if damaged else 200)
        if damaged:
            assert (kind(answer), "damaged" in answer.json()["detail"]) == ("no-database", True)
            assert one.article in caplog.text
    assert client.get(f"/articles/{other.article}").status_code == 200
