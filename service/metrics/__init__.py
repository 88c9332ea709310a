"""service/metrics."""
