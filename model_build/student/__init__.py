"""The student: `model` (encoder, adapter and projection), `pooling` of its states, `pretrain`, and `init`.

`fuse` turns a trained student into the form that the device runs.
"""
