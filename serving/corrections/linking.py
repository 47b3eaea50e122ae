"""Which indicator a figure of a corrected article measures: as somebody set it, or as the spans stand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final

from raqam import Fact, Span
from raqam.facts import link
from raqam.labels import FIGURES
from serving.corrections.rows import Stored

_KIND: Final = {"IND": "indicator", **dict.fromkeys(FIGURES, "figure")}


def relink(text: str, spans: Sequence[Span], stored: Stored) -> tuple[Fact, ...]:
    """The facts of *spans*, in order, as the next revision of *stored*.

    After a model all are found by how the spans stand. After a person the pairs whose spans are still there stay, and
    those are found beside them whose figure or indicator is new, or whose figure has lost its indicator: what somebody
    joined, or took apart, stays so. A span is still there where one of its kind has its edges, or else overlaps it.
    """
    found = link(text, spans)
    if stored.revision.number == 1:
        return found
    before = stored.revision.annotation
    now = _places(before.spans, spans)
    kept = {Fact(now[fact["indicator"]], now[fact["figure"]]) for fact in before.facts
            if fact["indicator"] in now and fact["figure"] in now}  # fmt: skip
    joined = {fact.figure for fact in kept}
    lost = {now[fact["figure"]] for fact in before.facts if fact["figure"] in now} - joined
    new = set(range(len(spans))) - set(now.values()) | lost
    more = {fact for fact in found if fact.figure not in joined and not new.isdisjoint((fact.figure, fact.indicator))}
    return tuple(sorted(kept | more, key=lambda fact: (fact.figure, fact.indicator)))


def _places(before: Sequence[Mapping[str, Any]], spans: Sequence[Span]) -> dict[int, int]:
    """By index into *before*: where in *spans*, which are in order, that indicator or figure is now."""
    exact = {(span.start, span.end, _KIND.get(span.label)): at for at, span in enumerate(spans)}
    ends = [span.end for span in spans]
    found: dict[int, int] = {}
    moved: list[int] = []
    for at, old in enumerate(before):
        kind = _KIND.get(old["label"])
        if kind is None:
            continue
        place = exact.get((old["start"], old["end"], kind))
        if place is None:
            moved.append(at)
        else:
            found[at] = place
    taken = set(found.values())
    for at in moved:
        old = before[at]
        for place in range(bisect_right(ends, old["start"]), len(spans)):
            span = spans[place]
            if span.start >= old["end"]:
                break
            if place not in taken and _KIND.get(span.label) == _KIND[old["label"]]:
                found[at] = place
                taken.add(place)
                break
    return found
