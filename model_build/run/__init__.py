"""A build from recipe to artifact, in resumable stages.

`pipeline` orders the stages and runs them, `stage` makes them resumable, `stages/` has each one: its inputs, its action
and its outputs. `context` has what several stages read; `preflight` and `estimate` look ahead before the first one.
"""
