"""Quantization: `rounding` of one matrix, `schemes` (the format of each module), `sensitivity` of modules to it."""
