from documentation.metrics import declared, families, page
from service.metrics.registry import Metrics


def test_every_metric_has_a_row() -> None:
    names = [family.name for family in families(Metrics())]
    assert len(names) == len(set(names)) >= len(declared(Metrics()))
    assert all(f"| `{name}" in page() for name in names)
