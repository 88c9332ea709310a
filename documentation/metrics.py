"""`docs/reference/metrics.md`, from `service/metrics/registry.py`."""

from collections.abc import Iterator

from prometheus_client import Counter, Gauge, Histogram, Metric

from documentation.markdown import code, sentence, table
from service.metrics.registry import Metrics

_PREFIX = "edge_rank_"
_HEAD = """\
# Metrics

Written by `make generated` from `service/metrics/registry.py`.

`GET /metrics` exports these. A histogram has the series `_bucket`, `_sum` and `_count`. Series whose labels are known
exist before the first request, at 0. A service of one process also exports the `process_…` metrics of
prometheus_client. No label holds a text or an id.

"""
_Declared = Counter | Gauge | Histogram


def page() -> str:
    """The page; the same declarations give the same text."""
    metrics = Metrics()
    rows = sorted(_rows(metrics))
    return (
        _HEAD + table(("metric", "type", "labels", "meaning"), rows) + "\n## Buckets\n\n" + "".join(_buckets(metrics))
    )


def declared(metrics: Metrics) -> list[_Declared]:
    """The metrics that the registry's module declares, in its order."""
    return [one for one in vars(metrics).values() if isinstance(one, _Declared)]


def families(metrics: Metrics) -> list[Metric]:
    """All exported metrics, those that are only read when they are asked for included."""
    return [family for family in metrics.registry.collect() if family.name.startswith(_PREFIX)]


def _rows(metrics: Metrics) -> Iterator[tuple[str, str, str, str]]:
    labels = {next(iter(one.collect())).name: one._labelnames for one in declared(metrics)}
    for family in families(metrics):
        read = dict.fromkeys(label for one in family.samples for label in one.labels)
        name = f"{family.name}_total" if family.type == "counter" else family.name
        listed = ", ".join(map(code, labels.get(family.name, read)))
        yield code(name), family.type, listed, sentence(family.documentation)


def _buckets(metrics: Metrics) -> Iterator[str]:
    for one in declared(metrics):
        if isinstance(one, Histogram):
            bounds = ", ".join(f"{bound:g}" for bound in one._kwargs["buckets"])
            yield f"- `{next(iter(one.collect())).name}`: {bounds}\n"
