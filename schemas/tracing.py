"""Traces that cross the bus by a header: off unless a collector is named; spans hold names and counts."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

PATH = "/v1/traces"


class TracingUnavailable(Exception):
    """Traces were asked for, and the packages for them are not installed."""


class Tracing(Protocol):
    """What a sender and a reader of the bus tell of their work."""

    def span(self, name: str) -> Any:
        """A context in which something is done; it gives the `traceparent` to send along, or None."""

    def went_on(self, name: str, traceparents: Iterable[str], began: int) -> None:
        """Tell that what these began was gone on with, from `began` (nanoseconds since 1970) until now."""

    def close(self) -> None:
        """Send what is not sent yet."""


class NoTracing:
    """Nothing is told to anyone."""

    @contextmanager
    def span(self, name: str) -> Iterator[None]:  # noqa: ARG002 — the port's
        """Do it, and tell nobody."""
        yield None

    def went_on(self, name: str, traceparents: Iterable[str], began: int) -> None:
        """Tell nobody."""

    def close(self) -> None:
        """Nothing is left to send."""


class Collected:
    """Spans sent to a collector by OTLP over HTTP, in the background: one that is away stops nobody."""

    def __init__(self, endpoint: str, service: str) -> None:
        """Raises TracingUnavailable where the extra `tracing` is not installed."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 — an extra
                OTLPSpanExporter,
            )
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 — likewise
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 — likewise
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 — likewise
        except ImportError:
            raise TracingUnavailable(
                "traces need the extra: pip install 'safeguarding-hub[tracing]'"
            ) from None
        self._provider = TracerProvider(resource=Resource({"service.name": service}))
        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + PATH, timeout=5)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("safeguarding-hub")

    @contextmanager
    def span(self, name: str) -> Iterator[str]:
        """Do it within a span, whose `traceparent` (W3C) it gives."""
        with self._tracer.start_as_current_span(name, record_exception=False) as span:
            context = span.get_span_context()
            yield f"00-{context.trace_id:032x}-{context.span_id:016x}-01"

    def went_on(self, name: str, traceparents: Iterable[str], began: int) -> None:
        """One span for each trace that was gone on with, and how many messages were of it."""
        from opentelemetry.trace import (  # noqa: PLC0415 — an extra
            NonRecordingSpan,
            SpanContext,
            TraceFlags,
            set_span_in_context,
        )

        ended = time.time_ns()
        for parent, count in Counter(traceparents).items():
            parts = parent.split("-")
            try:
                ids = int(parts[1], 16), int(parts[2], 16)
            except (IndexError, ValueError):  # a sender's own, in no shape we know
                continue
            of = SpanContext(*ids, is_remote=True, trace_flags=TraceFlags(1))
            context = set_span_in_context(NonRecordingSpan(of))
            span = self._tracer.start_span(name, context, start_time=began, attributes={"messages": count})
            span.end(ended)

    def close(self) -> None:
        """Send what is not sent yet; a collector that is away is waited for a few seconds at most."""
        self._provider.shutdown()


def tracing_to(endpoint: str | None, service: str) -> Tracing:
    """Traces for a collector, where one is named; else none. Raises TracingUnavailable."""
    return Collected(endpoint, service) if endpoint else NoTracing()
