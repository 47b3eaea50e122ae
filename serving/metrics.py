"""What the service counts, for Prometheus.

Each application has a registry of its own. Where ``PROMETHEUS_MULTIPROC_DIR`` names a folder, the processes that share
a port count into files there, and any of them renders the sum of all.
"""

from __future__ import annotations

import os
from collections import Counter as Tally
from collections.abc import Mapping
from typing import Any, Final, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from raqam.figures import VALUED

CONTENT_TYPE = CONTENT_TYPE_LATEST
SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's variable, read when it is imported

#: The parts of the way of an article; every one of them is in :meth:`Metrics.observe`'s histogram.
Stage = Literal["tokenize", "wait", "infer", "decode"]
STAGES: Final[tuple[Stage, ...]] = ("tokenize", "wait", "infer", "decode")

#: Why a key was refused: there is none, it cannot be one, it is none of ours, or does not allow this;
#: or the service has no keys at all, and this needs one.
KeyFailure = Literal["missing", "malformed", "unknown", "scope", "no_keys"]

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside every one, of no use here

#: From an answer without the model to a body full of articles.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
#: From the decoding of a short text to the wait of a long one.
_STAGE_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The counters of one application; thread-safe, and cheap enough to be called for every window."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        if not shares():  # the memory of whichever process answers would say nothing of the others
            ProcessCollector(registry=self._registry)
        self._requests = self._counter("requests", "Requests answered", "path", "status")
        self._seconds = self._histogram("request", "Seconds to the end of the answer", _SECONDS, "path")
        self._problems = self._counter("problems", "Problems, of requests and of articles", "type")
        self._key_failures = self._counter("key_failures", "Requests refused for their key", "reason")
        self._articles = self._counter("articles", "Articles annotated")
        self._characters = self._counter("characters", "Characters of the articles annotated")
        self._spans = self._counter("spans", "Spans found", "label")
        self._values = self._counter("values", "Values read", "label")
        self._unread = self._counter("values_unread", "Figures and dates whose value could not be read", "label")
        self._tokens = self._counter("tokens", "Tokens the model was run on, without padding")
        self._padding = self._counter("padding_tokens", "Tokens of padding the model was run on")
        self._queued_requests = self._gauge("queue_requests", "Requests that wait for the model or use it")
        self._queued_tokens = self._gauge("queue_tokens", "Tokens that wait for the model")
        stages = self._histogram("stage", "Seconds of each part of the work", _STAGE_SECONDS, "stage")
        self._stages = {stage: stages.labels(stage) for stage in STAGES}
        self._reloads = self._counter("model_reloads", "Models loaded anew", "result")
        self._models = self._gauge("model_info", "Processes that answer with this model", "name", "version", "sha256")
        self._model: Gauge | None = None

    def count_request(self, path: str, status: int, seconds: float) -> None:
        """Count a request; *path* is the route's, so that what callers make up adds no series."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def count_problem(self, kind: str) -> None:
        """Count a problem that a request, or one article of it, was answered with."""
        self._problems.labels(kind).inc()

    def count_key_failure(self, reason: KeyFailure) -> None:
        """Count a request that was refused for its key."""
        self._key_failures.labels(reason).inc()

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

    def observe(self, stage: Stage, seconds: float) -> None:
        """Count *seconds* spent in one *stage*: on an article, or on a run of the model."""
        self._stages[stage].observe(seconds)

    def count_tokens(self, run: int, padding: int) -> None:
        """Count a run of the model: its tokens that are text or special, and those of padding."""
        self._tokens.inc(run)
        self._padding.inc(padding)

    def set_queue(self, requests: int, tokens: int) -> None:
        """Say how many requests are in work or wait, and how many tokens wait."""
        self._queued_requests.set(requests)
        self._queued_tokens.set(tokens)

    def set_model(self, name: str, version: str, sha256: str) -> None:
        """Say which model answers from now on; the one before stays in the list with 0."""
        if self._model is not None:
            self._model.set(0)
        self._model = self._models.labels(name, version, sha256)
        self._model.set(1)

    def count_reload(self, ok: bool) -> None:
        """Count a reload of the model, whether it replaced the one before or not."""
        self._reloads.labels("replaced" if ok else "kept").inc()

    def render(self) -> bytes:
        """The counters in the text format of Prometheus, of all processes that share a folder."""
        if not shares():
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(f"raqam_{name}", help_, labels, registry=self._registry)

    def _histogram(self, name: str, help_: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"raqam_{name}_seconds", help_, labels, buckets=buckets, registry=self._registry)

    def _gauge(self, name: str, help_: str, *labels: str) -> Gauge:
        return Gauge(f"raqam_{name}", help_, labels, multiprocess_mode="livesum", registry=self._registry)


def shares() -> bool:
    """Whether this process counts together with others."""
    return bool(os.environ.get(SHARED_FOLDER))
