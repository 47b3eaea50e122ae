"""The names of places: tables of what bears a name, and of what kind it is.

The tables (``data/iran.tsv``, ``data/world.tsv``) are read once, at the first look-up, and folded: letters alone,
joined, so that «بندر عباس» and «بندرعباس», «قائمشهر» and «قایم شهر» need no lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

#: What bears a name: its kind and its code of ISO 3166. The headers of the tables say what the kinds are; one with
#: ``?`` marks a name that other places, rivers or peaks bear too, which says too little alone.
Entries = tuple[tuple[str, str], ...]
#: Kinds to look among, in groups that are tried in turn.
Groups = tuple[frozenset[str], ...]

_FILES: Final = ("iran.tsv", "world.tsv")
_NO_LETTER: Final = re.compile(r"[^\w|]+|_+")  # the bar parts the names of the tables
_ALONE: Final = str.maketrans({"آ": "ا", "ئ": "ی", "ؤ": "و", "ء": None})


def fold(name: str) -> str:
    """Return *name* as the tables hold it: letters alone, joined, without the hamzas and maddas that news leaves out.

    >>> fold("قائم شهر") == fold("قایمشهر")
    True
    """
    return _NO_LETTER.sub("", name).translate(_ALONE).replace("یی", "ی")


def entries(folded: str) -> Entries:
    """Return what bears the name *folded*; nothing, mostly.

    >>> entries(fold("همدان"))
    (('province', 'IR-13'), ('county', 'IR-13'))
    """
    return _table().get(folded, ())


def choose(found: Entries, groups: Groups) -> str | None:
    """Return the only code in the first of *groups* that any of *found* is in.

    A city says nothing where a county bears its name that is less known («گلشن»), nor does one abroad («میامی»).

    >>> choose(entries(fold("گلستان")), (frozenset({"province"}), frozenset({"city?"})))
    'IR-27'
    """
    for group in groups:
        codes = {code for kind, code in found if kind in group}
        if codes and not group & {"province", "county"}:
            codes |= {code for kind, code in found if kind in ("county?", "city?")}
        if codes:
            return codes.pop() if len(codes) == 1 else None
    return None


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield every line of the tables: its kind, its code, its names joined by ``|``."""
    for file in _FILES:
        text = files("raqam.figures").joinpath("data", file).read_text("utf-8")
        for line in text.splitlines():
            if line and not line.startswith("#"):
                kind, code, names = line.split("\t")
                yield kind, code, names


@cache
def _table() -> dict[str, Entries]:
    lines = list(rows())
    folded = iter(fold("|".join(names for _, _, names in lines)).split("|"))  # at once: 3,000 names in 3 ms
    table: dict[str, Entries] = {}
    for kind, code, names in lines:
        for _ in range(names.count("|") + 1):
            name = next(folded)
            table[name] = (*table.get(name, ()), (kind, code))
    return table
