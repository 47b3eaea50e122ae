"""What the service counts, for Prometheus. Each application has a registry of its own."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from raqam.figures import VALUED

CONTENT_TYPE = CONTENT_TYPE_LATEST

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside every one, of no use here

#: From an answer without the model to a body full of articles.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counters of one application; thread-safe."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter("raqam_requests", "Requests answered", ["path", "status"], registry=registry)
        self._seconds = Histogram(
            "raqam_request_seconds", "Seconds to the end of the answer", ["path"], buckets=_SECONDS, registry=registry
        )
        self._problems = Counter("raqam_problems", "Problems, of requests and of articles", ["type"], registry=registry)
        self._articles = Counter("raqam_articles", "Articles annotated", registry=registry)
        self._characters = Counter("raqam_characters", "Characters of the articles annotated", registry=registry)
        self._spans = Counter("raqam_spans", "Spans found", ["label"], registry=registry)
        self._values = Counter("raqam_values", "Values read", ["label"], registry=registry)
        self._unread = Counter(
            "raqam_values_unread", "Figures and dates whose value could not be read", ["label"], registry=registry
        )

    def count_request(self, path: str, status: int, seconds: float) -> None:
        """Count a request; *path* is the route's, so that what callers make up adds no series."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def count_problem(self, kind: str) -> None:
        """Count a problem that a request, or one article of it, was answered with."""
        self._problems.labels(kind).inc()

    def count_record(self, text: str, record: Mapping[str, Any]) -> None:
        """Count an annotated article, its spans, and the values read and not read."""
        self._articles.inc()
        self._characters.inc(len(text))
        found = Tally((span["label"], span["value"] is not None) for span in record["spans"])
        for (label, read), number in found.items():
            self._spans.labels(label).inc(number)
            if read:
                self._values.labels(label).inc(number)
            elif label in VALUED:
                self._unread.labels(label).inc(number)

    def render(self) -> bytes:
        """The counters in the text format of Prometheus."""
        return generate_latest(self._registry)
