"""A verified artifact in memory, so that released files don't change with their folder."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from service.artifact.artifact import MANIFEST, MOST_FILE_BYTES, MOST_MANIFEST_BYTES, Artifact, ArtifactError, Manifest
from service.files.regular import explained, read_file
from service.releases.listing import OfferedDelta, Release, ReleasedFile


@dataclass(frozen=True, eq=False)
class Bundle:
    """An artifact's files: their contents by path, the manifest first, and their sizes and checksums."""

    manifest: Manifest
    contents: Mapping[str, bytes]
    files: Mapping[str, ReleasedFile]

    @property
    def revision(self) -> str:
        """The artifact's revision."""
        return self.manifest.revision

    @property
    def identity(self) -> str:
        """Checksum of the manifest, which has those of all other files; the revision does not cover the manifest."""
        return self.files[MANIFEST].sha256

    @property
    def device_contents(self) -> dict[str, bytes]:
        """The files that a device needs at run time."""
        return {path: self.contents[path] for path, file in self.files.items() if file.device}

    def release(self, deltas: tuple[OfferedDelta, ...]) -> Release:
        """Its entry in the listing."""
        return Release(
            schema_version=self.manifest.schema_version,
            name=self.manifest.name,
            revision=self.revision,
            encoder_revision=self.manifest.encoder_revision,
            device_bytes=self.manifest.device_bytes,
            files=tuple(self.files.values()),
            deltas=deltas,
        )


def read_bundle(artifact: Artifact) -> Bundle:
    """Read an artifact's files.

    Raises:
        ArtifactError: a file can't be read, or has changed since the artifact was loaded.
    """
    manifest, folder = artifact.manifest, artifact.folder
    with explained(folder, ArtifactError):
        contents = {MANIFEST: read_file(folder / MANIFEST, most=MOST_MANIFEST_BYTES)}
        for path in sorted(manifest.files):
            contents[path] = read_file(folder / path, most=MOST_FILE_BYTES)
    files = {
        path: ReleasedFile(
            path=path,
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            device=path == MANIFEST or manifest.files[path].device,
        )
        for path, content in contents.items()
    }
    if any(files[path].sha256 != entry.sha256 for path, entry in manifest.files.items()):
        raise ArtifactError(f"{folder} changed while it was read")
    try:
        same = Manifest.model_validate_json(contents[MANIFEST]) == manifest
    except ValidationError:
        same = False
    if not same:
        raise ArtifactError(f"{folder} changed while it was read")
    return Bundle(manifest, contents, files)
