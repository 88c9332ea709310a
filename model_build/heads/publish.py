"""Publishing a head: a folder that is whole or absent."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from model_build.common.atomic import durable_folder
from model_build.common.errors import BuildError
from model_build.heads.card import CARD, render_head_card
from service.artifact.artifact import Manifest
from service.heads.loading import HEAD, WEIGHTS, load_head
from service.heads.manifest import (
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

_NAMES = TypeAdapter[str](HeadName)


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
) -> HeadManifest:
    """Write a head with its card; an older one in its place is replaced whole, other folders are left alone.

    Args:
        destination: the head's folder.
        backbone: of the model whose vectors it reads.
        weights: a row for each class.
        name: what requests call it.
        kind: whether it decides on texts or pairs.
        classes: the labels, in the order of the rows.
        training: how it was made.
        figures: how well it did.

    Raises:
        HeadError: what was written can't be served; nothing is published.
        BuildError: something else than a head is in its place, or the disk does not take it.
    """
    data = weights.to_bytes()
    manifest = HeadManifest(
        schema_version=1,
        name=name,
        revision="",
        kind=kind,
        backbone=_backbone(backbone),
        classes=tuple(classes),
        weights=WeightsFile(bytes=len(data), sha256=hashlib.sha256(data).hexdigest()),
        training=training,
        figures=tuple(figures),
    ).sealed()
    check_place(destination)
    _write(destination, manifest, data)
    return manifest


def rebind_head(folder: Path, backbone: Manifest) -> HeadManifest:
    """Bind a head to another revision of its model that has the same vectors: one that differs in its card, say.

    Raises:
        HeadError: the folder holds no head that can be served, or the model has vectors of another length.
        BuildError: the disk does not take it.
    """
    head = load_head(folder).manifest
    if head.backbone.dimension != backbone.model.dimension:
        raise HeadError(
            f"{folder} reads vectors of {head.backbone.dimension} numbers, not of {backbone.model.dimension}"
        )
    bound = head.model_copy(update={"backbone": _backbone(backbone)}).sealed()
    _write(folder, bound, (folder / WEIGHTS).read_bytes())
    return bound


def check_name(name: str) -> None:
    """Refuse a name that no request could ask for.

    Raises:
        BuildError: it is none.
    """
    try:
        _NAMES.validate_python(name)
    except ValidationError:
        raise BuildError(
            f"{name!r} is no name of a head: at most 64 letters, digits, dots, hyphens and underscores, "
            "a letter or digit first"
        ) from None


def check_place(destination: Path) -> None:
    """Refuse to write over what is no head. Call it before the long part, too.

    Raises:
        BuildError: something else is there.
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


def _write(destination: Path, manifest: HeadManifest, weights: bytes) -> None:
    try:
        with durable_folder(destination) as folder:
            (folder / WEIGHTS).write_bytes(weights)
            (folder / HEAD).write_text(manifest.model_dump_json(indent=1, exclude_none=True) + "\n", encoding="utf-8")
            (folder / CARD).write_text(render_head_card(manifest), encoding="utf-8")
            load_head(folder)
    except OSError as error:
        raise BuildError(f"{destination} can't be written: {error.strerror}") from None
