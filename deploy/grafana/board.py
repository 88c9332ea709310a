"""A dashboard around its rows: variables, annotations, links."""

from collections.abc import Callable, Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from deploy.grafana.panels import SOURCE
from deploy.grafana.queries import chosen

TAG = "edge-rank"
Rows = Sequence[tuple[str, Callable[[], Sequence[Builder[models.Panel]]]]]


def board(uid: str, title: str, what: str, rows: Rows) -> models.Dashboard:
    """A dashboard.

    Args:
        uid: its address, which alerts and other dashboards link to.
        title: of the dashboard.
        what: what it is there for.
        rows: title and panels of each.
    """
    made = (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(what)
        .tags([TAG])
        .readonly()
        .refresh("30s")
        .time("now-3h", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
        .with_variable(_values("job", "label_values(edge_rank_ready, job)").label("Job"))
        .with_variable(
            _values("instance", 'label_values(edge_rank_ready{job="$job"}, instance)')
            .label("Instance")
            .multi(multi=True)
            .include_all(include_all=True)
            .all_value(".+")
        )
        .annotation(_event("Model swapped", "done", "blue"))
        .annotation(_event("Model refused", "refused", "red"))
        .link(
            dashboard.DashboardLink("Edge Rank")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(as_dropdown=False)
            .include_vars(include_vars=True)
            .keep_time(keep_time=True)
        )
    )
    for heading, panels in rows:
        made = made.with_row(dashboard.Row(heading))
        for panel in panels():
            made = made.with_panel(panel)
    return made.build()


def _values(name: str, query: str) -> dashboard.QueryVariable:
    refreshed = models.VariableRefresh.ON_TIME_RANGE_CHANGED
    return dashboard.QueryVariable(name).query(query).datasource(SOURCE).refresh(refreshed)


def _event(name: str, outcome: str, color: str) -> dashboard.AnnotationQuery:
    swaps = chosen("edge_rank_model_swaps_total", f'outcome="{outcome}"')
    return (
        dashboard.AnnotationQuery()
        .name(name)
        .datasource(SOURCE)
        .expr(f"sum by (instance) (increase({swaps}[$__rate_interval])) > 0")
        .icon_color(color)
        .enable(enable=True)
    )
