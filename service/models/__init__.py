"""service/models."""
