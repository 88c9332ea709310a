"""Fits and measurements as tables for a terminal, and as JSON."""

import json
from dataclasses import asdict

from rich.table import Table

from model_build.evaluation.metrics import Interval
from model_build.ranking.data.history_requests import TOPICS
from model_build.ranking.evaluate import FUSED, HISTORIES, NO_HISTORY, RankingResult
from model_build.ranking.train import COMPARED, FittedRanker
from service.ranking.signals import SIGNALS
from service.ranking.weights import SURFACES


def fit_json(fitted: FittedRanker) -> str:
    """Weights, strengths and held-out metrics as indented JSON."""
    weights = fitted.weights
    return _indented(
        {
            "weights": {surface: dict(one) for surface, one in weights.by_surface.items()},
            "learned_from": dict(weights.learned_from),
            "strengths": dict(fitted.fitted),
            "held_out": [asdict(one) for one in fitted.held_out],
        }
    )


def ranking_json(result: RankingResult) -> str:
    """Metrics and comparisons as indented JSON."""
    return _indented(asdict(result))


def weights_table(fitted: FittedRanker) -> Table:
    """A row per signal, a column per surface."""
    table = Table(title="Weights", title_justify="left")
    table.add_column("signal")
    for surface in SURFACES:
        table.add_column(surface if surface in fitted.fitted else f"{surface} (as it was)", justify="right")
    for name in SIGNALS:
        table.add_row(name, *(f"{fitted.weights.by_surface[surface][name]:.4g}" for surface in SURFACES))
    return table


def held_out_table(fitted: FittedRanker) -> Table:
    """A row per surface and set, a column per ranker."""
    table = Table(title="Held out, with 95 % bootstrap intervals", title_justify="left", show_lines=True)
    for heading in ("surface", "set", "metric", "lists"):
        table.add_column(heading)
    for ranker in COMPARED:
        table.add_column(ranker, justify="right")
    found = {(one.surface, one.source, one.ranker): one for one in fitted.held_out}
    for one in fitted.held_out:
        if one.ranker == COMPARED[0]:
            row = [found[one.surface, one.source, ranker] for ranker in COMPARED]
            cells = (_cell(other.value, other.interval) for other in row)
            table.add_row(one.surface, one.source, one.metric, f"{one.lists:,}", *cells)
    return table


def left_out_table(fitted: FittedRanker) -> Table:
    """A row per search domain, measured with weights learned without it."""
    table = Table(title="Search, each domain left out in turn", title_justify="left")
    for heading in ("domain", "metric", "lists", "fused", "better of dense and lexical", "difference", "lower end"):
        table.add_column(heading)
    for one in fitted.weights.left_out:
        values = (f"{one.fused:.4f}", f"{one.best:.4f}", f"{one.fused - one.best:+.4f}", f"{one.low:+.4f}")
        table.add_row(one.domain, one.metric, f"{one.lists:,}", *values)
    return table


def rankings_table(result: RankingResult) -> Table:
    """A row per ranking, a column per task."""
    tasks = {one.task: one for one in result.rankings if not one.task.endswith(HISTORIES)}
    table = Table(title="Ranking, with 95 % bootstrap intervals", title_justify="left", show_lines=True)
    table.add_column("ranking")
    for name, one in tasks.items():
        table.add_column(f"{name}\n{one.metric}, {one.examples:,}", justify="right")
    found = {(one.ranking, one.task): one for one in result.rankings if one.task in tasks}
    for ranking in sorted(dict.fromkeys(ranking for ranking, _ in found), key=lambda name: name == FUSED):
        row = [found.get((ranking, task)) for task in tasks]
        table.add_row(ranking, *("-" if one is None else _cell(one.value, one.interval) for one in row))
    return table


def histories_table(result: RankingResult) -> Table:
    """A row per set of searches, a column per kind of history."""
    table = Table(title="Fused, searches with a history", title_justify="left", show_lines=True)
    for heading in ("searches", NO_HISTORY, *TOPICS):
        table.add_column(heading)
    rows: dict[str, list[str]] = {}
    for one in result.rankings:
        if one.task.endswith(HISTORIES):
            rows.setdefault(f"{one.task.removesuffix(HISTORIES)}, {one.examples:,}", []).append(
                _cell(one.value, one.interval)
            )
    for name, cells in rows.items():
        table.add_row(name, *cells)
    return table


def comparisons_table(result: RankingResult) -> Table:
    """Differences between rankings, by task."""
    table = Table(title="Compared on the same examples", title_justify="left")
    for heading in ("task", "ranking", "with", "difference", "95 % interval", "ratio"):
        table.add_column(heading)
    for one in result.comparisons:
        between = f"{one.interval.low:+.3f} to {one.interval.high:+.3f}"
        table.add_row(one.task, one.ranking, one.reference, f"{one.difference:+.3f}", between, f"{one.ratio:.3f}")
    return table


def _cell(value: float, interval: Interval) -> str:
    return f"{value:.3f}\n{interval.low:.3f} to {interval.high:.3f}"


def _indented(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"
