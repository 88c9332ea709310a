"""Spans of requests, sent to a collector; one that does not answer holds nothing up.

FastAPI makes the spans. What it would set up by itself waits at the end for every batch to be taken or to time out.
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
"""How long the end of the process may take for spans that are not sent yet."""
_PROTOCOL = "http/protobuf"
_log = logging.getLogger(__name__)


class TracesError(UserError):
    """Spans can't be sent; the message says in one line why."""


def span_exporter() -> "SpanExporter | None":
    """What sends spans where OpenTelemetry's variables say; None if they name no place.

    Raises:
        TracesError: what it takes is not installed, or the variables ask for another protocol than OTLP over HTTP.
    """
    told = {name.removeprefix("OTEL_"): value for name, value in os.environ.items() if name.startswith("OTEL_")}
    endpoint = told.get("EXPORTER_OTLP_TRACES_ENDPOINT") or told.get("EXPORTER_OTLP_ENDPOINT")
    if not endpoint or told.get("TRACES_EXPORTER") == "none" or told.get("SDK_DISABLED", "").lower() == "true":
        return None
    protocol = told.get("EXPORTER_OTLP_TRACES_PROTOCOL") or told.get("EXPORTER_OTLP_PROTOCOL") or _PROTOCOL
    if protocol != _PROTOCOL:
        raise TracesError(
            f"traces are sent by {_PROTOCOL} (port 4318, as a rule), not by OTEL_EXPORTER_OTLP_PROTOCOL's"
        )
    if not endpoint.startswith(("http://", "https://")):
        raise TracesError("OTEL_EXPORTER_OTLP_ENDPOINT must begin with http:// or https://")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    except ImportError:
        raise TracesError("to send traces, install the extra: pip install 'edge-rank[traces]'") from None
    return OTLPSpanExporter()


@asynccontextmanager
async def spans_sent(exporter: "SpanExporter | None") -> AsyncIterator[None]:
    """Have an exporter send the spans of this process until the block ends, which takes `LAST_SPANS_S` at most.

    Whoever has set a provider of spans before, such as an agent, sends them, and this does nothing.
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
        # It waits for a collector as long as that takes; the process waits for the thread no longer than it is told to.
        ending = threading.Thread(target=provider.shutdown, name="last-spans", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, LAST_SPANS_S)
        if ending.is_alive():
            _log.warning("the last spans were not sent: the collector did not take them within %g s", LAST_SPANS_S)


def _resource() -> "Resource":
    """What the spans are of: as OpenTelemetry's variables say, else `edge-rank`."""
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415

    named = "OTEL_SERVICE_NAME" in os.environ or f"{SERVICE_NAME}=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create({} if named else {SERVICE_NAME: "edge-rank"})
