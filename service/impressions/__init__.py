"""Impressions (what answers have shown) and outcomes (what users then did).

- `recorder`: `Recorder`, which gets both
- `memory`, `shared_memory`: recent impressions, of a process or of all workers
- `impression`, `keys`: the lines of the log, and the keys in them
- `log`, `claimed_file`, `rotated_file`: writes the lines
"""
