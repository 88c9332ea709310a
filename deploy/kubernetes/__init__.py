"""Kubernetes manifests, and what is generated of them."""
