import os
from collections.abc import AsyncIterator, Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.service.apps import RunningApp, running


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests decide the settings: what the shell exports must not."""
    for name in [name for name in os.environ if name.startswith("EDGE_RANK_")]:
        monkeypatch.delenv(name)


@pytest.fixture
async def service() -> AsyncIterator[RunningApp]:
    async with running() as app:
        yield app


@pytest.fixture(scope="session")
def _exporter() -> Iterator[InMemorySpanExporter]:
    """OpenTelemetry takes one provider a process."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    yield exporter
    provider.shutdown()


@pytest.fixture
def spans(_exporter: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    _exporter.clear()
    yield _exporter
    _exporter.clear()
