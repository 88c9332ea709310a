"""Grafana's dashboards as code: a file a dashboard, a file in `rows/` a row.

`python -m deploy.grafana` writes them as JSON into `dashboards/`, where Grafana reads them.
"""
