"""Ranking weights: `fit-ranker` learns those of `ranker.json`, `evaluate-ranking` measures the ranking as a whole.

data/: lists of candidates with their signals and gains, from public sets and from a service's log. loss, fit: weights
by the listwise loss. words: the weights of a query's words, by grid search over domains. train: `fit-ranker`.
baselines: TF-IDF. evaluate: `evaluate-ranking`. tables: both on a terminal and as JSON.
"""
