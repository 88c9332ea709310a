"""Reads heads, packs and task models: one, or those of a folder that serve with a model."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from service.artifact.artifact import MANIFEST, Artifact, Manifest, label_of
from service.files.regular import explained, read_file
from service.heads.head import Adapters, Head
from service.heads.manifest import AdaptersFile, HeadError, HeadManifest, WeightsFile
from service.heads.task_model import load_task_model
from service.heads.weights import QuantizedWeights, byte_count

HEAD = "head.json"
WEIGHTS = "weights.bin"
ADAPTERS = "adapters.bin"
MOST_HEADS = 64
MOST_MANIFEST_BYTES = 1024 * 1024
# A logit is the sum of at most 8,192 products of a feature (at most 64), a code (at most 128) and a scale: with scales
# and biases up to this, it does not overflow float32.
_LARGEST_NUMBER = 1e30


def load_head(folder: Path) -> Head:
    """Read and verify a head or a pack.

    Raises:
        HeadError: a file is missing, altered or too large, or the head is not of a known version.
    """
    manifest = read_manifest(folder)
    path, classes = folder / WEIGHTS, len(manifest.classes)
    size = byte_count(classes, manifest.width)
    if manifest.weights.bytes != size:
        raise HeadError(
            f"{folder / HEAD} is not valid: weights.bytes is {manifest.weights.bytes}, "
            f"but {classes} classes of {manifest.width} features take {size}"
        )
    data = _contents(path, manifest.weights)
    weights = QuantizedWeights.from_bytes(data, classes=classes, width=manifest.width)
    _check_finite(path, weights)
    adapters = None
    if manifest.adapters is not None:
        place = folder / ADAPTERS
        adapters = Adapters(place, manifest.adapters.rank, _contents(place, manifest.adapters))
    return Head(manifest, weights.matrix(), weights.biases, adapters)


def _contents(path: Path, file: WeightsFile | AdaptersFile) -> bytes:
    with explained(path, HeadError):
        data = read_file(path, most=file.bytes)
    if len(data) != file.bytes or hashlib.sha256(data).hexdigest() != file.sha256:
        raise HeadError(f"{path} does not match its checksum in {HEAD}")
    return data


def read_manifest(folder: Path) -> HeadManifest:
    """Read and verify `head.json`.

    Raises:
        HeadError: it is missing, altered or too large, or not of a known version.
    """
    path = folder / HEAD
    if folder.is_dir() and not path.exists():
        raise HeadError(f"{folder} is not a head: it has no {HEAD}")
    with explained(path, HeadError):
        manifest = HeadManifest.model_validate_json(read_file(path, most=MOST_MANIFEST_BYTES))
    if manifest.revision != manifest.expected_revision():
        raise HeadError(f"{path} is not valid: its revision does not match its contents")
    return manifest


def load_heads(folder: Path, backbone: Manifest) -> Mapping[str, Head | Artifact]:
    """Load the heads and packs in a folder that belong to a model, and the task models, by name.

    Several heads may have the same name if they belong to different models, so that a folder works before and after a
    swap. A name without a head for this model is an error: its clients would find it gone. Files are ignored, and so
    are names that begin with a dot.

    Raises:
        HeadError: a head is damaged, two with the same name serve with this model, a name has none that does, or
            there are more than `MOST_HEADS`.
        ArtifactError: a task model is damaged.
    """
    found = [(place, load_classifier(place)) for place in head_folders(folder)]
    served = label_of(backbone.name, backbone.revision)
    chosen: dict[str, Head | Artifact] = {}
    for place, one in found:
        if isinstance(one, Head):
            owner = one.manifest.backbone
            if not owner.has_vectors_of(backbone):
                continue
            if owner.dimension != backbone.model.dimension:
                raise HeadError(f"{place / HEAD} is not valid: backbone.dimension is not {backbone.model.dimension}")
        if one.manifest.name in chosen:
            raise HeadError(
                f"{folder} has two heads called {one.manifest.name} that serve with the model {served}; "
                "leave one of them there"
            )
        chosen[one.manifest.name] = one
    for place, one in found:
        if isinstance(one, Head) and one.manifest.name not in chosen:
            raise HeadError(
                f"{place} belongs to the model {one.manifest.backbone.label}, not to {served}, and may not be served "
                "with it; fit it anew with model-build fit-head"
            )
    return chosen


def head_folders(folder: Path) -> list[Path]:
    """The folders in a folder of heads, sorted; files are ignored, and so are names that begin with a dot.

    Raises:
        HeadError: it can't be read, or has more than `MOST_HEADS`.
    """
    try:
        places = sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))
    except OSError as error:
        raise HeadError(f"the folder of heads {folder} can't be read: {error.strerror}") from None
    if len(places) > MOST_HEADS:
        raise HeadError(f"{folder} has {len(places)} heads; at most {MOST_HEADS} are served")
    return places


def load_classifier(folder: Path) -> Head | Artifact:
    """Read and verify a head, a pack or a task model, whichever the folder is.

    Raises:
        HeadError: it is a damaged head, or none.
        ArtifactError: it is a damaged task model.
    """
    is_model = (folder / MANIFEST).exists() and not (folder / HEAD).exists()
    return load_task_model(folder) if is_model else load_head(folder)


def _check_finite(path: Path, weights: QuantizedWeights) -> None:
    """Refuse weights that could give invalid probabilities."""
    for name, numbers in (("scales", weights.scales), ("biases", weights.biases)):
        if not np.isfinite(numbers).all():
            raise HeadError(f"{path} is not valid: it has {name} that are not finite")
        if np.abs(numbers).max() > _LARGEST_NUMBER:
            raise HeadError(
                f"{path} is not valid: it has {name} beyond {_LARGEST_NUMBER:g}, with which scores overflow"
            )
