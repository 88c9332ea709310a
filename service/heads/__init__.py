"""Task heads: linear classifiers of texts or pairs, on the vectors of the served model.

- `head`: `Head`, the classifier; `pair_features`: the features of a pair
- `manifest`: `head.json`; `weights`: `weights.bin`; `loading`: reads and verifies both
- `classify`: from texts to probabilities
"""
