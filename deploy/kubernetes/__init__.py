"""Kubernetes manifests. rule: the PrometheusRule, generated. validation: a check against Kubernetes' schemas."""
