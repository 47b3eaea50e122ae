"""``python -m serving corrections``: what is kept, without the service."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from serving.corrections import training_queue
from serving.corrections.database import Database, DatabaseSettingError, NoDatabaseError
from serving.corrections.gold import LIST, ListError, write_folder
from serving.corrections.store import Store
from serving.settings import Settings, explain

#: The database cannot be used, or the folder cannot be written.
FAILED = 2
#: An article is damaged, and was left out.
DAMAGED = 1
#: No training is waiting.
NONE = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where it did what it is for, else a sentence and 2."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(Settings(), options))
    except ValidationError as error:
        return _fail(explain(error))
    except (DatabaseSettingError, ListError, NoDatabaseError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{getattr(options, 'folder', '')} cannot be written: {error.strerror or type(error).__name__}.")


def _export(settings: Settings, options: argparse.Namespace) -> int:
    folder = options.folder
    if settings.database == "none":
        return _nothing("RAQAM_DATABASE is none", folder)
    database = Database(settings.database)
    if database.file is not None and not database.file.exists():
        return _nothing(f"there is no database at {database.file}", folder)
    damaged: list[str] = []
    try:
        with closing(Store(database).corrected(damaged.append)) as articles:
            number = write_folder(articles, folder)
    finally:
        database.close()
    print(f"{number} corrected article{'s' * (number != 1)} in {folder}.")
    for key in damaged:
        print(f"raqam: The article {key} is damaged in the database, and was left out.", file=sys.stderr)
    return DAMAGED if damaged else 0


def _queue(settings: Settings, options: argparse.Namespace) -> int:
    """Say how many trainings are waiting."""
    del options
    with _opened(settings) as database:
        number = 0 if database is None else training_queue.waiting(database)
    print("No training is waiting." if not number else f"{number} training{_many(number)} waiting.")
    return 0 if number else NONE


def _trained(settings: Settings, options: argparse.Namespace) -> int:
    """Take the trainings off the queue that were asked for before the folder was written."""
    try:
        written = datetime.fromtimestamp((options.folder / LIST).stat().st_mtime, UTC)
    except FileNotFoundError:
        return _fail(f"Nothing was exported to {options.folder}; python -m serving corrections export does that.")
    with _opened(settings) as database:
        number = 0 if database is None else training_queue.take(database, written)
    print(f"{number} training{_many(number)} done.")
    return 0


def _many(number: int) -> str:
    return " is" if number == 1 else "s are"


@contextmanager
def _opened(settings: Settings) -> Iterator[Database | None]:
    """The database; None where there is none yet."""
    database = None if settings.database == "none" else Database(settings.database)
    try:
        yield None if database is None or (database.file is not None and not database.file.exists()) else database
    finally:
        if database is not None:
            database.close()


def _nothing(reason: str, folder: Path) -> int:
    print(f"Nothing to export: {reason}. {folder} is as it was.")
    return 0


def _fail(sentence: str) -> int:
    print(f"raqam: {' '.join(sentence.split())}", file=sys.stderr)
    return FAILED


def _parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m serving corrections", description="What is kept of articles.")
    commands = found.add_subparsers(required=True, metavar="COMMAND")
    export = commands.add_parser(
        "export",
        help="write the corrected articles as gold files",
        description="Write a gold file for each corrected article of the database that RAQAM_DATABASE names, and "
        "remove what an earlier export wrote and is not there any more. Other files stay.",
        epilog="example:\n  python -m serving corrections export annotations/corrections",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    export.add_argument("folder", type=Path, metavar="DIR", help="the folder, made where it is missing")
    export.set_defaults(run=_export)
    queue = commands.add_parser(
        "queue",
        help="say whether a training was asked for",
        description="Say how many trainings wait that Label Studio asked for. The exit status is 0 if there are any, "
        "else 1.",
        epilog="example:\n  python -m serving corrections queue && make train",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    queue.set_defaults(run=_queue)
    trained = commands.add_parser(
        "trained",
        help="take trainings off the queue",
        description="Take those trainings off the queue that were asked for before the last export to DIR; make train "
        "does so when it is done.",
        epilog="example:\n  python -m serving corrections trained annotations/corrections",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    trained.add_argument("folder", type=Path, metavar="DIR", help="the folder that was trained on")
    trained.set_defaults(run=_trained)
    return found
