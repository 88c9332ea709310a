"""Ranking: pure functions from the columns of a request to an ordered slate.

- `candidates`: the columns: `Candidates`, `Event`, `Query`, `Words`, `Windows`
- `signals`: all signals; `similarity`, `lexical`, `history`, `upstream` compute them
- `weights`: `ranker.json`; `scorer`: the weighted sum; `explanation`: its terms
- `slate`: pins, quotas and order; `diversification`: MMR
- `degradation`: what an answer may lack
"""
