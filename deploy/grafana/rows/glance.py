"""At a glance: up, slow, full or degraded."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat

from deploy.grafana.panels import at_least, at_most, number, verdict
from deploy.grafana.queries import Query, chosen, quantile, rate, share
from deploy.grafana.rows.objectives import BUDGETS

_REQUESTS = "edge_rank_requests_total"
_RANKING = 'route=~"/v1/rank|/rank"'
_FULL = 'reason=~"overloaded|queue_full|connections|memory"'
_PAGES = 'ALERTS{job="$job", alertstate="firing", severity="page"}'
_DEGRADED = "edge_rank_degraded_answers_total"
_PAGE, _TICKET = 14.4, 3.0
"""Burn rates: over an hour for a page, over a day for a ticket (deploy/prometheus/rules/alerts.yml)."""


def panels() -> Sequence[stat.Panel]:
    """Two rows of six panels: health, and what is wrong."""
    asked = f"({rate(_REQUESTS, _RANKING)} + {rate('edge_rank_refused_requests_total', _FULL)})"
    return [
        verdict(
            "Pages that fire",
            "Alerts that want somebody now. Alertmanager lists them with their runbooks; see docs/how-to/on-call.md.",
            Query(f'count({_PAGES}) or sum(up{{job="$job"}}) * 0', "firing"),
            at_most(1),
        ),
        verdict(
            "Up: instances ready",
            "Share of the instances that Prometheus knows which take requests.",
            Query('sum(edge_rank_ready{job="$job"}) / count(up{job="$job"})', "ready"),
            at_least(1, 0.5),
            unit="percentunit",
        ),
        _kept("Answered, 3 days", "bad_answers", "3d", _TICKET),
        _kept("Within 100 ms, 3 days", "slow_answers", "3d", _TICKET),
        _kept("Answered, 5 minutes", "bad_answers", "5m", _PAGE),
        _kept("Within 100 ms, 5 minutes", "slow_answers", "5m", _PAGE),
        verdict(
            "Slow: rankings, p99",
            "From a request's arrival to the end of its answer. The objective is 100 ms.",
            Query(quantile(0.99, "edge_rank_request_seconds", _RANKING), "p99"),
            at_most(0.1, 0.25),
            unit="s",
        ),
        verdict(
            "Slow: small requests wait, p99",
            "Before their work is begun. What is small must not stand behind what is large.",
            Query(quantile(0.99, "edge_rank_wait_seconds", 'class="small"'), "p99"),
            at_most(0.1, 0.25),
            unit="s",
        ),
        verdict(
            "Full: refused for overload",
            "Share of requests that could not be answered within their own deadline, or found a queue full.",
            Query(share(rate("edge_rank_refused_requests_total", _FULL), asked), "refused"),
            at_most(0.001, 0.01),
            unit="percentunit",
        ),
        verdict(
            "Degraded: answers that lack something",
            "Share of rankings: Redis was not reached, or the order is the backend's.",
            Query(share(rate(_DEGRADED), rate("edge_rank_candidates_count")), "degraded"),
            at_most(0.001, 0.05),
            unit="percentunit",
        ),
        verdict(
            "Degraded: Redis in use",
            "0 while any instance goes without Redis. No data where no Redis is configured.",
            Query(f"min({chosen('edge_rank_tier_available')})", "in use"),
            at_least(1),
        ),
        number(
            "Goodput",
            "Rankings a second that were answered in time.",
            Query(rate(_REQUESTS, _RANKING, 'status="200"'), "answered"),
            unit="reqps",
        ),
    ]


def _kept(title: str, kind: str, window: str, red_from: float) -> stat.Panel:
    """The share that met an objective; red if the month's error budget is spent too fast."""
    what = {
        "bad_answers": "Rankings neither answered with 5xx nor refused for overload. Objective: 99.9 % over 30 days.",
        "slow_answers": "Rankings answered within 100 ms. Objective: 99 % over 30 days.",
    }
    budget = BUDGETS[kind]
    return verdict(
        title,
        f"{what[kind]} Red: the budget is spent {red_from:g} times too fast.",
        Query(f'1 - edge_rank:{kind}:ratio_rate{window}{{job="$job"}}', "kept"),
        at_least(round(1 - budget, 6), round(1 - red_from * budget, 6)),
        unit="percentunit",
    )
