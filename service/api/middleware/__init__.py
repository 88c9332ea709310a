"""ASGI middleware, a layer a module; `service/api/app.py` lists them, outermost first.

Each layer reads and writes the request's `RequestState` (`service/http/request_state.py`). `access_log` is not a layer:
it has the log lines that `observation` writes.
"""
