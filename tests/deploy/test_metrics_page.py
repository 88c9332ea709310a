from deploy.metrics_page import PAGE, declared, page
from service.metrics import Metrics


def test_the_committed_page_is_what_the_code_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_metric_has_a_row() -> None:
    metrics = Metrics()
    names = {family.name for family in metrics.registry.collect() if family.name.startswith("edge_rank_")}
    assert len(declared(metrics)) + len(list(metrics.usage.collect())) == len(names)
    assert all(f"| `{name}" in page() for name in names)
