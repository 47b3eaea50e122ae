"""Keys against guessing: how many wrong ones a real service accepts, and whether better ones take it longer.

Starts ``python -m serving`` on a free port of this machine with a file of two keys, and sends it keys that are random,
cut, longer, in the other case, changed in one place, or made of what stands in the file: none may be accepted. Then
keys that begin like a real one, for more and more characters, and go on at random, with a right checksum. They are sent
in random order over one connection; medians, and for each length the p-value of the Mann-Whitney test that its answers
take as long as those to keys that begin like none. With five tests, one below 0.01 in twenty runs is chance.

Run from the root of a checkout::

    python -m benchmarks.keys
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import statistics
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from benchmarks.report import ROOT, machine, table
from benchmarks.service import free_port
from serving.keys import Key, checksum, create

LETTERS: Final = string.ascii_letters + string.digits
#: Characters a guess has in common with a real key, of 66: none, the id, and more and more of the secret.
COMMON: Final = (0, 15, 25, 35, 45, 57)
UNAUTHORIZED: Final = 401


def main(arguments: Sequence[str] | None = None) -> int:
    """Send wrong keys and print two tables; 1 where one was accepted."""
    options = parser().parse_args(arguments)
    real = [create("annotate"), create("admin")]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), [key for _, key in real], options.model) as port,
    ):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        if any(ask(connection, text)[0] != 200 for text, _ in real):
            print("The service does not accept its own keys.", file=sys.stderr)
            return 2
        accepted = guess(connection, real, options.guesses)
        times = measure(connection, real[0][0], options.repetitions)
    print(table(["wrong keys", "sent", "accepted"], accepted))
    print()
    print(table(["characters in common", "median", "p against 0"], list(rows(times))))
    print(f"\n{options.repetitions:,} answers of each kind, over one connection; {machine()}.")
    return int(any(row[2] for row in accepted))


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks.keys", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--model", type=Path, metavar="DIR", help="the model folder (default: the default model)")
    found.add_argument("--guesses", type=int, default=10_000, metavar="N", help="wrong keys (default: 10000)")
    found.add_argument("--repetitions", type=int, default=3000, metavar="N", help="of each length (default: 3000)")
    return found


@contextmanager
def running(folder: Path, keys: Sequence[Key], model: Path | None) -> Iterator[int]:
    """The service in a process of its own, with *keys*; yields its port once it is ready."""
    (folder / "keys").write_text("".join(f"{key.line()}\n" for key in keys), "utf-8")
    port = free_port()
    settings = {"RAQAM_PORT": port, "RAQAM_API_KEYS": folder / "keys", "RAQAM_LOG_LEVEL": "error"}
    settings |= {"RAQAM_MODEL": model.resolve()} if model else {}
    environment = {**os.environ, **{name: str(value) for name, value in settings.items()}}
    process = subprocess.Popen([sys.executable, "-m", "serving"], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        if process.stderr is None or not process.stderr.readline():
            raise RuntimeError("The service did not start.")
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=60)


def ask(connection: HTTPConnection, key: str) -> tuple[int, float]:
    """Send *key*; the status of the answer, and the seconds it took."""
    began = time.perf_counter()
    connection.request("GET", "/model", headers={"Authorization": f"Bearer {key}"})
    response = connection.getresponse()
    response.read()
    return response.status, time.perf_counter() - began


def guess(connection: HTTPConnection, real: Sequence[tuple[str, Key]], count: int) -> list[tuple[str, int, int]]:
    """Send *count* wrong keys, of each kind as many; for each kind how many, and how many were accepted."""
    right = {text for text, _ in real}
    result = []
    for at, (kind, make) in enumerate(KINDS.items()):
        number = count // len(KINDS) + (at < count % len(KINDS))
        wrong = [wrong_key(make, right, *random.choice(real)) for _ in range(number)]
        result.append((kind, number, sum(ask(connection, key)[0] != UNAUTHORIZED for key in wrong)))
    return [*result, ("all", sum(row[1] for row in result), sum(row[2] for row in result))]


def wrong_key(make: Callable[[str, Key], str], right: set[str], text: str, key: Key) -> str:
    """What *make* makes of a real key, unless it is real itself."""
    while (made := make(text, key)) in right:
        pass
    return made


def alike(text: str, common: int) -> str:
    """A key that begins with the first *common* characters of *text*, goes on with others, and has its checksum."""
    start = text[:common]
    if common < 15:
        start += f"raqam_{letters(8).lower()}_"[common:]
    if common < 58:
        start += secrets.choice([letter for letter in LETTERS if letter != text[len(start)]])
    start += letters(58 - len(start))
    return start + checksum(start.encode())


def letters(count: int) -> str:
    """*count* random letters and digits."""
    return "".join(random.choices(LETTERS, k=count))


def changed(text: str, _: Key) -> str:
    """*text* with another letter at one place, and the checksum that belongs to it."""
    at = random.randrange(15, 58)
    start = text[:at] + random.choice(LETTERS) + text[at + 1 : 58]
    return start + checksum(start.encode())


KINDS: Final[dict[str, Callable[[str, Key], str]]] = {
    "random, well-formed": lambda text, key: alike(text, 0),
    "random, with the id of a real one": lambda text, key: alike(text, 15),
    "random letters": lambda text, key: letters(random.randrange(1, 200)),
    "cut": lambda text, key: text[: random.randrange(1, len(text))],
    "longer": lambda text, key: text + letters(random.randrange(1, 100)),
    "one place changed, checksum right": changed,
    "one place changed": lambda text, key: changed(text, key)[:58] + text[58:],
    "the other case": lambda text, key: random.choice(
        (text.upper(), text.swapcase(), text[:15] + text[15:].swapcase())
    ),
    "from the file": lambda text, key: random.choice((key.digest.hex(), key.id, f"raqam_{key.id}_{key.digest.hex()}")),
}


def measure(connection: HTTPConnection, text: str, repetitions: int) -> dict[int, list[float]]:
    """The seconds of *repetitions* answers for each number of characters of :data:`COMMON`, asked in random order."""
    times: dict[int, list[float]] = {common: [] for common in COMMON}
    plan = [(common, alike(text, common)) for common in COMMON for _ in range(repetitions)]
    random.shuffle(plan)
    for common, key in plan:
        times[common].append(ask(connection, key)[1])
    return times


def rows(times: dict[int, list[float]]) -> Iterator[tuple[str, str, str]]:
    """The lines of the second table."""
    for common, seconds in times.items():
        p = "" if common == 0 else f"{mann_whitney(seconds, times[0]):.3f}"
        yield str(common), f"{statistics.median(seconds) * 1e6:.1f} µs", p


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """The two-sided p-value that neither of two samples tends to be larger, by the normal approximation.

    >>> round(mann_whitney(range(100), range(100)), 3), mann_whitney(range(100), range(90, 190)) < 0.001
    (1.0, True)
    """
    ordered = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks, at = 0.0, 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        ranks += (at + end + 1) / 2 * sum(sample == 0 for _, sample in ordered[at:end])
        at = end
    n, m = len(first), len(second)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5
    return 2 * statistics.NormalDist().cdf(-abs(z))


if __name__ == "__main__":
    sys.exit(main())
