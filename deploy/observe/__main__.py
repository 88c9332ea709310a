"""Evaluate every expression of dashboards and alerts against a real Prometheus: `python -m deploy.observe [WORKERS]`.

Starts the service, Redis, Prometheus and a load test, sends traffic with errors, an outage of Redis and model swaps,
and fails if an expression is invalid, has no finite value or names a metric that nothing exports, or if a dashboard
finds no job or several. Comparisons are removed first: the check is for data, not for firing alerts.
"""

import sys
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from deploy.observe.expressions import Expression, expressions, recorded
from deploy.observe.prometheus_process import QueryError
from deploy.observe.promql import metrics_of, opened, with_variables
from deploy.observe.scene import Watched, watched

_WINDOW = "5s"
_OF_PROMETHEUS = {"up", "ALERTS"}


def main() -> None:
    """Run the check, print the result, and exit with 1 if something is wrong."""
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    every = expressions()
    with watched(workers) as scene:
        wrong = [f"{one.kind} {one.where}: {fault}" for one in every for fault in _faults(one, scene)]
        fired = [one.where for one in every if one.kind == "alert" and _holds(one, scene)]
    console = Console(width=120)
    table = Table("what", "expressions", title=f"a service of {workers} process{'es' if workers > 1 else ''}")
    for kind in ("panel", "annotation", "alert", "record"):
        table.add_row(kind, str(sum(one.kind == kind for one in every)))
    console.print(table)
    console.print(f"answers: {', '.join(f'{count} with {status}' for status, count in sorted(scene.statuses.items()))}")
    console.print(f"alerts whose condition held at times: {', '.join(fired)}")
    for line in wrong:
        console.print(line, soft_wrap=True)
    console.print(f"{len(every) - len(wrong)} expressions have values, {len(wrong)} faults")
    if wrong:
        sys.exit(1)


def _faults(one: Expression, scene: Watched) -> Iterator[str]:
    unknown = metrics_of(one.text) - scene.exported - recorded() - _OF_PROMETHEUS
    if unknown:
        yield f"nothing exports {', '.join(sorted(unknown))}"
        return
    jobs = scene.prometheus.jobs(one.found_by, scene.start, scene.end) if one.found_by else [""]
    if len(jobs) != 1:
        yield f"its dashboard finds {len(jobs)} jobs by {one.found_by}"
        return
    expression = opened(with_variables(one.text, job=jobs[0], window=_WINDOW))
    try:
        if not any(scene.prometheus.range(expression, scene.start, scene.end)):
            yield f"is empty: {expression}"
    except QueryError as error:
        yield f"is not valid: {error}"


def _holds(one: Expression, scene: Watched) -> bool:
    return any(scene.prometheus.range(one.text, scene.start, scene.end))


if __name__ == "__main__":
    main()
