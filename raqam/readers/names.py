"""Names of files and columns as messages and ids can carry them."""

from __future__ import annotations

import re
from typing import Final

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def shown(name: str) -> str:
    """*name* without what a terminal or JSON cannot carry: control characters and bytes that are no UTF-8."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", name)


def located(name: str, line: int | None) -> str:
    """The printable *name* and, where it is known, the line in it.

    >>> located("اخبار.jsonl", 3)
    'اخبار.jsonl:3'
    """
    return shown(name) if line is None else f"{shown(name)}:{line}"
