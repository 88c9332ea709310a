"""Generate the operator's PrometheusRule from Prometheus's own rule files: `python -m deploy.kubernetes.rule`."""

from pathlib import Path

import yaml

from deploy.observe.expressions import RULES

TARGET = Path(__file__).parent / "components" / "monitoring" / "prometheusrule.yaml"


def rule_text() -> str:
    """Render it as YAML; deterministic."""
    groups = [group for path in sorted(RULES.glob("*.yml")) for group in yaml.safe_load(path.read_text())["groups"]]
    document = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "edge-rank"},
        "spec": {"groups": groups},
    }
    return "# Written by `make generated` of deploy/prometheus/rules.\n" + yaml.safe_dump(document, sort_keys=False)


if __name__ == "__main__":
    TARGET.write_text(rule_text(), encoding="utf-8")
