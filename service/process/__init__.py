"""The Python process: signals, logs, spans, threads, garbage collection, and the use of the event loop.

`signal_handlers` for the start and the end, `threads` for priorities, `gc_policy` for full collections, `yielding` for
long work on the event loop, `event_loop_lag` to see that it was late. `logs` and `tracing` say what happens, without
what clients sent; `telemetry` opts out of that of libraries.
"""
