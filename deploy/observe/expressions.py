"""All PromQL expressions of panels, annotations, alerts and recording rules."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from deploy.grafana.writing import FOLDER as DASHBOARDS

RULES = Path(__file__).parents[1] / "prometheus" / "rules"
Kind = Literal["panel", "annotation", "alert", "record"]


@dataclass(frozen=True)
class Expression:
    """A PromQL expression.

    Attributes:
        kind: panel, annotation, alert or record.
        where: name of its place, with the dashboard first.
        text: the expression, with the dashboard's variables.
        found_by: metric that identifies the dashboard's job; empty if it is not in a dashboard.
    """

    kind: Kind
    where: str
    text: str
    found_by: str = ""


def expressions() -> list[Expression]:
    """Collect all expressions."""
    boards = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))]
    return [*(one for board in boards for one in _of_board(board)), *_of_rules()]


def rules() -> Iterator[Mapping[str, Any]]:
    """The rules of all files."""
    for path in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield from group["rules"]


def recorded() -> set[str]:
    """Names of the recorded series."""
    return {rule["record"] for rule in rules() if "record" in rule}


def _of_board(board: Mapping[str, Any]) -> Iterator[Expression]:
    (query,) = (one["query"] for one in board["templating"]["list"] if one["name"] == "job")
    found_by = query.removeprefix("label_values(").removesuffix(", job)")
    for panel in board["panels"]:
        for target in panel.get("targets") or ():
            yield Expression("panel", f"{board['title']}: {panel['title']}", target["expr"], found_by)
    for annotation in board["annotations"]["list"]:
        yield Expression("annotation", f"{board['title']}: {annotation['name']}", annotation["expr"], found_by)


def _of_rules() -> Iterator[Expression]:
    for rule in rules():
        kind: Kind = "alert" if "alert" in rule else "record"
        yield Expression(kind, rule[kind], rule["expr"])
