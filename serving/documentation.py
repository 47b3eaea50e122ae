"""The OpenAPI document: the schemas of :mod:`serving.schemas`, with an article and its record as the example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from raqam import Record
from serving import problems, schemas
from serving.bodies import JSON_TYPE, NDJSON_TYPE
from serving.corrections import schemas as kept
from serving.corrections.origin import is_kept

TITLE: Final = "Raqam"
DESCRIPTION: Final = """
Labelled character spans of Persian provincial and economic news: entities and economic figures.

Errors are `application/problem+json` (RFC 9457). In a request with several articles, an article that is wrong gets an
object with `error` at its place; the others get their records, and the status is 200.
"""

_BODIES: Final = (
    schemas.ArticleIn, schemas.ArticlesIn, schemas.RecordOut, schemas.RecordsOut, schemas.ProblemOut, kept.KeptIn,
    kept.AnnotationIn, kept.CompareIn, kept.SetupIn, kept.PredictIn, kept.WebhookIn,
)  # fmt: skip


#: Who may ask: anybody where the service has no keys; of ``/reload`` never.
_SECURED: Final[tuple[tuple[str, str, list[dict[str, list[str]]]], ...]] = (
    ("/annotate", "post", [{"key": []}, {}]),
    ("/model", "get", [{"key": []}, {}]),
    ("/reload", "post", [{"key": []}]),
)


def problem_responses(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route that can answer with these *kinds* of problems."""
    titles: dict[int | str, list[str]] = {}
    for kind in kinds:
        titles.setdefault(problems.KINDS[kind].status, []).append(f"{problems.KINDS[kind].title} (`{kind}`)")
    content = {problems.MEDIA_TYPE: {"schema": _reference(schemas.ProblemOut)}}
    return {status: {"description": "; ".join(found), "content": content} for status, found in titles.items()}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """Return the description of a body that is the JSON of *model*."""
    return {"required": True, "content": {JSON_TYPE: {"schema": _reference(model)}}}


def request_body(example: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of the body of ``POST /annotate``, with *example* as the article in it."""
    either = {"oneOf": [_reference(schemas.ArticleIn), _reference(schemas.ArticlesIn)]}
    examples = {
        "article": {"summary": "One article", "value": dict(example)},
        "articles": {"summary": "Several articles", "value": {"articles": [dict(example)]}},
    }
    lines = {"schema": {"type": "string", "description": "One article, as a JSON object, on each line."}}
    return {"required": True, "content": {JSON_TYPE: {"schema": either, "examples": examples}, NDJSON_TYPE: lines}}


def document(app: FastAPI, record: Record | None) -> dict[str, Any]:
    """Return the OpenAPI document of *app*; *record*, where there is one, is the example of an answer."""
    content = get_openapi(title=TITLE, version=app.version, description=DESCRIPTION, routes=app.routes)
    schema = models_json_schema(
        [(model, "validation") for model in _BODIES], ref_template="#/components/schemas/{model}"
    )[1]
    content.setdefault("components", {}).setdefault("schemas", {}).update(schema["$defs"])
    content["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, method, needed in _SECURED:
        content["paths"][path][method]["security"] = needed
    for path in filter(is_kept, content["paths"]):
        for operation in content["paths"][path].values():
            operation["security"] = [{"key": []}, {}]
    if record is not None:
        answer = content["paths"]["/annotate"]["post"]["responses"]["200"]["content"][JSON_TYPE]
        answer["examples"] = {"record": {"summary": "The record of one article", "value": record.to_dict()}}
    return content


def success() -> dict[str, Any]:
    """Return the description of the answers of ``POST /annotate`` to what can be annotated."""
    either = {"oneOf": [_reference(schemas.RecordOut), _reference(schemas.RecordsOut)]}
    lines = {"schema": {"type": "string", "description": "A record, or an object with `error`, for each line."}}
    return {
        "description": "A record, or the records of several articles in their order",
        "content": {JSON_TYPE: {"schema": either}, NDJSON_TYPE: lines},
    }


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
