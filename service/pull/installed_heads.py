"""The heads, packs and task models in a model's folder on a device."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.artifact.artifact import MANIFEST, Artifact, ArtifactError, file_sha256, label_of
from service.heads.head import Head
from service.heads.loading import ADAPTERS, HEAD, WEIGHTS, load_classifier
from service.heads.manifest import HeadError

HEADS = "heads"
"""The folder in a model's folder."""


@dataclass(frozen=True)
class InstalledHead:
    """A verified head, pack or task model, and the checksums of its files by path."""

    label: str
    revision: str
    folder: Path
    files: Mapping[str, str]


def installed_heads(folder: Path) -> dict[str, InstalledHead]:
    """The heads in a folder, by name; damaged ones are left out."""
    found = {}
    for name in head_names(folder):
        try:
            one = load_classifier(folder / name)
        except (HeadError, ArtifactError):
            continue
        if one.manifest.name == name:
            found[name] = _installed(folder / name, one)
    return found


def head_names(folder: Path) -> list[str]:
    """The names of the folders of heads in a folder, sorted, whatever is in them."""
    if not folder.is_dir():
        return []
    return sorted(one.name for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))


def _installed(folder: Path, one: Head | Artifact) -> InstalledHead:
    index = MANIFEST if isinstance(one, Artifact) else HEAD
    return InstalledHead(
        label=label_of(one.manifest.name, one.manifest.revision),
        revision=one.manifest.revision,
        folder=folder,
        files={index: file_sha256(folder / index), **_listed(one)},
    )


def _listed(one: Head | Artifact) -> dict[str, str]:
    """The checksums in its manifest."""
    if isinstance(one, Artifact):
        return {path: entry.sha256 for path, entry in one.manifest.files.items()}
    weights, adapters = one.manifest.weights, one.manifest.adapters
    return {WEIGHTS: weights.sha256, **({} if adapters is None else {ADAPTERS: adapters.sha256})}
