"""Which requests are taken on: those that can be answered within their own deadlines.

A request's work is told in units that are known before it is done: bytes of its body for the event loop, estimated
tokens for the encoder. How long a unit takes is learned (`rate`). What has been taken on is held in the order in which
it will be done (`schedule`), so that it can be told when one more request would be done, and whom it would make late.
What can't be done in time is refused at once, and told when to come again (`retry`). How far off the predictions are is
learned too (`margin`), and measured request by request (`ticket`).
"""
