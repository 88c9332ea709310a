"""service/files."""
