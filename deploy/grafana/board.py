"""A dashboard around its rows: variables, annotations, links."""

from collections.abc import Callable, Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from deploy.grafana.panels import SOURCE
from deploy.grafana.queries import chosen

TAG, LOAD_TAG = "edge-rank", "edge-rank-load"
Rows = Sequence[tuple[str, Callable[[], Sequence[Builder[models.Panel]]]]]


def board(
    uid: str,
    title: str,
    what: str,
    rows: Rows,
    *,
    found_by: str = "edge_rank_ready",
    tag: str = TAG,
    events: Sequence[dashboard.AnnotationQuery] | None = None,
) -> models.Dashboard:
    """A dashboard.

    Args:
        uid: its address, which alerts and other dashboards link to.
        title: of the dashboard.
        what: its purpose.
        rows: title and panels of each.
        found_by: a metric that identifies its jobs.
        tag: groups dashboards that show the same jobs.
        events: marked in all panels; model swaps by default.
    """
    made = (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(what)
        .tags([tag])
        .readonly()
        .refresh("30s")
        .time("now-3h", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
        .with_variable(_values("job", f"label_values({found_by}, job)").label("Job"))
        .with_variable(
            _values("instance", f'label_values({found_by}{{job="$job"}}, instance)')
            .label("Instance")
            .multi(multi=True)
            .include_all(include_all=True)
            .all_value(".+")
        )
        .link(_link("Edge Rank", TAG, same_jobs=tag == TAG))
        .link(_link("Load test", LOAD_TAG, same_jobs=tag == LOAD_TAG))
    )
    for one in _swaps() if events is None else events:
        made = made.annotation(one)
    for heading, panels in rows:
        made = made.with_row(dashboard.Row(heading))
        for panel in panels():
            made = made.with_panel(panel)
    return made.build()


def _values(name: str, query: str) -> dashboard.QueryVariable:
    refreshed = models.VariableRefresh.ON_TIME_RANGE_CHANGED
    return dashboard.QueryVariable(name).query(query).datasource(SOURCE).refresh(refreshed)


def event(name: str, expression: str, color: str) -> dashboard.AnnotationQuery:
    """An annotation wherever an expression has values."""
    return (
        dashboard.AnnotationQuery().name(name).datasource(SOURCE).expr(expression).icon_color(color).enable(enable=True)
    )


def _swaps() -> list[dashboard.AnnotationQuery]:
    return [_swap("Model swapped", "done", "blue"), _swap("Model refused", "refused", "red")]


def _swap(name: str, outcome: str, color: str) -> dashboard.AnnotationQuery:
    swaps = chosen("edge_rank_model_swaps_total", f'outcome="{outcome}"')
    return event(name, f"sum by (instance) (increase({swaps}[$__rate_interval])) > 0", color)


def _link(title: str, tag: str, *, same_jobs: bool) -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink(title)
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([tag])
        .as_dropdown(as_dropdown=False)
        .include_vars(include_vars=same_jobs)
        .keep_time(keep_time=True)
    )
