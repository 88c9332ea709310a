"""Bundles of small artifacts."""

import json
from pathlib import Path

from service.artifact.artifact import RANKER
from service.ranking.weights import default_weights, ranker_json
from service.releases.bundle import Bundle, read_bundle
from tests.service.artifacts import build_artifact


def ranker(*, name: str) -> bytes:
    """Default weights that say whom they are for: the bytes differ, what they do does not."""
    content = json.loads(ranker_json(default_weights()))
    content["learned_from"]["search"] = name
    return json.dumps(content).encode()


def bundle(folder: Path, name: str = "tiny", **files: bytes) -> Bundle:
    """A bundle in a folder, another revision for each name; `files` come beside those of every artifact."""
    return read_bundle(build_artifact(folder, files={RANKER: ranker(name=name), **files}, name=name))
