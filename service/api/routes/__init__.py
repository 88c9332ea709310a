"""The HTTP API, a file a noun."""
