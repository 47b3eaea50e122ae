"""The model is swapped every few seconds under load: no request fails, and no answer is of two models.

``RAQAM_MODEL`` is a link that is pointed in turns to the model folder and to a copy of it with another version, and the
service is sent SIGHUP. The clients send single articles, several, and lines; every record of an answer must name the
model that the headers of the answer name, with the sha256 of its manifest. Queue and deadline are set so that neither
refuses anything.

Run from the root of a checkout::

    python -m benchmarks.swap
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final

from benchmarks.load import (
    JSON,
    NDJSON,
    Answer,
    Bar,
    Connection,
    Server,
    closed_loop,
    conclude,
    connection,
    json_body,
    parser,
    served,
)
from benchmarks.report import seed_texts
from benchmarks.service import StartError
from raqam import ModelError
from raqam.annotator import find_model
from raqam.manifest import read_manifest, write_manifest

PATIENCE: Final = 60.0  # seconds until a swap must be seen


@dataclass(frozen=True, slots=True)
class Swap:
    """One swap: which model was asked for, and the seconds until the service answered with it; None where never."""

    model: str
    seconds: float | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the bars; 1 where one is missed."""
    options = parser("swap", __doc__, seconds=120, clients=8)
    options.add_argument("--every", type=float, default=3.0, metavar="S", help="seconds between swaps (default: 3)")
    found = options.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as place:
            folders = [find_model() if found.model is None else found.model, Path(place, "other")]
            models = dict([identity(folders[0]), copy(*folders)])
            link = point(Path(place, "model"), folders[0])
            with served(link, queue_tokens=1_000_000, deadline_seconds=300) as server:
                answers, swaps = asyncio.run(run(server, link, folders, found))
                logged = server.said()
    except (ModelError, StartError) as error:
        print(error, file=sys.stderr)
        return 2
    if logged:
        print(logged, end="\n\n")
    return conclude(bars(answers, swaps, models), f"{found.seconds:g} s, {found.clients} clients")


def identity(folder: Path) -> tuple[str, str]:
    """The model in *folder* as records name it, and the sha256 of its manifest."""
    manifest = read_manifest(folder)
    return manifest.id, manifest.sha256


def copy(folder: Path, other: Path) -> tuple[str, str]:
    """Copy the model of *folder* to *other*, with another version."""
    shutil.copytree(folder, other)
    manifest = read_manifest(folder)
    write_manifest(other, replace(manifest, version=f"{manifest.version}-other"))
    return identity(other)


def point(link: Path, folder: Path) -> Path:
    """Let *link* point to *folder* from one moment to the next."""
    fresh = link.with_name(f"{link.name}.fresh")
    fresh.symlink_to(folder.resolve(), target_is_directory=True)
    os.replace(fresh, link)
    return link


async def run(
    server: Server, link: Path, folders: Sequence[Path], options: argparse.Namespace
) -> tuple[list[Answer], list[Swap]]:
    """The answers that *options.clients* get while the model is swapped, and the swaps."""
    swaps: list[Swap] = []

    async def keep_swapping() -> None:
        async with connection(server.port) as opened:
            for folder in cycle(reversed(folders)):
                await asyncio.sleep(options.every)
                point(link, folder)
                server.process.send_signal(signal.SIGHUP)
                swaps.append(await seen(opened, identity(folder)[0]))

    swapping = asyncio.create_task(keep_swapping())
    answers = await closed_loop(server.port, options.clients, requests(), options.seconds)
    swapping.cancel()
    return answers, swaps


def requests() -> Iterator[tuple[bytes, str]]:
    """Requests without end: an article, several, and lines; and now and then a longer one, to be in work at a swap."""
    texts = seed_texts()
    for at, text in zip(count(), cycle(texts)):
        yield json_body(text), JSON
        yield json.dumps({"articles": [{"text": each[:300]} for each in texts]}, ensure_ascii=False).encode(), JSON
        yield b"\n".join(json_body(each[: 300 if at % 4 else 3000]) for each in texts * (1 if at % 4 else 6)), NDJSON


async def seen(opened: Connection, model: str) -> Swap:
    """Ask for the model until it is *model*."""
    began = time.perf_counter()
    while (waited := time.perf_counter() - began) < PATIENCE:
        answer = await opened.get("/model")
        if answer.status == 200 and "{name}@{version}".format(**answer.content) == model:
            return Swap(model, waited)
        await asyncio.sleep(0.02)
    return Swap(model, None)


def records(answer: Answer) -> list[Mapping[str, Any]]:
    """The records in *answer*, or the refusals."""
    if answer.headers.get("content-type", "").startswith(NDJSON):
        return [json.loads(line) for line in answer.body.split(b"\n")[:-1]]
    content = answer.content
    return list(content["articles"]) if "articles" in content else [content]


def mistake(answer: Answer, models: Mapping[str, str]) -> str | None:
    """What is wrong with *answer*, if anything; *models* are the sha256 of the models by their names."""
    if answer.status != 200:
        return f"status {answer.status}" if answer.status else "no answer"
    found = records(answer)
    if refused := [record["error"] for record in found if "error" in record]:
        return f"an article refused: {refused[0]['type']}"
    named = answer.headers.get("raqam-model", "none")
    if {record["model"] for record in found} != {named}:
        return "records of another model than the header names"
    if models.get(named) != answer.headers.get("raqam-model-sha256"):
        return "another sha256 than that of the model"
    return None


def bars(answers: Sequence[Answer], swaps: Sequence[Swap], models: Mapping[str, str]) -> list[Bar]:
    """What was found against what it must be."""
    wrong = Counter(found for answer in answers if (found := mistake(answer, models)))
    named = Counter(answer.headers.get("raqam-model", "none") for answer in answers)
    done = [swap.seconds for swap in swaps if swap.seconds is not None]
    slowest = f", the slowest in {max(done):.1f} s" if done else ""
    return [
        Bar("answers that failed or are of two models", "0", listed(wrong) or "0", not wrong),
        Bar("answers of both models", " and ".join(models), listed(named), named.keys() == models.keys()),
        Bar("swaps that were seen", "all", f"{len(done)} of {len(swaps)}{slowest}", 0 < len(done) == len(swaps)),
    ]


def listed(counts: Mapping[str, int]) -> str:
    """Counts in one line."""
    return ", ".join(f"{number:,} × {what}" for what, number in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
