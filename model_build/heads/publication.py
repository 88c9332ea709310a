"""Publishing a head: a folder that is whole or absent."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from model_build.durable import durable_folder
from model_build.errors import BuildError
from model_build.heads.card import CARD, render_head_card
from service.artifact import Manifest
from service.heads.loading import HEAD, WEIGHTS, load_head
from service.heads.manifest import (
    Backbone,
    HeadFigure,
    HeadManifest,
    HeadName,
    HeadTraining,
    Kind,
    WeightsFile,
)
from service.heads.weights import Weights

_NAMES = TypeAdapter[str](HeadName)


def publish_head(
    destination: Path,
    backbone: Manifest,
    weights: Weights,
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
        backbone=Backbone(
            name=backbone.name,
            revision=backbone.revision,
            encoder_revision=backbone.encoder_revision,
            dimension=backbone.model.dimension,
        ),
        classes=tuple(classes),
        weights=WeightsFile(bytes=len(data), sha256=hashlib.sha256(data).hexdigest()),
        training=training,
        figures=tuple(figures),
    ).sealed()
    check_place(destination)
    try:
        with durable_folder(destination) as folder:
            (folder / WEIGHTS).write_bytes(data)
            (folder / HEAD).write_text(manifest.model_dump_json(indent=1, exclude_none=True) + "\n", encoding="utf-8")
            (folder / CARD).write_text(render_head_card(manifest), encoding="utf-8")
            load_head(folder)
    except OSError as error:
        raise BuildError(f"{destination} can't be written: {error.strerror}") from None
    return manifest


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
