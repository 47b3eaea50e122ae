"""Articles that are kept as the answers that the paths give."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from starlette.responses import Response

from serving.bodies import JSON_TYPE, encode
from serving.corrections.rows import Revision, Stored
from serving.offsets import Unit, utf16_offsets

#: What is kept is for those who may see it: no cache keeps it, and no browser takes it for something else.
PRIVATE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def answer(stored: Stored, unit: Unit, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """*stored* whole, with its ETag."""
    content = await asyncio.to_thread(content_of, stored, unit)
    return plain(content, status, {"ETag": f'"{stored.revision.number}"', **(headers or {})})


def content_of(stored: Stored, unit: Unit) -> dict[str, Any]:
    """*stored* as the JSON object that an answer is, offsets in *unit*."""
    annotation = stored.revision.annotation
    spans = in_units(annotation.spans, stored.text) if unit == "utf16" else annotation.spans
    names = ("article", "id", "text", "published", "state")
    about = {**{name: getattr(stored, name) for name in names}, **head(stored.revision)}
    return {**about, "uncertainty": stored.uncertainty, "spans": spans, "facts": annotation.facts}


def head(revision: Revision) -> dict[str, Any]:
    """What there is to say of *revision* but its spans and facts."""
    made = revision.annotation
    return {
        "revision": revision.number, "who": revision.who, "when": revision.when,
        "model": made.model, "sha256": made.sha256,
    }  # fmt: skip


def in_units(spans: Any, text: str) -> list[dict[str, Any]]:
    """*spans* of *text* with offsets in UTF-16 units."""
    convert = utf16_offsets(text)
    return [{**span, "start": convert(span["start"]), "end": convert(span["end"])} for span in spans]


def plain(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """*content* as JSON, for nobody else to keep."""
    return Response(encode(content), status, {**PRIVATE, **(headers or {})}, JSON_TYPE)
