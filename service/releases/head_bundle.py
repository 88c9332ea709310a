"""A verified head, pack or task model in memory, so that released files don't change with their folder."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.artifact.artifact import Artifact, Manifest
from service.files.regular import explained, read_file
from service.heads.classifier import ClassifierType
from service.heads.loading import ADAPTERS, HEAD, MOST_MANIFEST_BYTES, WEIGHTS, load_classifier
from service.heads.manifest import Backbone, HeadError, HeadManifest
from service.releases.bundle import read_bundle
from service.releases.listing import HeadBackbone, ReleasedFile, ReleasedHead


@dataclass(frozen=True, eq=False)
class HeadBundle:
    """A head, pack or task model: its entry in the listing, and the contents of its files by path."""

    listed: ReleasedHead
    contents: Mapping[str, bytes]

    @property
    def revision(self) -> str:
        """Its revision."""
        return self.listed.revision

    @property
    def files(self) -> Mapping[str, ReleasedFile]:
        """The sizes and checksums of its files, by path."""
        return {file.path: file for file in self.listed.files}


def read_head_bundle(folder: Path) -> HeadBundle:
    """Read and verify the head, pack or task model of a folder. Of a head, its card is left out.

    Raises:
        HeadError: it is damaged, or none, or too large to be released.
        ArtifactError: it is a damaged task model.
    """
    found = load_classifier(folder)
    with explained(folder, HeadError):
        return _of_task_model(found) if isinstance(found, Artifact) else _of_head(folder, found.manifest)


def _of_task_model(artifact: Artifact) -> HeadBundle:
    bundle, manifest = read_bundle(artifact), artifact.manifest
    classes = () if manifest.task is None else manifest.task.classes
    return _bundle("model", manifest, None, len(classes), bundle.contents, tuple(bundle.files.values()))


def _of_head(folder: Path, manifest: HeadManifest) -> HeadBundle:
    contents = {HEAD: read_file(folder / HEAD, most=MOST_MANIFEST_BYTES)}
    sums = {WEIGHTS: manifest.weights.sha256}
    contents[WEIGHTS] = read_file(folder / WEIGHTS, most=manifest.weights.bytes)
    if manifest.adapters is not None:
        sums[ADAPTERS] = manifest.adapters.sha256
        contents[ADAPTERS] = read_file(folder / ADAPTERS, most=manifest.adapters.bytes)
    files = tuple(
        ReleasedFile(path=path, bytes=len(content), sha256=hashlib.sha256(content).hexdigest(), device=True)
        for path, content in contents.items()
    )
    same = HeadManifest.model_validate_json(contents[HEAD]) == manifest
    if not same or any(sums.get(file.path, file.sha256) != file.sha256 for file in files):
        raise HeadError(f"{folder} changed while it was read")
    kind: ClassifierType = "head" if manifest.adapters is None else "pack"
    return _bundle(kind, manifest, manifest.backbone, len(manifest.classes), contents, files)


def _bundle(
    kind: ClassifierType,
    manifest: HeadManifest | Manifest,
    backbone: Backbone | None,
    classes: int,
    contents: Mapping[str, bytes],
    files: tuple[ReleasedFile, ...],
) -> HeadBundle:
    listed = ReleasedHead(
        type=kind,
        schema_version=manifest.schema_version,
        name=manifest.name,
        revision=manifest.revision,
        backbone=backbone and HeadBackbone(revision=backbone.revision, encoder_revision=backbone.encoder_revision),
        classes=classes,
        files=files,
    )
    return HeadBundle(listed, contents)
