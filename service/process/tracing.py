"""Export of request spans to an OpenTelemetry collector; one that does not respond holds nothing up.

FastAPI creates the spans. Its own export would wait at shutdown until every batch is accepted or times out.
"""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace

from service.user_error import UserError

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import SpanExporter

LAST_SPANS_S = 2.0
"""Time limit of the shutdown for unsent spans."""
_PROTOCOL = "http/protobuf"
_log = logging.getLogger(__name__)


class TracesError(UserError):
    """Spans can't be exported; the message says in one line why."""


def span_exporter() -> "SpanExporter | None":
    """The exporter that OpenTelemetry's environment variables configure; None without an endpoint.

    Raises:
        TracesError: the exporter is not installed, or the variables ask for another protocol than OTLP over HTTP.
    """
    otel = {name.removeprefix("OTEL_"): value for name, value in os.environ.items() if name.startswith("OTEL_")}
    endpoint = otel.get("EXPORTER_OTLP_TRACES_ENDPOINT") or otel.get("EXPORTER_OTLP_ENDPOINT")
    if not endpoint or otel.get("TRACES_EXPORTER") == "none" or otel.get("SDK_DISABLED", "").lower() == "true":
        return None
    protocol = otel.get("EXPORTER_OTLP_TRACES_PROTOCOL") or otel.get("EXPORTER_OTLP_PROTOCOL") or _PROTOCOL
    if protocol != _PROTOCOL:
        raise TracesError(
            f"traces are sent by {_PROTOCOL} (usually port 4318), not by the protocol in OTEL_EXPORTER_OTLP_PROTOCOL"
        )
    if not endpoint.startswith(("http://", "https://")):
        raise TracesError("OTEL_EXPORTER_OTLP_ENDPOINT must begin with http:// or https://")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    except ImportError:
        raise TracesError("to send traces, install the extra: pip install 'edge-rank[traces]'") from None
    return OTLPSpanExporter()


@asynccontextmanager
async def exporting_spans(exporter: "SpanExporter | None") -> AsyncIterator[None]:
    """Export the spans of this process until the block ends; leaving it takes `LAST_SPANS_S` at most.

    Does nothing if a tracer provider is set already, such as by an agent.
    """
    if exporter is None or not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        yield
        return
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        # The provider waits for the collector however long that takes; the process does not wait for the provider.
        ending = threading.Thread(target=provider.shutdown, name="last-spans", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, LAST_SPANS_S)
        if ending.is_alive():
            _log.warning("the last spans were not sent: the collector did not accept them within %g s", LAST_SPANS_S)


def _resource() -> "Resource":
    """The resource of the spans: named by OpenTelemetry's variables, else `edge-rank`."""
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415

    named = "OTEL_SERVICE_NAME" in os.environ or f"{SERVICE_NAME}=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create({} if named else {SERVICE_NAME: "edge-rank"})
