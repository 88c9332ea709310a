import argparse
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.observe.expressions import Expression, expressions, recorded, rules
from deploy.observe.promql import metrics_of
from loadtests.load.exporter import registry_of
from loadtests.load.fleet import Fleet
from loadtests.load.options import Options, add_options
from loadtests.load.plan import Plan
from service.metrics.registry import Metrics

ROOT = Path(__file__).parents[3]
ALERTS = [rule for rule in rules() if "alert" in rule]
OTHERS = {"up", "ALERTS"}


def of_service() -> set[str]:
    suffixes = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    return {
        f"{family.name}{suffix}"
        for family in Metrics().registry.collect()
        if family.name.startswith("edge_rank_")
        for suffix in suffixes[family.type]
    }


def of_load_test() -> set[str]:
    options = Options.of(load_options())
    fleet = Fleet(Plan(options), host="http://127.0.0.1:9", workers=1, started_at=0, now=lambda: 1.0)
    return {sample.name for family in registry_of(fleet).collect() for sample in family.samples}


def load_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args([])


EXPORTED = {"edge_rank_ready": of_service(), "edge_rank_fleet_devices": of_load_test()}


@pytest.mark.parametrize("expression", expressions(), ids=lambda one: f"{one.kind} {one.where}")
def test_every_metric_exists(expression: Expression) -> None:
    names = metrics_of(expression.text)
    assert names
    assert names <= EXPORTED[expression.found_by or "edge_rank_ready"] | recorded() | OTHERS


@pytest.mark.parametrize("alert", ALERTS, ids=lambda one: one["alert"])
def test_every_alert_leads_somewhere(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"page", "ticket"}
    notes = alert["annotations"]
    assert notes["summary"]
    page = ROOT / "docs" / "runbooks" / notes["runbook_url"].rpartition("/")[2]
    assert alert["alert"] in page.read_text(encoding="utf-8")
    uid = notes["dashboard_url"].rpartition("/")[2]
    boards = [path.read_text(encoding="utf-8") for path in (ROOT / "deploy/grafana/dashboards").glob("*.json")]
    assert any(f'"uid": "{uid}"' in board for board in boards)


def test_every_alert_has_a_firing_and_a_silent_case() -> None:
    cases: dict[str, set[bool]] = {alert["alert"]: set() for alert in ALERTS}
    for path in (ROOT / "deploy/prometheus/tests").glob("*.yml"):
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            for check in case.get("promql_expr_test", ()):
                if "ALERTS" in check["expr"]:
                    name = check["expr"].partition('alertname="')[2].partition('"')[0]
                    cases[name].add(bool(check["exp_samples"]))
    assert all(seen == {True, False} for seen in cases.values()), cases


def test_each_dashboard_finds_its_job_by_a_metric() -> None:
    found_by = {one.where.partition(":")[0]: one.found_by for one in expressions() if one.kind == "panel"}
    assert found_by == {
        "Edge Rank / Fleet": "edge_rank_fleet_devices",
        "Edge Rank / Overview": "edge_rank_ready",
        "Edge Rank / Ranking": "edge_rank_ready",
    }
    assert {one.found_by for one in expressions() if one.kind in {"alert", "record"}} == {""}
