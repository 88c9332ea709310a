"""The feature store: features of items and texts, in memory, on this machine and in Redis.

- `store`: `FeatureStore`, one encoder's features over all tiers
- `features`, `codec`: features and their bytes
- `memory`: the in-process tier; `query_cache`: the vectors of recent queries
- `encoder_features`: the stores and caches of one encoder
- `tiers`: opens the tiers that the settings name; `expiry`: lifetimes
- `items/`: items, catalogues, and where items are stored (memory, LMDB, Redis)
- `shared/`: the tier that processes share, with its circuit breaker and background writes
- `redis/`: the Redis client, with bounded time
"""
