"""Capacity planning: `python -m loadtests.sizing`. sizing: the arithmetic. measured: its inputs from recordings."""
