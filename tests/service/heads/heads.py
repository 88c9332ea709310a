"""Heads for tests, written as the format says."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from service.artifact.artifact import Manifest
from service.encoder.onnx import OnnxEncoder
from service.heads.adapters import QuantizedAdapter
from service.heads.loading import ADAPTERS, HEAD, WEIGHTS, load_heads
from service.heads.manifest import AdaptersFile, Backbone, HeadManifest, HeadTraining, Kind, WeightsFile, width_of
from service.heads.opening import opened
from service.heads.weights import QuantizedWeights
from service.models.model import Model
from tests.service.artifacts import LAYERS

TRAINING = HeadTraining(sources=(), method="none", temperature=1.0, seed=0, tool="tests")


def build_head(
    folder: Path,
    backbone: Manifest,
    *,
    name: str = "topics",
    kind: Kind = "text",
    classes: Sequence[str] = ("bill", "taxi", "train"),
    weights: QuantizedWeights | None = None,
    dimension: int | None = None,
    knows_encoder: bool = True,
    rank: int = 0,
    layers: Sequence[tuple[int, int]] = LAYERS,
    adapters: bytes | None = None,
) -> HeadManifest:
    """Write a head into a folder; its weights are random unless some are given.

    With a `rank`, it is a pack, whose adapters are random unless some are given.

    Without `knows_encoder` it is one as they were before heads knew the revision of their encoder.
    """
    dimension = dimension or backbone.model.dimension
    width = width_of(kind, dimension)
    data = (weights or random_weights(len(classes), width)).to_bytes()
    adapter_data = b""
    if rank:
        adapter_data = adapters or b"".join(one.to_bytes() for one in random_adapters(rank, layers))
    manifest = HeadManifest(
        schema_version=1,
        name=name,
        revision="",
        kind=kind,
        backbone=Backbone(
            name=backbone.name,
            revision=backbone.revision,
            encoder_revision=backbone.encoder_revision if knows_encoder else None,
            dimension=dimension,
        ),
        classes=tuple(classes),
        weights=WeightsFile(bytes=len(data), sha256=hashlib.sha256(data).hexdigest()),
        adapters=AdaptersFile(rank=rank, bytes=len(adapter_data), sha256=hashlib.sha256(adapter_data).hexdigest())
        if rank
        else None,
        training=TRAINING,
    ).sealed()
    folder.mkdir(parents=True, exist_ok=True)
    if rank:
        (folder / ADAPTERS).write_bytes(adapter_data)
    (folder / WEIGHTS).write_bytes(data)
    (folder / HEAD).write_text(manifest.model_dump_json())
    return manifest


def with_heads(model: Model, folder: Path) -> Model:
    """The model with the heads of a folder."""
    return replace(model, heads=opened(load_heads(folder, model.manifest), cast("OnnxEncoder", model.encoder)))


def random_adapters(rank: int, layers: Sequence[tuple[int, int]] = LAYERS, seed: int = 3) -> list[QuantizedAdapter]:
    rng = np.random.default_rng(seed)
    return [
        QuantizedAdapter(
            rng.integers(-127, 128, (inputs, rank)).astype(np.int8),
            rng.integers(-127, 128, (rank, outputs)).astype(np.int8),
            rng.uniform(1e-3, 3e-3, rank).astype(np.float32),
            rng.uniform(1e-3, 3e-3, rank).astype(np.float32),
        )
        for inputs, outputs in layers
    ]


def random_weights(classes: int, width: int) -> QuantizedWeights:
    rng = np.random.default_rng(5)
    return QuantizedWeights(
        rng.integers(-127, 128, (classes, width)).astype(np.int8),
        np.full(classes, 0.05, dtype=np.float32),
        rng.standard_normal(classes).astype(np.float32),
    )


def nearest(examples: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> QuantizedWeights:
    """Weights of a head that puts a text into the class of the example that is nearest: `[classes, width]`."""
    scales = np.abs(examples).max(axis=1) / 127
    codes = np.rint(examples / scales[:, None]).astype(np.int8)
    return QuantizedWeights(codes, (20 * scales).astype(np.float32), np.zeros(len(examples), dtype=np.float32))
