"""Whether what is watched can be watched: every expression of dashboards and alerts, against a real Prometheus."""
