"""Classifiers of texts or pairs, of one folder: heads, packs and task models.

- `classifier`: the protocol, and the facts of each; `classify`: from inputs to probabilities, by one or several
- `head`: `Head`, linear on the served model's vectors; `pair_features`: the features of a pair
- `row_classifier`: `RowClassifier`, a task model, which reads a text, or a pair jointly, as one row
- `manifest`: `head.json`; `weights`, `adapters`: `weights.bin`, `adapters.bin`; `task_model`: files of a task model
- `loading`: reads and verifies the files; `opening`: opens what they are classified with
"""
