"""Admission control: take on the requests that can be answered within their own `deadline`, refuse the others at once.

Work is measured in units that are known beforehand: bytes of a body for the event loop, estimated tokens for the
encoder. `rate` learns how long a unit takes. `schedule` holds admitted work in the order in which it will be done, and
so predicts when one more request would be done and whom it would delay. `margin` learns how far off these predictions
are, `gate` decides by all of these, and `ticket` carries one request's `arrival` and prediction.

`pacing` is the schedule of the event loop (the encoder's is in its batcher). `connection_history` predicts a request's
work for the encoder before it is parsed. `retry_after` spreads the moments at which refused clients come back.
"""
