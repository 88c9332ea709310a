"""A head or a pack with random weights and any number of classes, to measure with."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from service.artifact.artifact import Manifest
from service.heads.adapters import QuantizedAdapter
from service.heads.loading import ADAPTERS, HEAD, WEIGHTS
from service.heads.manifest import AdaptersFile, Backbone, HeadManifest, HeadTraining, WeightsFile
from service.heads.weights import QuantizedWeights


def write_head(
    folder: Path,
    backbone: Manifest,
    *,
    name: str,
    classes: int,
    rank: int = 0,
    layers: Sequence[tuple[int, int]] = (),
) -> None:
    """Write a text head for a model's encoder into a new folder; with a `rank`, a pack for its linear layers."""
    rng, width = np.random.default_rng(5), backbone.model.dimension
    codes = rng.integers(-127, 128, (classes, width)).astype(np.int8)
    data = QuantizedWeights(codes, np.full(classes, 1e-3, np.float32), np.zeros(classes, np.float32)).to_bytes()
    adapters = b"".join(
        QuantizedAdapter(
            rng.integers(-127, 128, (inputs, rank)).astype(np.int8),
            rng.integers(-127, 128, (rank, outputs)).astype(np.int8),
            *np.full((2, rank), 1e-4, np.float32),
        ).to_bytes()
        for inputs, outputs in layers
    )
    file = AdaptersFile(rank=rank, bytes=len(adapters), sha256=hashlib.sha256(adapters).hexdigest()) if rank else None
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
        adapters=file,
        training=HeadTraining(sources=(), method="none", temperature=1.0, seed=5, tool="loadtests"),
    ).sealed()
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(data)
    if rank:
        (folder / ADAPTERS).write_bytes(adapters)
    (folder / HEAD).write_text(manifest.model_dump_json(), encoding="utf-8")
