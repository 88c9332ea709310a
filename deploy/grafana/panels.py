"""Panels with their common properties."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import common, dashboard, heatmap, prometheus, stat, timeseries
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    DataSourceRef,
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ThresholdsMode,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.queries import Query

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
_WIDTH, _HEIGHT = 8, 8
_STAT_WIDTH, _STAT_HEIGHT = 4, 4
GREEN, ORANGE, RED, NEUTRAL = "green", "orange", "red", "#808080"
Steps = Sequence[tuple[float | None, str]]
"""Colours by threshold; None is the lowest threshold."""
_NO_DATA = "no data"
_NOTHING = SpecialValueMap(
    DashboardSpecialValueMapOptions(
        match=SpecialValueMatch.NULL_AND_NAN, result=ValueMappingResult(text=_NO_DATA, color=NEUTRAL)
    )
)


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
        what: one sentence on what is shown and how to read it.
        queries: each series becomes a line.
        unit: Grafana's name of it.
        stacked: whether the lines are stacked.
        most: end of the axis.
        least: start of the axis; None for that of the values.
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


def number(title: str, what: str, query: Query, *, unit: str = "short") -> stat.Panel:
    """The latest value, without a colour."""
    return _stat(title, what, _target(query, 0), unit).thresholds(_thresholds([(None, NEUTRAL)]))


def verdict(title: str, what: str, query: Query, steps: Steps, *, unit: str = "short") -> stat.Panel:
    """The current value on a colour; a missing value is shown as such, and never green.

    Args:
        title: of the panel.
        what: one sentence on what is shown and its desired range.
        query: gives one series.
        steps: made by `at_least` or `at_most`.
        unit: Grafana's name of it.
    """
    return (
        _stat(title, what, _target(query, 0).instant(), unit)
        .thresholds(_thresholds(steps))
        .color_mode(options.BigValueColorMode.BACKGROUND)
        .mappings([_NOTHING])
        .no_value(_NO_DATA)
        .decimals(2)
    )


def at_least(aim: float, limit: float | None = None) -> Steps:
    """Green from the aim, orange from the limit, red below; for values of which higher is better."""
    return [(None, RED), *([] if limit is None else [(limit, ORANGE)]), (aim, GREEN)]


def at_most(aim: float, limit: float | None = None) -> Steps:
    """Green below the aim, orange up to the limit, red beyond; for values of which lower is better."""
    worse = [(aim, RED)] if limit is None else [(aim, ORANGE), (limit, RED)]
    return [(None, NEUTRAL), (0, GREEN), *worse]


def _stat(title: str, what: str, target: prometheus.Dataquery, unit: str) -> stat.Panel:
    return (
        stat.Panel()
        .title(title)
        .description(what)
        .datasource(SOURCE)
        .unit(unit)
        .span(_STAT_WIDTH)
        .height(_STAT_HEIGHT)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(target)
    )


def _thresholds(steps: Steps) -> dashboard.ThresholdsConfig:
    made = [Threshold(value=value, color=color) for value, color in steps]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(made)


def heat(title: str, what: str, expression: str, *, unit: str = "short") -> heatmap.Panel:
    """A heatmap; the expression gives one series per bucket, by `le`."""
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
