"""Web Annotation, expanded by PyLD with the part of the recommendation's context that names what is written."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from pyld import jsonld

from raqam.formats import Annotated, Format, web_annotation
from raqam.formats.web_annotation import CONTEXT
from tests.raqam.formats.items import EVERY, ITEMS, MODEL, annotated, spans_of, write

OA = "http://www.w3.org/ns/oa#"
AS = "http://www.w3.org/ns/activitystreams#"
VALUE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#value"
FORMATS = Path(__file__).resolve().parents[2] / "cases" / "formats"
TERMS = json.loads((FORMATS / "anno.jsonld").read_text("utf-8"))


def load(url: str, options: object) -> dict[str, Any]:
    """The only document there is: no network is touched."""
    assert url == CONTEXT
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": TERMS}


def expand(line: bytes | str) -> dict[str, Any]:
    (collection,) = jsonld.expand(json.loads(line), {"documentLoader": load})
    found: dict[str, Any] = collection
    return found


def value(node: dict[str, Any], key: str) -> Any:
    (found,) = node[key]
    return found.get("@value", found.get("@id"))


def span_back(annotation: dict[str, Any], text: str) -> tuple[int, int, str, str, Any]:
    (target,) = annotation[f"{OA}hasTarget"]
    position, quote = target[f"{OA}hasSelector"]
    label, _, known = annotation[f"{OA}hasBody"]
    assert (position["@type"], quote["@type"]) == ([f"{OA}TextPositionSelector"], [f"{OA}TextQuoteSelector"])
    start, end = value(position, f"{OA}start"), value(position, f"{OA}end")
    exact, before, after = (value(quote, f"{OA}{name}") for name in ("exact", "prefix", "suffix"))
    assert text[start:end] == exact
    assert text[:start].endswith(before)
    assert text[end:].startswith(after)
    assert len(before) == min(32, start)
    assert value(label, f"{OA}hasPurpose") == f"{OA}classifying"
    return start, end, value(label, VALUE), exact, json.loads(value(known, VALUE))


def check(lines: Sequence[bytes | str], items: Sequence[Annotated]) -> None:
    for collection, item in zip(map(expand, lines), items, strict=True):
        record = item.record
        (page,) = collection[f"{AS}first"]
        annotations = page[f"{AS}items"][0]["@list"]
        links = [each for each in annotations if value(each, f"{OA}motivatedBy") == f"{OA}linking"]
        spans = [each for each in annotations if each not in links]
        found = [span_back(each, item.article.text) for each in spans]
        assert [span[:4] for span in found] == spans_of(item)
        assert [span[4] for span in found] == [
            {"score": span["score"], "value": span["value"]} for span in (span.to_dict() for span in record.spans)
        ]
        assert [(value(link, f"{OA}hasBody"), value(link, f"{OA}hasTarget")) for link in links] == [
            (spans[fact.indicator]["@id"], spans[fact.figure]["@id"]) for fact in record.facts
        ]
        assert value(collection, f"{AS}totalItems") == len(annotations)
        assert collection["@type"] == [f"{AS}OrderedCollection"]
        names = [each["@id"] for each in annotations]
        assert len(set(names)) == len(names)
        assert all(re.match("urn:uuid:[0-9a-f-]{36}#[sf][0-9]+$", name) for name in names)


def test_every_span_comes_back(tmp_path: Path) -> None:
    path = write(Format.WEB_ANNOTATION, tmp_path / "out", EVERY)
    check(path.read_bytes().decode().splitlines(), EVERY)


@settings(max_examples=30)
@given(items=ITEMS)
def test_so_do_random_ones(items: Sequence[Annotated]) -> None:
    check([web_annotation.encode(item) for item in items], items)


def test_every_term_is_one_of_the_context() -> None:
    """What is not would be dropped without a word by whoever reads the line as linked data."""
    used: set[str] = set()

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            used.update(node)
            used.update(node[key] for key in ("type", "motivation", "purpose") if key in node)
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            collect(child)

    for item in EVERY:
        collect(json.loads(web_annotation.encode(item)))
    assert used - {"@context"} <= set(TERMS["@context"])


def test_names_follow_from_what_the_article_holds() -> None:
    texts = [("قم", "a1"), ("قم", "a1"), ("یزد", "a1"), ("قم", "a2"), ("قم", None)]
    names = [json.loads(web_annotation.encode(annotated(text, id=id)))["id"] for text, id in texts]
    assert names[0] == names[1]
    assert len(set(names)) == 4


def test_says_what_made_it() -> None:
    collection = expand(web_annotation.encode(annotated("قم")))
    (software,) = collection[f"{AS}generator"]
    assert software["@type"] == [f"{AS}Application"]
    assert value(software, "http://xmlns.com/foaf/0.1/name") == MODEL
    assert value(collection, "http://www.w3.org/2000/01/rdf-schema#label") == "a1"
