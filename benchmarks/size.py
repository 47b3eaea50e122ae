"""The size of a model folder, and of an install that serves it.

Of the model: the files needed at run time, and the whole folder. Of the install: the files of the packages that
``requirements/serve.lock`` names, as installed in this environment, and Raqam's own. Packages of other platforms, and
packages of other extras, do not count. 1 MB is 1,000,000 bytes.

Run from the root of a checkout, in the environment to measure::

    python -m benchmarks.size
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.report import ROOT, table
from raqam import ModelError
from raqam.annotator import find_model
from raqam.manifest import read_manifest


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.size", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    parser.add_argument("--packages", type=int, default=5, metavar="N", help="how many packages to list (default: 5)")
    options = parser.parse_args(arguments)
    try:
        folder = find_model() if options.model is None else options.model
        print(table([f"model `{read_manifest(folder).id}`", "MB"], model_rows(folder)))
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n" + table(["install", "MB"], install_rows(options.packages)))
    return 0


def model_rows(folder: Path) -> Iterator[tuple[str, str]]:
    """The files of the model at run time, their sum, and all that lies in *folder*."""
    entries = {name: entry.bytes for name, entry in read_manifest(folder).files.items() if entry.runtime}
    yield from ((f"`{name}`", megabytes(size)) for name, size in entries.items())
    yield "all files needed at run time", megabytes(sum(entries.values()))
    yield "the whole folder", megabytes(size_of(folder))


def install_rows(largest: int) -> Iterator[tuple[str, str]]:
    """The *largest* packages, the rest of them, Raqam's own code, and the sum."""
    sizes = package_sizes()
    ranked = sorted(sizes, key=sizes.__getitem__, reverse=True)
    own = size_of(ROOT / "raqam") + size_of(ROOT / "serving")
    yield from ((f"`{name}`", megabytes(sizes[name])) for name in ranked[:largest])
    yield f"{len(ranked[largest:])} more packages", megabytes(sum(sizes[name] for name in ranked[largest:]))
    yield "`raqam` and `serving`", megabytes(own)
    yield "together", megabytes(sum(sizes.values()) + own)


def package_sizes() -> dict[str, int]:
    """The bytes of each locked package that is installed here; those that are not are named on stderr."""
    lock = (ROOT / "requirements" / "serve.lock").read_text(encoding="utf-8")
    sizes = {}
    for name, marker in re.findall(r"^([a-z0-9-]+)==[^\s;]+( ;)?", lock, re.MULTILINE):
        try:
            paths = [Path(str(path.locate())) for path in metadata.files(name) or []]
        except metadata.PackageNotFoundError:
            if not marker:  # one with a marker may be for another platform
                print(f"{name} is not installed here and is not counted.", file=sys.stderr)
            continue
        sizes[name] = sum(path.stat().st_size for path in paths if path.is_file())
    return sizes


def size_of(folder: Path) -> int:
    """The bytes of all files below *folder*, without what Python caches there."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sum(path.stat().st_size for path in files)


def megabytes(size: int) -> str:
    """*size* bytes as MB.

    >>> megabytes(28_482_301)
    '28.5'
    """
    return f"{size / 1e6:,.1f}"


if __name__ == "__main__":
    sys.exit(main())
