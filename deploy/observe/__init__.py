"""A check of every expression of dashboards and alerts against a real Prometheus: `python -m deploy.observe`.

scene: the processes and what happens to them. traffic, load: requests. prometheus_process: Prometheus. expressions,
promql: what is evaluated.
"""
