"""Weights and figures as tables for a terminal."""

from rich.table import Table

from model_build.evaluation.metrics import Interval
from model_build.ranking.data.history_requests import TOPICS
from model_build.ranking.evaluate import FUSED, HISTORIES, NO_HISTORY, RankingResult
from model_build.ranking.train import COMPARED, FittedRanker
from service.ranking.signals import SIGNALS
from service.ranking.weights import SURFACES


def weights_table(fitted: FittedRanker) -> Table:
    """A row for each signal, a column for each situation."""
    table = Table(title="Weights", title_justify="left")
    table.add_column("signal")
    for situation in SURFACES:
        table.add_column(situation if situation in fitted.fitted else f"{situation} (as it was)", justify="right")
    for name in SIGNALS:
        table.add_row(name, *(f"{fitted.weights.by_surface[situation][name]:.4g}" for situation in SURFACES))
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
    """A row for each set of searches, a column for each kind of history."""
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


def left_out_table(fitted: FittedRanker) -> Table:
    """How searches of each domain did with weights that had not seen it."""
    table = Table(title="Search, each domain left out in turn", title_justify="left")
    for heading in ("domain", "metric", "lists", "fused", "better of dense and lexical", "difference", "lower end"):
        table.add_column(heading)
    for one in fitted.weights.left_out:
        figures = (f"{one.fused:.4f}", f"{one.best:.4f}", f"{one.fused - one.best:+.4f}", f"{one.low:+.4f}")
        table.add_row(one.domain, one.metric, f"{one.lists:,}", *figures)
    return table


def leads_table(result: RankingResult) -> Table:
    """How far rankings are before others, by task."""
    table = Table(title="Compared on the same examples", title_justify="left")
    for heading in ("task", "ranking", "with", "difference", "95 % interval", "ratio"):
        table.add_column(heading)
    for lead in result.leads:
        between = f"{lead.interval.low:+.3f} to {lead.interval.high:+.3f}"
        table.add_row(lead.task, lead.ranking, lead.reference, f"{lead.difference:+.3f}", between, f"{lead.ratio:.3f}")
    return table


def _cell(value: float, interval: Interval) -> str:
    return f"{value:.3f}\n{interval.low:.3f} to {interval.high:.3f}"
