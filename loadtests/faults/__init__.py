"""Faults under load: `python -m loadtests.faults`.

catalogue: all of them, from redis (a single Redis and the connection to it), cluster and process (the service itself).
scene: what a fault consists of. proxy: a TCP proxy that corrupts or delays. fake_redis: a server with scripted answers.
"""
