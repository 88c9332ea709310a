"""Panels: what is the same of all of them is said here."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import common, dashboard, heatmap, prometheus, stat, timeseries
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.queries import Query

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
_WIDTH, _HEIGHT = 8, 8
_STAT_WIDTH, _STAT_HEIGHT = 4, 4


def lines(
    title: str,
    what: str,
    queries: Sequence[Query],
    *,
    unit: str = "short",
    stacked: bool = False,
    most: float | None = None,
    least: float | None = 0,
) -> timeseries.Panel:
    """Lines over time.

    Args:
        title: of the panel.
        what: one sentence that tells what is shown, and what to think of it.
        queries: a line for each of their series.
        unit: Grafana's name of it.
        stacked: whether the lines add up.
        most: where the axis ends.
        least: where it begins; None: where the values do.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(what)
        .datasource(SOURCE)
        .unit(unit)
        .span(_WIDTH)
        .height(_HEIGHT)
        .line_width(1)
        .fill_opacity(30 if stacked else 5)
        .legend(common.VizLegendOptions().show_legend(show_legend=True).placement(options.LegendPlacement.BOTTOM))
        .tooltip(common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI))
    )
    if least is not None:
        panel = panel.min(least)
    if most is not None:
        panel = panel.max(most)
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(options.StackingMode.NORMAL))
    for place, query in enumerate(queries):
        panel = panel.with_target(_target(query, place))
    return panel


def number(title: str, what: str, query: Query, *, unit: str = "short", worse_from: float | None = None) -> stat.Panel:
    """The latest value as a number; red from `worse_from` on."""
    panel = (
        stat.Panel()
        .title(title)
        .description(what)
        .datasource(SOURCE)
        .unit(unit)
        .span(_STAT_WIDTH)
        .height(_STAT_HEIGHT)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(_target(query, 0))
    )
    steps = [Threshold(value=None, color="green")]
    if worse_from is not None:
        steps.append(Threshold(value=worse_from, color="red"))
    return panel.thresholds(dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))


def heat(title: str, what: str, expression: str, *, unit: str = "short") -> heatmap.Panel:
    """A histogram over time; the expression gives a series a bucket, by `le`."""
    return (
        heatmap.Panel()
        .title(title)
        .description(what)
        .datasource(SOURCE)
        .span(_WIDTH)
        .height(_HEIGHT)
        .calculate(calculate=False)
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges").steps(64))
        .y_axis(heatmap.YAxisConfig().unit(unit))
        .with_target(_target(Query(expression, "{{le}}"), 0).format(PromQueryFormat.HEATMAP))
    )


def _target(query: Query, place: int) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .expr(query.expression)
        .legend_format(query.legend)
        .ref_id(chr(ord("A") + place))
        .datasource(SOURCE)
        .range()
    )
