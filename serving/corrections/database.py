"""The database of corrections: opened when it is first needed, its tables made or checked, its failures in sentences.

Everything here blocks and is for threads. The texts of articles are parameters of statements; so what SQLAlchemy and
the drivers say of an error is never passed on or logged, only its code.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.pool import NullPool

from serving.corrections.files import file_of, has_content, is_fixed, make_private
from serving.corrections.tables import METADATA, VERSION, VERSIONS
from serving.corrections.upgrades import UPGRADES

logger = logging.getLogger("raqam.corrections")

#: Statements that run at the same time, each on a thread; PostgreSQL has as many connections.
CONNECTIONS: Final = 4
#: How long a statement waits for another that holds the database, or a connection to be made.
BUSY_SECONDS: Final = 5.0
_STATEMENT_SECONDS: Final = 30
_NAMES: Final = "It must be sqlite:///FILE, postgresql://USER:PASSWORD@HOST/NAME, or none"
_DRIVER: Final = "The database of RAQAM_DATABASE needs a package that is missing: pip install 'raqam[postgres]'."
#: One number of PostgreSQL's locks, so that of several processes one makes the tables.
_LOCK: Final = 0x52617161

#: Codes of SQLite, or of PostgreSQL (SQLSTATE), by what they begin with, and what they mean to a caller.
_SENTENCES: Final[Mapping[str, str]] = {
    "SQLITE_BUSY": "is held by something else; try again in a moment",
    "SQLITE_LOCKED": "is held by something else; try again in a moment",
    "SQLITE_READONLY": "can be read only; whoever runs the service must make its file and folder writable",
    "SQLITE_FULL": "is full; whoever runs the service must make room on its disk",
    "SQLITE_CANTOPEN": "cannot be opened; whoever runs the service must see to its file and folder",
    "SQLITE_PERM": "cannot be opened; whoever runs the service must see to its file and folder",
    "SQLITE_CORRUPT": "is damaged; whoever runs the service must put a backup in its place",
    "SQLITE_NOTADB": "is no database of SQLite; whoever runs the service must name another file",
    "SQLITE_IOERR": "cannot be read or written; whoever runs the service must see to its disk",
    "25006": "can be read only; whoever runs the service must see to its rights",
    "28": "refuses the service; whoever runs it must see to the name and the password in RAQAM_DATABASE",
    "3D": "is not there; whoever runs the service must make it",
    "42501": "refuses the service; whoever runs it must see to its rights",
    "53100": "is full; whoever runs the service must make room on its disk",
    "53": "has too much to do; try again in a moment",
    "55P03": "is held by something else; try again in a moment",
    "57014": "took too long; try again in a moment",
}
#: Codes of what is over by itself, and says nothing of the tables.
_PASSING: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "53 ", "55P03", "57014")
_CODES: Final[Mapping[int, str]] = {
    errno.ENOSPC: "SQLITE_FULL", errno.EDQUOT: "SQLITE_FULL", errno.EROFS: "SQLITE_READONLY",
}  # fmt: skip
_UNKNOWN: Final = "cannot be used; the log of the service says why"


class DatabaseSettingError(Exception):
    """The service cannot start as its settings say: a sentence on its database."""


class NoDatabaseError(Exception):
    """The database cannot be used now. The message is a sentence for callers, without names, paths or data."""


class Database:
    """The database at *url*; raises :class:`DatabaseSettingError` where that is none. Opens it with the first use."""

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        try:
            self._engine = _engine(self.url)
        except ModuleNotFoundError:
            raise DatabaseSettingError(_DRIVER) from None
        except (SQLAlchemyError, TypeError, ValueError):
            raise DatabaseSettingError(f"RAQAM_DATABASE is a URL that cannot be used. {_NAMES}.") from None
        self._writing = self._engine.execution_options(raqam_begin="BEGIN IMMEDIATE")
        self._plain = self._engine.execution_options(raqam_begin="")
        self._lock, self._ready = Lock(), False

    @property
    def file(self) -> Path | None:
        """The file of SQLite; None for a server, or a URI that lets nothing be made."""
        return Path(file_of(self.url)) if self._is_sqlite and not is_fixed(self.url) else None

    @property
    def _is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in a transaction that only reads; raises :class:`NoDatabaseError`."""
        with self._failures():
            self._open()
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction that may write, committed at the end; raises :class:`NoDatabaseError`."""
        with self._failures():
            self._open()
            with self._writing.begin() as connection:
                yield connection

    def forget(self) -> None:
        """Leave nothing of what was deleted in the files beside that of SQLite, unless others are reading just now."""
        if self._is_sqlite:
            with self._failures(), self._plain.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """End the connections."""
        self._engine.dispose()

    def _open(self) -> None:
        """Make what is missing: the folder, the file, the tables; check the version of the tables."""
        if self._ready and (self.file is None or has_content(self.file)):
            return
        with self._lock:
            if self.file is not None:
                make_private(self.file)
            with self._engine.begin() as connection:
                ready = _version(connection) == VERSION
            if not ready:
                self._make()
            self._ready = True

    def _make(self) -> None:
        """Make the tables, or bring those of an older version up."""
        if self._is_sqlite:
            with self._plain.connect() as connection:
                _use_log(connection)
        with self._writing.begin() as connection:
            _bring_up(connection)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except NoDatabaseError as error:
            logger.error("%s", error)
            raise
        except OSError as error:
            raise self._failure(_CODES.get(error.errno or 0, "SQLITE_CANTOPEN")) from None
        except NoConnectionError:
            raise self._failure("53 (no connection is free)") from None
        except DBAPIError as error:
            raise self._failure(code_of(error)) from None
        except SQLAlchemyError as error:
            raise self._failure(type(error).__name__) from None

    def _failure(self, code: str) -> NoDatabaseError:
        self._ready = self._ready and code.startswith(_PASSING)  # otherwise what was there may be gone: look again
        shown = self.url.render_as_string(hide_password=True)
        logger.error("The database of corrections, %s, cannot be used: %s.", shown, code)
        found = next((what for start, what in _SENTENCES.items() if code.startswith(start)), _UNKNOWN)
        return NoDatabaseError(f"The database of corrections {found}.")


def code_of(error: DBAPIError) -> str:
    """The code that the driver gives *error*, or the name of its type; never what it says."""
    original: Any = error.orig
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    return str(code or type(original).__name__)


def _checked(url: str) -> URL:
    try:
        found = make_url(url)
    except ArgumentError:
        raise DatabaseSettingError(f"RAQAM_DATABASE is not the URL of a database. {_NAMES}.") from None
    if found.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return found.set(drivername="postgresql+psycopg")
    if found.get_backend_name() != "sqlite":
        raise DatabaseSettingError(f"RAQAM_DATABASE names a database of '{found.drivername}'. {_NAMES}.")
    if found.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise DatabaseSettingError(f"RAQAM_DATABASE names the driver '{found.drivername}'. {_NAMES}.")
    if file_of(found) in ("", ":memory:") or found.query.get("mode") == "memory":
        raise DatabaseSettingError(f"RAQAM_DATABASE names no file, and memory keeps nothing. {_NAMES}.")
    return found


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        options = f"-c statement_timeout={_STATEMENT_SECONDS * 1000} -c lock_timeout={int(BUSY_SECONDS * 1000)}"
        return create_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=2 * BUSY_SECONDS,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": int(BUSY_SECONDS), "options": options},
        )
    # A connection for each use costs less than a millisecond, and never goes on writing into a file that was removed.
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, record: object) -> None:
    """What SQLite is to do on every connection: what is deleted is overwritten, and a commit survives a power cut."""
    connection.isolation_level = None  # transactions begin where _begin says
    for statement in ("foreign_keys=ON", "secure_delete=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {statement}")


def _begin(connection: Connection) -> None:
    """Take the one right to write at the beginning: who takes it later is not made to wait, but fails."""
    if statement := connection.get_execution_options().get("raqam_begin", "BEGIN"):
        connection.exec_driver_sql(statement)


def _use_log(connection: Connection) -> None:
    """Have SQLite write ahead into a log, which the file remembers: readers and a writer do not wait for each other.

    SQLite waits for nobody where two processes want this at the same time.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except OperationalError as error:
            if not code_of(error).startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _version(connection: Connection) -> int | None:
    """The version of the tables, None where there are none; raises where they are newer than this code."""
    if not inspect(connection).has_table(VERSIONS.name):
        return None
    found = int(connection.execute(select(VERSIONS.c.version)).scalar_one())
    if found > VERSION:
        raise NoDatabaseError(
            f"The tables of the database of corrections have version {found}, and this service knows those up to "
            f"{VERSION}; whoever runs it must update it."
        )
    return found


def _bring_up(connection: Connection) -> None:
    """Make the tables, or change those of an older version; one process at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    found = _version(connection)
    if found is None:
        METADATA.create_all(connection)
        connection.execute(insert(VERSIONS).values(version=VERSION))
        return
    for upgrade in UPGRADES[found - 1 :]:
        upgrade(connection)
    connection.execute(update(VERSIONS).values(version=VERSION))
