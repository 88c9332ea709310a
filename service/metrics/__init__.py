"""Prometheus metrics.

- `registry`: `Metrics`, all of them
- `usage`: processor time and memory of the workers; `worker_roster`: which processes those are
- `scrapes`: limits how often `/metrics` is written
"""
