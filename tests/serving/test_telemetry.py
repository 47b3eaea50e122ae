"""Spans as a collector of OpenTelemetry receives them, over a socket."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from raqam import Annotator
from serving.app import create_app
from serving.settings import Settings
from serving.telemetry import TelemetryError, provider
from tests.serving.conftest import running

CANARY = "قناری"


class Collector(ThreadingHTTPServer):
    """Takes what is sent to ``/v1/traces``."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[ExportTraceServiceRequest] = []

    @property
    def spans(self) -> list[Span]:
        scopes = [scope for sent in self.received for each in sent.resource_spans for scope in each.scope_spans]
        return [span for scope in scopes for span in scope.spans]


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        self.server.received.append(ExportTraceServiceRequest.FromString(plain))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector, which the variables of the environment name."""
    with Collector() as found:
        thread = Thread(target=found.serve_forever)
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{found.server_address[1]}")
        try:
            yield found
        finally:
            found.shutdown()
            thread.join()


def attributes(span: Span) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value") or "") for each in span.attributes}


def test_a_request_is_a_span_and_its_stages_are_within(collector: Collector, tiny_annotator: Annotator) -> None:
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    headers = {"traceparent": f"00-{trace}-{parent}-01", "X-Request-Id": "my-id"}
    article = {"text": f"{CANARY} استاندار همدان", "id": CANARY}
    with running(create_app(Settings(telemetry=True), tiny_annotator)) as client:
        client.post("/annotate", json=article, headers=headers)
        client.get(f"/{CANARY}?{CANARY}=1")
    # The application has ended, and sent what there was.
    (request,) = [span for span in collector.spans if span.name == "POST /annotate"]
    stages = [span for span in collector.spans if span.parent_span_id == request.span_id]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (trace, parent)
    assert request.kind == Span.SPAN_KIND_SERVER
    found = attributes(request)
    assert found.pop("raqam.tokens") > 2
    assert found == {
        "http.request.method": "POST", "http.route": "/annotate", "http.response.status_code": 200,
        "raqam.request_id": "my-id", "raqam.articles": 1,
    }  # fmt: skip
    assert sorted(span.name for span in stages) == ["decode", "infer", "tokenize", "wait"]
    for span in stages:
        assert span.start_time_unix_nano <= span.end_time_unix_nano <= request.end_time_unix_nano
        assert set(attributes(span)) == {"raqam.busy_seconds"}
    assert [span.name for span in collector.spans if not span.parent_span_id] == ["GET other"]
    assert {span.status.code for span in collector.spans} == {Status.STATUS_CODE_UNSET}
    for sent in collector.received:
        assert CANARY.encode() not in sent.SerializeToString()
        assert json.dumps(CANARY)[1:-1] not in str(sent)


def test_it_is_called_raqam_unless_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert provider("1.2").resource.attributes["service.name"] == "raqam"
    assert provider("1.2").resource.attributes["service.version"] == "1.2"
    monkeypatch.setenv("OTEL_SERVICE_NAME", "newsroom")
    assert provider("1.2").resource.attributes["service.name"] == "newsroom"


def test_the_framework_traces_nothing_of_its_own(monkeypatch: pytest.MonkeyPatch, tiny_annotator: Annotator) -> None:
    """That of FastAPI begins by itself where the process has a provider, and writes the query."""
    kept = InMemorySpanExporter()
    found = TracerProvider()
    found.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", found)
    with running(create_app(Settings(), tiny_annotator)) as client:
        client.get(f"/livez?{CANARY}")
    assert not kept.get_finished_spans()


def test_nothing_is_traced_unless_told(collector: Collector, tiny_annotator: Annotator) -> None:
    with running(create_app(Settings(), tiny_annotator)) as client:
        client.post("/annotate", json={"text": "قم"})
    assert not collector.received


def test_without_the_packages_the_command_that_installs_them_is_named(
    monkeypatch: pytest.MonkeyPatch, tiny_annotator: Annotator
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(TelemetryError, match=r"pip install 'raqam\[telemetry\]'"):
        create_app(Settings(telemetry=True), tiny_annotator)
