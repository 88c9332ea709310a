"""Models that serve.

- `model`: `Model`, a loaded artifact with its heads
- `runtime`: `ModelRuntime`, a model at work: encoder threads, features, recommender
- `manager`: `ModelManager`, which leases runtimes to requests and swaps them
- `swap`: a swap in this process, or in all workers
- `readiness`: what the service still waits for
"""
