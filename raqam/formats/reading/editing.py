"""What a tool kept of a record while people edited its spans: it goes to those that are as they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from raqam.formats.reading.drafts import ABSENT, Draft, Drawn, are_whole, known_value


def rematch(draft: Draft, known: Mapping[str, Any] | None) -> Draft:
    """*draft* with the scores, values and facts of *known*, a record as it was before the spans were edited.

    They go to the spans that are still there as they were, with the same edges and label.
    """
    before = _rows(known)
    if known is None or before is None:
        return draft
    at = {(drawn.start, drawn.end, drawn.label): number for number, drawn in enumerate(draft.spans) if _plain(drawn)}
    rows = {_key(row): row for row in before}
    spans = [_with(drawn, rows.get((drawn.start, drawn.end, drawn.label)) if _plain(drawn) else None)
             for drawn in draft.spans]  # fmt: skip
    facts = [(at[_key(before[one])], at[_key(before[other])]) for one, other in _pairs(known, len(before))
             if _key(before[one]) in at and _key(before[other]) in at]  # fmt: skip
    return replace(draft, spans=spans, facts=facts, lenient=True)


def _rows(known: Mapping[str, Any] | None) -> list[Mapping[str, Any]] | None:
    rows = known.get("spans") if isinstance(known, Mapping) else None
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        return None
    return [row for row in rows if are_whole(row.get("start"), row.get("end")) and isinstance(row.get("label"), str)]


def _key(row: Mapping[str, Any]) -> tuple[int, int, str]:
    return row["start"], row["end"], row["label"]


def _plain(drawn: Drawn) -> bool:
    return are_whole(drawn.start, drawn.end) and isinstance(drawn.label, str)


def _with(drawn: Drawn, row: Mapping[str, Any] | None) -> Drawn:
    if row is None:
        return drawn
    quote = row.get("text") if isinstance(row.get("text"), str) else drawn.quote
    value = known_value(drawn.label, row["value"]) if "value" in row else ABSENT
    return replace(drawn, quote=quote, score=row.get("score", 1.0), value=value)


def _pairs(known: Mapping[str, Any], number: int) -> Iterator[tuple[int, int]]:
    facts = known.get("facts")
    for fact in facts if isinstance(facts, list | tuple) else ():
        one, other = (fact.get("indicator"), fact.get("figure")) if isinstance(fact, Mapping) else (None, None)
        if isinstance(one, int) and isinstance(other, int) and 0 <= one < number and 0 <= other < number:
            yield one, other
