"""A Redis client whose commands take no longer than stated.

- `values`: reads and writes; `calls`: bounds and measures each
- `client`, `cluster`, `connection`, `parser`, `resolver`: redis-py's parts, bounded
- `failures`: the kinds of errors
"""
