"""The feature store: what is remembered of items, in process and in Redis."""
