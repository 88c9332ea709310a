"""Benchmarks of single aspects, each a command.

rank: cost of a rank request, against hello (bare uvicorn) and raw_onnx (the graph alone). scoring: signals and order.
long_texts: windows. pings: latency beside the requests of extremes. item_bytes: memory of an item in Redis.
item_stores: LMDB against SQLite. start_up: time until ready. packs: their memory and time. random_head: a head to
measure with.
"""
