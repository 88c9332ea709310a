"""Who may ask, what, and how often: `api_keys` with their `rights`, and `rate_limit` by `token_buckets`."""
