"""Releases of models to devices.

- `releases`: `Releases`, what is released as models and the roll-out file change
- `release_set`: what is released at one moment; `bundle`: an artifact's files in memory
- `heads_folder`: the heads, packs and task models that are released; `head_bundle`: their files in memory
- `source`: a file or folder that says what is released, as it changes
- `listing`: the answer of `GET /v1/model/`, which services write and devices read
- `rollout`: the roll-out file; `bucketing`: which devices take a canary
- `deltas`, `delta`, `patch`: differences between revisions, by bsdiff
- `errors`: why a device can't update
"""
