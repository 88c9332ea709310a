"""Publishes a head: rounds its weights and writes its folder, which appears whole or not at all."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from model_build.common.atomic import durable_folder
from model_build.common.errors import BuildError
from model_build.common.templates import render
from model_build.heads.logistic import LinearHead
from service.artifact.artifact import Manifest
from service.heads.adapters import QuantizedAdapter
from service.heads.loading import ADAPTERS, HEAD, WEIGHTS, load_head
from service.heads.manifest import (
    AdaptersFile,
    Backbone,
    HeadError,
    HeadFigure,
    HeadManifest,
    HeadName,
    HeadTraining,
    Kind,
    WeightsFile,
)
from service.heads.weights import QuantizedWeights

CARD = "README.md"
_LARGEST = 127
_NAMES = TypeAdapter[str](HeadName)


def rounded(head: LinearHead) -> QuantizedWeights:
    """Round weights to int8 with a scale per row; the largest magnitude of a row has the code 127 or -127."""
    scales = (np.abs(head.matrix).max(axis=1) / _LARGEST).astype(np.float32)
    steps = np.where(scales > 0, scales, 1.0)
    codes = np.clip(np.rint(head.matrix / steps[:, None]), -_LARGEST, _LARGEST).astype(np.int8)
    return QuantizedWeights(codes, scales, head.biases.astype(np.float32))


def as_rounded(head: LinearHead, weights: QuantizedWeights) -> LinearHead:
    """The head with the rounded weights."""
    return LinearHead(head.classes, weights.matrix().astype(np.float64), weights.biases.astype(np.float64))


def publish_head(
    destination: Path,
    backbone: Manifest,
    weights: QuantizedWeights,
    *,
    name: str,
    kind: Kind,
    classes: Sequence[str],
    training: HeadTraining,
    figures: Sequence[HeadFigure] = (),
    adapters: Sequence[QuantizedAdapter] = (),
) -> HeadManifest:
    """Write a head with its card. An older head in its place is replaced; other content is never overwritten.

    Args:
        destination: the head's folder.
        backbone: manifest of the model whose vectors it reads.
        weights: one row per class.
        name: used in requests.
        kind: texts or pairs.
        classes: the labels, in the order of the rows.
        training: the training record.
        figures: its metrics.
        adapters: of a pack, one for each linear layer of the model, in the graph's order.

    Raises:
        HeadError: the head can't be served; nothing is published.
        BuildError: the destination holds something else than a head, or can't be written.
    """
    contents = {WEIGHTS: weights.to_bytes()}
    if adapters:
        contents[ADAPTERS] = b"".join(one.to_bytes() for one in adapters)
    files = {file: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for file, data in contents.items()}
    manifest = HeadManifest(
        schema_version=1,
        name=name,
        revision="",
        kind=kind,
        backbone=_backbone(backbone),
        classes=tuple(classes),
        weights=WeightsFile.model_validate(files[WEIGHTS]),
        adapters=AdaptersFile.model_validate(files[ADAPTERS] | {"rank": len(adapters[0].up)}) if adapters else None,
        training=training,
        figures=tuple(figures),
    ).sealed()
    check_place(destination)
    _write(destination, manifest, contents)
    return manifest


def rebind_head(folder: Path, backbone: Manifest) -> HeadManifest:
    """Bind a head to another revision of its model with the same vectors, for example one with another card.

    Raises:
        HeadError: the folder holds no valid head, or the model has vectors of another length.
        BuildError: the folder can't be written.
    """
    head = load_head(folder).manifest
    if head.backbone.dimension != backbone.model.dimension:
        raise HeadError(
            f"{folder} reads vectors of {head.backbone.dimension} numbers, not of {backbone.model.dimension}"
        )
    bound = head.model_copy(update={"backbone": _backbone(backbone)}).sealed()
    files = (WEIGHTS, ADAPTERS) if head.adapters else (WEIGHTS,)
    _write(folder, bound, {file: (folder / file).read_bytes() for file in files})
    return bound


def check_name(name: str) -> None:
    """Check that a head may have this name.

    Raises:
        BuildError: it may not.
    """
    try:
        _NAMES.validate_python(name)
    except ValidationError:
        raise BuildError(
            f"{name!r} is no name of a head: at most 64 letters, digits, dots, hyphens and underscores, "
            "a letter or digit first"
        ) from None


def check_place(destination: Path) -> None:
    """Check that nothing but a head would be overwritten; call it before training, too.

    Raises:
        BuildError: the destination holds something else.
    """
    if destination.is_dir() and ((destination / HEAD).is_file() or not any(destination.iterdir())):
        return
    if destination.exists():
        raise BuildError(f"{destination} exists and is not a head; name another folder with --to")


def _backbone(model: Manifest) -> Backbone:
    return Backbone(
        name=model.name,
        revision=model.revision,
        encoder_revision=model.encoder_revision,
        dimension=model.model.dimension,
    )


def _write(destination: Path, manifest: HeadManifest, contents: Mapping[str, bytes]) -> None:
    try:
        with durable_folder(destination) as folder:
            for file, data in contents.items():
                (folder / file).write_bytes(data)
            (folder / HEAD).write_text(manifest.model_dump_json(indent=1, exclude_none=True) + "\n", encoding="utf-8")
            (folder / CARD).write_text(render("head_card.md.j2", {"head": manifest}), encoding="utf-8")
            load_head(folder)
    except OSError as error:
        raise BuildError(f"{destination} can't be written: {error.strerror}") from None
