"""service/artifact."""
