"""Tests of the core in C: its own library with all functions visible, called through `ctypes`."""
