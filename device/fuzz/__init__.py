"""Fuzzing of the core: a target is a C file, `python -m device.fuzz TARGET` tries it."""
