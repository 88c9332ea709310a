import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.observe.expressions import rules

ROOT = Path(__file__).parents[2]
ALERTS = {rule["alert"]: rule["labels"]["severity"] for rule in rules() if "alert" in rule}
VARIABLES = ("ALERTS_PAGE_WEBHOOK", "ALERTS_PAGERDUTY_KEY", "ALERTS_TICKET_WEBHOOK", "ALERTS_SLACK_WEBHOOK")


def configuration(**environment: str) -> dict[str, Any]:
    script = ROOT / "deploy" / "alertmanager" / "configure"
    told = {"PATH": os.environ["PATH"], **environment}
    done = subprocess.run(["sh", str(script)], capture_output=True, text=True, check=True, env=told)
    made: dict[str, Any] = yaml.safe_load(done.stdout)
    return made


def receivers(**environment: str) -> dict[str, dict[str, Any]]:
    return {
        one.pop("name"): {kind: settings[0] for kind, settings in one.items()}
        for one in configuration(**environment)["receivers"]
    }


def test_without_receivers_alerts_are_only_shown() -> None:
    assert receivers() == {"pager": {}, "tickets": {}}
    assert receivers(**dict.fromkeys(VARIABLES, "")) == {"pager": {}, "tickets": {}}


@pytest.mark.parametrize(
    ("variable", "receiver", "kind", "field"),
    [
        ("ALERTS_PAGE_WEBHOOK", "pager", "webhook_configs", "url"),
        ("ALERTS_PAGERDUTY_KEY", "pager", "pagerduty_configs", "routing_key"),
        ("ALERTS_TICKET_WEBHOOK", "tickets", "webhook_configs", "url"),
        ("ALERTS_SLACK_WEBHOOK", "tickets", "slack_configs", "api_url"),
    ],
)
def test_a_receiver_is_what_the_environment_says(variable: str, receiver: str, kind: str, field: str) -> None:
    said = "https://a.test/?b=c&d='e'\\$HOME`f`|"
    made = receivers(**{variable: said})
    assert made.pop(receiver)[kind][field] == said
    assert list(made.values()) == [{}]


def test_every_severity_goes_to_a_receiver_that_there_is() -> None:
    made = configuration()
    names = {one["name"] for one in made["receivers"]}
    routed = {route["matchers"][0]: route["receiver"] for route in made["route"]["routes"]}
    assert routed == {'severity="page"': "pager"}
    assert {*routed.values(), made["route"]["receiver"]} == names
    assert set(ALERTS.values()) == {"page", "ticket"}


def test_what_inhibits_and_what_is_inhibited_are_alerts_that_there_are() -> None:
    for rule in configuration()["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            _, _, names = re.fullmatch(r'(alertname)(=~|!=|=)"([\w|]+)"', matcher).groups()  # type: ignore[union-attr]
            assert set(names.split("|")) <= set(ALERTS)
        assert "job" in rule["equal"]
        sources = [ALERTS[matcher.split('"')[1]] for matcher in rule["source_matchers"]]
        assert sources == ["page"]  # what silences others is never itself a thing that can wait


def test_prometheus_tells_the_alertmanager_of_compose() -> None:
    prometheus = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    (target,) = prometheus["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    name, port = target.split(":")
    assert f"127.0.0.1:{port}:{port}" in compose[name]["ports"]
    assert set(compose[name]["environment"]) == set(VARIABLES)
