"""The seed articles of the checkout, which the page offers to try: ``/seeds`` lists them, ``/seeds/NAME`` is one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from serving.problems import Problem, ProblemError

SEEDS: Final = Path(__file__).resolve().parents[1] / "seeds"
PREVIEW: Final = 80

#: How the day of publication stands at the beginning of a seed.
_DATED: Final = re.compile(r"\s*date (\d{4}-\d{2}-\d{2})\s*")

router = APIRouter()


@router.get("/seeds", include_in_schema=False)
async def seeds() -> Response:
    """`{"seeds": [{"name", "preview", "published", "characters"}]}`; none where the folder is not there."""
    return JSONResponse({"seeds": [_described(path) for path in _files()]})


@router.get("/seeds/{name}", include_in_schema=False)
async def seed(name: str) -> Response:
    """The text of a seed, byte for byte."""
    for path in _files():
        if path.stem == name:
            headers = {"X-Content-Type-Options": "nosniff"}
            return Response(path.read_bytes(), media_type="text/plain; charset=utf-8", headers=headers)
    raise ProblemError(Problem("not-found", "There is no seed of this name; /seeds lists them."))


def _files() -> list[Path]:
    return sorted(SEEDS.glob("*.txt"))


def _described(path: Path) -> dict[str, Any]:
    text = path.read_bytes().decode("utf-8")
    dated = _DATED.match(text)
    preview = " ".join(text[dated.end() if dated else 0 :][: 2 * PREVIEW].split())[:PREVIEW]
    published = dated[1] if dated else None
    return {"name": path.stem, "preview": preview, "published": published, "characters": len(text)}
