"""Traces by OpenTelemetry, where the setting ``telemetry`` asks for them: a span for each request, one for each stage.

Where they are sent is said by OpenTelemetry's own variables (``OTEL_EXPORTER_OTLP_ENDPOINT``, ``OTEL_SERVICE_NAME``,
``OTEL_TRACES_SAMPLER``, …). The instrumentation that FastAPI has, and the one for ASGI, write the query of each
request and what exceptions say, so the spans are made here; they have nothing of the body, the query, the path as it
was sent, or a message of an exception.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.logs import Work, current

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

INSTALL: Final = (
    "Traces need packages that are not installed: pip install 'raqam[telemetry]', or unset RAQAM_TELEMETRY."
)


class TelemetryError(Exception):
    """The setting ``telemetry`` cannot be followed: a sentence on what is missing."""


def provider(version: str) -> TracerProvider:
    """Return what sends spans as the ``OTEL_`` variables say; raises :class:`TelemetryError` without the packages."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise TelemetryError(INSTALL) from error
    named = Resource.create({"service.name": "raqam", "service.version": version})
    found = TracerProvider(resource=named.merge(OTELResourceDetector().detect()))
    found.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return found


class TraceRequests:
    """Makes a span of each request, below that of the caller where its ``traceparent`` names one.

    What waits to be sent is sent when the application ends.
    """

    def __init__(self, app: ASGIApp, provider: TracerProvider) -> None:
        self._app, self._provider = app, provider
        self._tracer = provider.get_tracer("raqam")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, self._ending(send))
        status = 0

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        span = self._start(scope)
        try:
            await self._app(scope, receive, observe)
        finally:
            self._finish(span, status, current())

    def _start(self, scope: Scope) -> Span:
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        caller = TraceContextTextMapPropagator().extract(dict(Headers(scope=scope)))
        return self._tracer.start_span("request", caller, SpanKind.SERVER)

    def _finish(self, span: Span, status: int, work: Work) -> None:
        from opentelemetry.trace import Status, StatusCode, set_span_in_context

        span.update_name(f"{work.method} {work.route}")
        span.set_attributes(_attributes(status, work))
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        inside, zero = set_span_in_context(span), time.time_ns() - time.perf_counter_ns()
        for stage, timing in work.stages.items():
            start, end = (zero + int(at * 1e9) for at in (timing.began, timing.ended))
            part = self._tracer.start_span(stage, inside, start_time=start)
            part.set_attribute("raqam.busy_seconds", timing.seconds)
            part.end(end)
        span.end()

    def _ending(self, send: Send) -> Send:
        """Send what waits before it is said that the application has ended, after which there may be no time."""

        async def end(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                await to_thread.run_sync(self._provider.shutdown)
            await send(message)

        return end


def _attributes(status: int, work: Work) -> Mapping[str, Any]:
    """The names are those of OpenTelemetry's conventions where these have one."""
    found = {
        "http.request.method": work.method,
        "http.route": work.route,
        "http.response.status_code": status or None,
        "raqam.request_id": work.request,
        "raqam.key": work.key,
        "raqam.articles": work.articles,
        "raqam.tokens": work.tokens,
    }
    return {name: value for name, value in found.items() if value is not None}
