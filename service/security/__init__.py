"""Authorisation and rate limits: `api_keys` with their `rights`, and `rate_limit` by `token_buckets`."""
