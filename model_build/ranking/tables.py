"""Fits and measurements as tables for a terminal, and as JSON."""

import json
from dataclasses import asdict

from rich.table import Table

from model_build.common.format import ABSENT
from model_build.common.tables import Cell, number, table
from model_build.ranking.data.history_requests import TOPICS
from model_build.ranking.evaluate import FUSED, HISTORIES, NO_HISTORY, Ranked, RankingResult
from model_build.ranking.train import COMPARED, FittedRanker, HeldOut
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
    headings = [surface if surface in fitted.fitted else f"{surface} (as it was)" for surface in SURFACES]
    weights = fitted.weights.by_surface
    rows = ((name, *(f"{weights[surface][name]:.4g}" for surface in SURFACES)) for name in SIGNALS)
    return table("Weights", ["signal", *map(number, headings)], rows)


def held_out_table(fitted: FittedRanker) -> Table:
    """A row per surface and set, a column per ranker."""
    found = {(one.surface, one.source, one.ranker): one for one in fitted.held_out}
    return table(
        "Held out, with 95 % bootstrap intervals",
        ["surface", "set", "metric", "lists", *map(number, COMPARED)],
        (
            [
                *(one.surface, one.source, one.metric, f"{one.lists:,}"),
                *(_cell(found[one.surface, one.source, ranker]) for ranker in COMPARED),
            ]
            for one in fitted.held_out
            if one.ranker == COMPARED[0]
        ),
        lines=True,
    )


def left_out_table(fitted: FittedRanker) -> Table:
    """A row per search domain, measured with weights learned without it."""
    columns = ("domain", "metric", "lists", "fused", "better of dense and lexical", "difference", "lower end")
    rows = (
        (
            *(one.domain, one.metric, f"{one.lists:,}"),
            *(f"{one.fused:.4f}", f"{one.best:.4f}", f"{one.fused - one.best:+.4f}", f"{one.low:+.4f}"),
        )
        for one in fitted.weights.left_out
    )
    return table("Search, each domain left out in turn", columns, rows)


def rankings_table(result: RankingResult) -> Table:
    """A row per ranking, a column per task."""
    tasks = {one.task: one for one in result.rankings if not one.task.endswith(HISTORIES)}
    found = {(one.ranking, one.task): one for one in result.rankings if one.task in tasks}
    rankings = sorted(dict.fromkeys(ranking for ranking, _ in found), key=lambda name: name == FUSED)
    rows = (
        (ranking, *(_cell(found[ranking, task]) if (ranking, task) in found else ABSENT for task in tasks))
        for ranking in rankings
    )
    headings = [f"{name}\n{one.metric}, {one.examples:,}" for name, one in tasks.items()]
    return table("Ranking, with 95 % bootstrap intervals", ["ranking", *map(number, headings)], rows, lines=True)


def histories_table(result: RankingResult) -> Table:
    """A row per set of searches, a column per kind of history."""
    rows: dict[str, list[Cell]] = {}
    for one in result.rankings:
        if one.task.endswith(HISTORIES):
            rows.setdefault(f"{one.task.removesuffix(HISTORIES)}, {one.examples:,}", []).append(_cell(one))
    columns = ("searches", NO_HISTORY, *TOPICS)
    return table(
        "Fused, searches with a history", columns, ((name, *cells) for name, cells in rows.items()), lines=True
    )


def comparisons_table(result: RankingResult) -> Table:
    """Differences between rankings, by task."""
    rows = (
        (
            *(one.task, one.ranking, one.reference, f"{one.difference:+.3f}"),
            *(f"{one.interval.low:+.3f} to {one.interval.high:+.3f}", f"{one.ratio:.3f}"),
        )
        for one in result.comparisons
    )
    columns = ("task", "ranking", "with", "difference", "95 % interval", "ratio")
    return table("Compared on the same examples", columns, rows)


def _cell(one: HeldOut | Ranked) -> Cell:
    return Cell(f"{one.value:.3f}", f"{one.interval.low:.3f} to {one.interval.high:.3f}")


def _indented(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"
