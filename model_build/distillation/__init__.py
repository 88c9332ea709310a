"""Distillation: the student learns its teacher's vectors, and the teacher may adapt to the student.

`objective` has the total loss, `losses` its terms; `trainer` has the training loop with checkpoints, over the
`data` and the `pair_batches` of labelled pairs. `projection` fits the teacher's projection beforehand, `validation` has
the metrics on held-out texts, `distributed` shares batches among processes.
"""
