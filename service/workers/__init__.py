"""Coordination of several processes as one service.

A supervisor and its workers exchange a `message` each over a `link`. `membership` is a worker's side of it. The
supervisor's `swap_coordinator` replaces the model in all workers or none, by a `snapshot` that nobody else changes.
"""
