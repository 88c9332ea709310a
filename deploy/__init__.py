"""Deployment and monitoring of the service.

image/, compose/, kubernetes/: deployments. prometheus/, alertmanager/, grafana/: monitoring. observe/: a check of all
dashboards and alerts against a real Prometheus. metrics_page: docs/metrics.md.
"""
