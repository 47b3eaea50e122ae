"""W3C Web Annotation: a line of JSON-LD for each article, an annotation collection on that line.

The recommendation counts characters as code points, as Raqam does. Names are derived from what the article holds, so
that the same article has the same ones wherever it stands.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, Final

from raqam.formats.kinds import Annotated
from raqam.formats.streams import json_text
from raqam.labels import LABELS
from raqam.records import Span

CONTEXT: Final = "http://www.w3.org/ns/anno.jsonld"

#: Characters of the article on either side of a quote.
_BESIDE: Final = 32

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_OID, "raqam/formats/webannotation")
_NAMES: Final = {label.code: label.name for label in LABELS}


def encode(item: Annotated) -> bytes:
    """The line of *item*: its spans as annotations of the article, and its facts as links between them."""
    record = item.record
    article = _name(item)
    collection = f"{article}#annotations"
    items = [*_spans(article, item), *_facts(article, item)]
    software = {"id": f"urn:uuid:{uuid.uuid5(_NAMESPACE, record.model)}", "type": "Software", "name": record.model}
    line = {
        "@context": CONTEXT,
        "id": collection,
        "type": "AnnotationCollection",
        **({} if record.id is None else {"label": record.id}),
        "generator": software,
        "total": len(items),
        "first": {"id": f"{collection}-1", "type": "AnnotationPage", "startIndex": 0, "items": items},
    }
    return f"{json_text(line)}\n".encode()


def _name(item: Annotated) -> str:
    """The name of the article: of its id, its day and its text."""
    content = json_text([item.article.id, str(item.article.published), item.article.text, item.record.model])
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, content)}"


def _spans(article: str, item: Annotated) -> Iterator[dict[str, Any]]:
    for index, span in enumerate(item.record.spans):
        yield {
            "id": f"{article}#s{index}",
            "type": "Annotation",
            "motivation": "classifying",
            "body": list(_bodies(span)),
            "target": {
                "source": {"id": article, "type": "Text", "format": "text/plain", "language": "fa"},
                "selector": _selectors(span, item.article.text),
            },
        }


def _bodies(span: Span) -> Iterator[dict[str, Any]]:
    """The label, in its code and its name; then what is known of the span beyond it."""
    known = {key: value for key, value in span.to_dict().items() if key in {"score", "value"}}
    yield {"type": "TextualBody", "purpose": "classifying", "value": span.label}
    yield {"type": "TextualBody", "purpose": "tagging", "value": _NAMES[span.label], "language": "en"}
    yield {"type": "TextualBody", "purpose": "describing", "value": json_text(known), "format": "application/json"}


def _selectors(span: Span, text: str) -> list[dict[str, Any]]:
    return [
        {"type": "TextPositionSelector", "start": span.start, "end": span.end},
        {
            "type": "TextQuoteSelector",
            "exact": span.text,
            "prefix": text[max(0, span.start - _BESIDE) : span.start],
            "suffix": text[span.end : span.end + _BESIDE],
        },
    ]


def _facts(article: str, item: Annotated) -> Iterator[dict[str, Any]]:
    """Links whose body is the indicator, and whose target is the figure that measures it."""
    for index, fact in enumerate(item.record.facts):
        yield {
            "id": f"{article}#f{index}",
            "type": "Annotation",
            "motivation": "linking",
            "body": f"{article}#s{fact.indicator}",
            "target": f"{article}#s{fact.figure}",
        }
