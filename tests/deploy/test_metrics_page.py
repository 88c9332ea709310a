from deploy.metrics_page import PAGE, declared, families, page
from service.metrics.registry import Metrics


def test_the_committed_page_is_what_the_code_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_metric_has_a_row() -> None:
    names = [family.name for family in families(Metrics())]
    assert len(names) == len(set(names)) >= len(declared(Metrics()))
    assert all(f"| `{name}" in page() for name in names)
