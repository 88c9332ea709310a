"""A Redis client whose commands take no longer than stated.

- `values`: reads and writes, each bounded and measured
- `client`, `cluster`, `connection`, `parser`, `resolver`: redis-py's parts, bounded
- `failures`: the kinds of errors
"""
