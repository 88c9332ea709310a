"""Ranking: learn the weights of `ranker.json`, and measure what the ranking as a whole is worth.

`fit-ranker` makes lists of candidates with their signals (`public_lists` from public sets, `log` from a service's own),
learns from them (`fitting`) and publishes the artifact with the weights; `evaluate-ranking` measures on other examples.
"""
