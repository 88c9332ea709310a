"""Weights and figures as tables for a terminal."""

from rich.table import Table

from model_build.evaluation.metrics import Interval
from model_build.ranking.evaluate_ranking import FUSED, RankingResult
from model_build.ranking.fit_ranker import COMPARED, FittedRanker
from service.ranking.signals import SIGNALS
from service.ranking.weights import SITUATIONS


def weights_table(fitted: FittedRanker) -> Table:
    """A row for each signal, a column for each situation."""
    table = Table(title="Weights", title_justify="left")
    table.add_column("signal")
    for situation in SITUATIONS:
        table.add_column(situation if situation in fitted.fitted else f"{situation} (as it was)", justify="right")
    for name in SIGNALS:
        table.add_row(name, *(f"{fitted.weights.by_situation[situation][name]:.4g}" for situation in SITUATIONS))
    return table


def held_out_table(fitted: FittedRanker) -> Table:
    """A row for each situation and set, a column for each ranker."""
    table = Table(title="Held out, with 95 % bootstrap intervals", title_justify="left", show_lines=True)
    for heading in ("situation", "set", "metric", "lists"):
        table.add_column(heading)
    for ranker in COMPARED:
        table.add_column(ranker, justify="right")
    found = {(one.situation, one.source, one.ranker): one for one in fitted.held_out}
    for one in fitted.held_out:
        if one.ranker == COMPARED[0]:
            row = [found[one.situation, one.source, ranker] for ranker in COMPARED]
            cells = (_cell(other.value, other.interval) for other in row)
            table.add_row(one.situation, one.source, one.metric, f"{one.lists:,}", *cells)
    return table


def rankings_table(result: RankingResult) -> Table:
    """A row for each ranking, a column for each task."""
    tasks = {one.task: one for one in result.rankings}
    table = Table(title="Ranking, with 95 % bootstrap intervals", title_justify="left", show_lines=True)
    table.add_column("ranking")
    for name, one in tasks.items():
        table.add_column(f"{name}\n{one.metric}, {one.examples:,}", justify="right")
    found = {(one.ranking, one.task): one for one in result.rankings}
    for ranking in sorted({one.ranking: None for one in result.rankings}, key=lambda name: name == FUSED):
        row = [found.get((ranking, task)) for task in tasks]
        table.add_row(ranking, *("-" if one is None else _cell(one.value, one.interval) for one in row))
    return table


def leads_table(result: RankingResult) -> Table:
    """How far `fused` is before each baseline, by task."""
    table = Table(title="Fused, compared on the same examples", title_justify="left")
    for heading in ("task", "with", "difference", "95 % interval", "ratio"):
        table.add_column(heading)
    for lead in result.leads:
        between = f"{lead.interval.low:+.3f} to {lead.interval.high:+.3f}"
        table.add_row(lead.task, lead.reference, f"{lead.difference:+.3f}", between, f"{lead.ratio:.3f}")
    return table


def _cell(value: float, interval: Interval) -> str:
    return f"{value:.3f}\n{interval.low:.3f} to {interval.high:.3f}"
