"""The tier of the feature store that processes share.

- `tier`: `SharedTier`, and the protocol of what is behind it
- `guard`, `circuit_breaker`: bypass it while it fails; `failures`: how it can fail
- `write_behind`: bounded writes in the background
"""
