"""JSON bodies in bounded time: read by `reader` within the `bounds` of their `shape`, written by `writer`.

A large body is parsed in pieces: `long_lists` names the list that makes a request large, `splitting` cuts it.
"""
