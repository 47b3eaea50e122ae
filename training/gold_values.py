"""The value objects of gold spans: their short string form, beside what :mod:`raqam.figures.objects` says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from raqam.figures.objects import BOUNDS, CALENDARS, KINDS, OPTIONAL, RIALS, rials, value_problems

__all__ = ["BOUNDS", "CALENDARS", "KINDS", "OPTIONAL", "RIALS", "rials", "value_problems", "value_string"]


def value_string(value: object) -> str | None:
    """The short string form of a value object, as scoring scripts compare it; strings and None stay as they are.

    >>> value_string({"kind": "money", "low": "2", "high": "3", "currency": "USD", "irr": None, "bound": "exact"})
    '2..3 USD'
    >>> value_string({"kind": "ratio", "number": "2", "bound": "exact"})
    'x2'
    >>> value_string({"kind": "date", "calendar": "gregorian", "date": "2019-05"})
    'g2019-05'

    A place has no string form; a lunar date is written as a solar one, by its numbers alone.
    """
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or value.get("kind") == "place":
        return None
    if value["kind"] == "date":
        return _date_string(value)
    number = value.get("number") or (f"{value['low']}..{value['high']}" if "low" in value else "?")
    prefix = "x" if value["kind"] == "ratio" else ""
    unit = value.get({"money": "currency", "quantity": "unit"}.get(value["kind"], ""))
    return f"{prefix}{number} {unit}" if unit else f"{prefix}{number}"


def _date_string(value: Mapping[str, Any]) -> str:
    if value.get("relative"):
        return "rel"
    mark = "g" if value["calendar"] == "gregorian" else ""
    return "..".join(mark + end for end in value["date"].split(".."))
