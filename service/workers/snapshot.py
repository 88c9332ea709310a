"""Snapshots of the model that serves, so that workers start with the same one whatever becomes of its folder."""

import shutil
from pathlib import Path

from service.artifact.artifact import MANIFEST, ArtifactError, load_artifact


def take_snapshot(folder: Path, to: Path) -> None:
    """Verify an artifact, or what a link to one names, and copy the files in its manifest to a folder to be created.

    Raises:
        ArtifactError: it can't be served or copied, or changed while it was copied.
    """
    artifact = load_artifact(folder.resolve() if folder.is_symlink() else folder)
    artifact.check_embeds()
    try:
        for name in (MANIFEST, *artifact.manifest.files):
            copy = to / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(artifact.folder / name, copy)
    except OSError as error:
        raise ArtifactError(f"{folder} can't be copied to {to}: {error.strerror}") from None
    load_artifact(to)
