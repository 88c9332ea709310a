"""Grafana's dashboards as code: a module per dashboard, and one per row in `rows/`.

`python -m deploy.grafana` writes them as JSON into `dashboards/`, where Grafana reads them. board: a dashboard around
its rows. panels, queries: panels and their PromQL. writing: their files.
"""
