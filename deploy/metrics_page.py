"""`docs/metrics.md`, of the module that declares the metrics: `python -m deploy.metrics_page`."""

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram

from service.metrics import Metrics

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"
_HEAD = """\
# Metrics

Written by `make generated` of `service/metrics.py`; `GET /metrics` exports them. A histogram has the series `_bucket`,
`_sum` and `_count`. Series whose labels can be known exist before the first request, at 0. A service of one process
exports the `process_…` metrics of prometheus_client besides.

| metric | kind | labels | what |
|---|---|---|---|
"""
_Declared = Counter | Gauge | Histogram


def page() -> str:
    """The page; the same declarations give the same text."""
    metrics = Metrics()
    rows = sorted((*_rows(metrics), *_usage_rows(metrics)))
    return _HEAD + "".join(rows) + "\n## Buckets\n\n" + "".join(_buckets(metrics))


def declared(metrics: Metrics) -> list[_Declared]:
    """What the module declares, in its order."""
    return [one for one in vars(metrics).values() if isinstance(one, Counter | Gauge | Histogram)]


def _rows(metrics: Metrics) -> Iterator[str]:
    for one in declared(metrics):
        family = next(iter(one.collect()))
        name = f"{family.name}_total" if isinstance(one, Counter) else family.name
        labels = ", ".join(f"`{label}`" for label in one._labelnames)
        yield f"| `{name}` | {family.type} | {labels} | {family.documentation.rstrip('.')} |\n"


def _usage_rows(metrics: Metrics) -> Iterator[str]:
    """Of what is read when metrics are asked for."""
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
