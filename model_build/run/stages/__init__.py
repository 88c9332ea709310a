"""The stages of a build, one a module.

Each has `inputs` (JSON values that, with the stages before, decide its output) and `run` (its action, which writes a
folder), and functions that later stages read the outputs with. Its docstring names the files it writes.
"""
