"""The cases of figures: files of values, each with the many surfaces it is read from, through the whole reader.

A surface is the text of one span, or a text whose spans are marked: «از ⟦MON:۵⟧ به ⟦MON:۷ میلیارد تومان⟧». A value
leaves out what follows from the rest: ``kind``, ``bound`` where it is ``exact``, ``irr``, and ``of`` where any noun
will do.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from raqam import Span
from raqam.figures import read_values
from raqam.figures.phrases import plain
from raqam.text import normalize

FOLDER: Final = Path(__file__).resolve().parents[2] / "cases"
KINDS: Final = {"MON": "money", "PCT": "percent", "QTY": "quantity", "CNT": "count", "RNK": "rank"}
RIALS: Final = {"IRR": 1, "IRT": 10}
_MARKED: Final = re.compile("⟦([A-Z]{3}):([^⟧]*)⟧")


def load(name: str) -> list[dict[str, Any]]:
    """The cases of the file *name*."""
    found: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def parameters(name: str) -> list[Any]:
    """Each surface of each case of the file *name* with its case; known failures must fail."""
    return [
        pytest.param(
            surface,
            case,
            id=f"{case['origin']}: {surface}",
            marks=[pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else [],
        )
        for case in load(name)
        for surface in case["surfaces"]
    ]


def marked(text: str) -> tuple[str, list[Span]]:
    """*text* without its marks, and the spans that they mark."""
    plain_text, spans, at = "", list[Span](), 0
    for match in _MARKED.finditer(text):
        plain_text += text[at : match.start()]
        spans.append(Span(len(plain_text), len(plain_text) + len(match[2]), match[1], match[2], 1.0))
        plain_text += match[2]
        at = match.end()
    return plain_text + text[at:], spans


def read_all(text: str, published: str | None = None) -> list[dict[str, Any] | None]:
    """The values of the marked spans of *text*."""
    bare, spans = marked(text)
    day = dt.date.fromisoformat(published) if published else None
    return [dict(span.value) if span.value else None for span in read_values(normalize(bare), spans, day)]


def read_one(surface: str, label: str, case: dict[str, Any]) -> dict[str, Any] | None:
    """The value of *surface*, a span with *label*, between what stands before and after it in *case*."""
    text = surface if "⟦" in surface else f"⟦{label}:{surface}⟧"
    [value] = read_all(case.get("before", "") + text + case.get("after", ""), case.get("published"))
    return value


def whole(value: dict[str, Any] | None, label: str, read: dict[str, Any] | None) -> dict[str, Any] | None:
    """The value of a case with what it leaves out; the noun that was *read*, where any will do."""
    if value is None:
        return None
    full = {"kind": KINDS[label], "bound": "exact", **value}
    if label == "MON":
        full["irr"] = rials(value)
    if label == "CNT" and "of" not in value:
        full["of"] = read and read.get("of")
    return full


def rials(value: dict[str, Any]) -> str | dict[str, str] | None:
    """What an amount is in rials."""
    parts: dict[str, str] = {key: value[key] for key in ("number", "low", "high") if key in value}
    if value["currency"] not in RIALS or not parts:
        return None
    amounts: dict[str, str] = {key: plain(Decimal(part) * RIALS[value["currency"]]) for key, part in parts.items()}
    return amounts.get("number") or amounts


def check_all(surface: str, case: dict[str, Any]) -> None:
    """The marked spans of *surface* have the values of *case*, one for each."""
    bare, spans = marked(case.get("before", "") + surface + case.get("after", ""))
    found = read_all(case.get("before", "") + surface + case.get("after", ""), case.get("published"))
    values: Sequence[dict[str, Any] | None] = case["value"]
    expected = [whole(value, span.label, read) for value, span, read in zip(values, spans, found, strict=True)]
    assert found == expected, bare
