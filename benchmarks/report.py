"""What the benchmarks share: the seed articles, the machine they ran on, and tables in Markdown."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from raqam import Article

ROOT: Final = Path(__file__).resolve().parents[1]
_ARABIC: Final = str.maketrans("یک۰۱۲۳۴۵۶۷۸۹", "يك٠١٢٣٤٥٦٧٨٩")
_LATIN: Final = str.maketrans("يك۰۱۲۳۴۵۶۷۸۹", "یک0123456789")


def seed_texts() -> list[str]:
    """The texts of the seed articles, in the order of their names."""
    return [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]


def seed_articles(count: int) -> list[Article]:
    """Return *count* articles: the seeds as they are, with Arabic letters and digits, with Latin digits, and again."""
    texts = seed_texts()
    variants = [*texts, *(text.translate(_ARABIC) for text in texts), *(text.translate(_LATIN) for text in texts)]
    return [Article(text, id=str(at)) for at, text in enumerate(islice(cycle(variants), count))]


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown: the first column to the left, the others to the right.

    >>> print(table(["file", "MB"], [["model", 28.5]]))
    | file | MB |
    |---|---:|
    | model | 28.5 |
    """
    lines = [header, *(map(str, row) for row in rows)]
    head, *body = ("| " + " | ".join(line) + " |" for line in lines)
    return "\n".join([head, "|---|" + "---:|" * (len(header) - 1), *body])


def percentile(values: Sequence[float], percent: int) -> float:
    """The *percent*-th percentile of two *values* or more.

    >>> percentile([1, 2, 3, 4, 5], 50)
    3.0
    """
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def machine() -> str:
    """One line on the machine, for below a table."""
    return f"{processor()}, {os.cpu_count()} processors; Python {platform.python_version()} on {platform.system()}"


def processor() -> str:
    """The name of the processor where the system tells it, else its architecture."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
