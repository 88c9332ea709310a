"""A copy of the model that serves, which nobody else changes: workers start with it, whatever becomes of its folder."""

import shutil
from pathlib import Path

from service.artifact import MANIFEST, load_artifact


def take_snapshot(folder: Path, to: Path) -> None:
    """Verify an artifact, and copy the files that its manifest lists.

    Args:
        folder: the artifact, or a link to it.
        to: a folder that is not there yet.

    Raises:
        ArtifactError: it may not be served, or changed while it was copied.
        OSError: it can't be copied.
    """
    artifact = load_artifact(folder.resolve() if folder.is_symlink() else folder)
    for name in (MANIFEST, *artifact.manifest.files):
        copy = to / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(artifact.folder / name, copy)
    load_artifact(to)
