"""`docs/metrics.md`, generated from the module that declares the metrics: `python -m deploy.metrics_page`."""

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram, Metric

from service.metrics.registry import Metrics

_PREFIX = "edge_rank_"
PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"
_HEAD = """\
# Metrics

Written by `make generated` of `service/metrics/registry.py`; `GET /metrics` exports them. A histogram has the series
`_bucket`, `_sum` and `_count`. Series whose labels can be known exist before the first request, at 0. A service of one
process exports the `process_…` metrics of prometheus_client besides.

| metric | kind | labels | what |
|---|---|---|---|
"""
_Declared = Counter | Gauge | Histogram


def page() -> str:
    """Render the page; deterministic."""
    metrics = Metrics()
    rows = sorted((*_rows(metrics), *_usage_rows(metrics)))
    return _HEAD + "".join(rows) + "\n## Buckets\n\n" + "".join(_buckets(metrics))


def declared(metrics: Metrics) -> list[_Declared]:
    """The declared metrics, in their order."""
    return [one for one in vars(metrics).values() if isinstance(one, _Declared)]


def families(metrics: Metrics) -> list[Metric]:
    """All exported metrics, including those computed on scrape."""
    return [family for family in metrics.registry.collect() if family.name.startswith(_PREFIX)]


def _rows(metrics: Metrics) -> Iterator[str]:
    labels = {next(iter(one.collect())).name: one._labelnames for one in declared(metrics)}
    for family in families(metrics):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        read = dict.fromkeys(label for one in family.samples for label in one.labels)
        named = labels.get(family.name, read)
        listed = ", ".join(f"`{label}`" for label in named)
        yield f"| `{name}` | {family.type} | {listed} | {family.documentation.rstrip('.')} |\n"


def _usage_rows(metrics: Metrics) -> Iterator[str]:
    """A row of a metric that is computed on scrape."""
    for family in metrics.usage.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = ", ".join(f"`{label}`" for sample in family.samples for label in sample.labels)
        yield f"| `{name}` | {family.type} | {labels} | {family.documentation.rstrip('.')} |\n"


def _buckets(metrics: Metrics) -> Iterator[str]:
    for one in declared(metrics):
        if isinstance(one, Histogram):
            bounds = ", ".join(f"{bound:g}" for bound in one._kwargs["buckets"])
            yield f"- `{next(iter(one.collect())).name}`: {bounds}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
