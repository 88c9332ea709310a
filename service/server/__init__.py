"""The serving processes.

`run` starts one process, or a `supervisor` of several. `serving` is what a serving process does, `worker` the main
function of a worker process, `worker_process` the supervisor's handle on it, `process_context` how it is started,
`restart_backoff` when a dead one is replaced. `http_server` is uvicorn's with a graceful `shutdown`, `sockets` are what
it listens on.
"""
