"""Which indicator a figure of a corrected article measures: as somebody set it, or as the spans stand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from typing import Any, Final

from raqam import Fact, Span
from raqam.facts import link
from raqam.labels import FIGURES
from serving.corrections.rows import Stored

_KIND: Final = {"IND": "indicator", **dict.fromkeys(FIGURES, "figure")}


def relink(text: str, spans: Sequence[Span], stored: Stored) -> tuple[Fact, ...]:
    """The facts of *spans*, in order, as the next revision of *stored*.

    What nobody set is found anew, by how the spans stand now. What somebody joined otherwise stays so where both spans
    are still there, and a figure that was taken apart stays so, until an indicator comes that is new. A span is still
    there where one of its kind has its edges, or else overlaps it.
    """
    found = link(text, spans)
    if stored.revision.number == 1:
        return found
    before = stored.revision.annotation
    facts = {Fact(fact["indicator"], fact["figure"]) for fact in before.facts}
    usual = set(link(text, [_span(span) for span in before.spans]))
    now = _places(before.spans, spans, {at for fact in facts for at in (fact.indicator, fact.figure)})
    kept = {Fact(now[fact.indicator], now[fact.figure]) for fact in facts - usual
            if fact.indicator in now and fact.figure in now}  # fmt: skip
    settled = {fact.figure for fact in kept}
    joined = {fact.figure for fact in facts}
    apart = {now[fact.figure] for fact in usual if fact.figure in now and fact.figure not in joined}
    new = set(range(len(spans))) - set(now.values())
    free = [fact for fact in found if fact.figure not in apart or fact.indicator in new]
    more = {fact for fact in free if fact.figure not in settled}
    return tuple(sorted(kept | more, key=lambda fact: (fact.figure, fact.indicator)))


def _span(stored: Mapping[str, Any]) -> Span:
    return Span(stored["start"], stored["end"], stored["label"], stored["text"], stored["score"], stored["value"])


def _places(before: Sequence[Mapping[str, Any]], spans: Sequence[Span], linked: Set[int]) -> dict[int, int]:
    """By index into *before*: where in *spans*, which are in order, that indicator or figure is now.

    Where two are one now, it is the one that was *linked*.
    """
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
    for at in sorted(moved, key=lambda at: at not in linked):
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
