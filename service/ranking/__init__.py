"""Ranking, from signals to an order: pure functions over all candidates of a request at once."""
