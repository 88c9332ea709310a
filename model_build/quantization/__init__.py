"""Quantization: `formats` rounds one matrix, `schemes` says which format each module has, `sensitivity` measures it."""
