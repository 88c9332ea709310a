"""service/releases."""
