"""A head with random weights and any number of classes, to measure with."""

import hashlib
from pathlib import Path

import numpy as np

from service.artifact.artifact import Manifest
from service.heads.loading import HEAD, WEIGHTS
from service.heads.manifest import Backbone, HeadManifest, HeadTraining, WeightsFile
from service.heads.weights import QuantizedWeights


def write_head(folder: Path, backbone: Manifest, *, name: str, classes: int) -> None:
    """Write a text head for a model's encoder into a new folder."""
    rng, width = np.random.default_rng(5), backbone.model.dimension
    codes = rng.integers(-127, 128, (classes, width)).astype(np.int8)
    data = QuantizedWeights(codes, np.full(classes, 1e-3, np.float32), np.zeros(classes, np.float32)).to_bytes()
    manifest = HeadManifest(
        schema_version=1,
        name=name,
        revision="",
        kind="text",
        backbone=Backbone(
            name=backbone.name,
            revision=backbone.revision,
            encoder_revision=backbone.encoder_revision,
            dimension=width,
        ),
        classes=tuple(f"class {place}" for place in range(classes)),
        weights=WeightsFile(bytes=len(data), sha256=hashlib.sha256(data).hexdigest()),
        training=HeadTraining(sources=(), method="none", temperature=1.0, seed=5, tool="loadtests"),
    ).sealed()
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(data)
    (folder / HEAD).write_text(manifest.model_dump_json(), encoding="utf-8")
