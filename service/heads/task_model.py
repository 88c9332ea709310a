"""The files of a task model: an artifact that gives logits of classes, or a grade, whatever model serves."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from service.artifact.artifact import MANIFEST, Artifact, load_artifact
from service.heads.manifest import HeadError, HeadName, Label

_NAME, _LABELS = TypeAdapter(HeadName), TypeAdapter(tuple[Label, ...])


def load_task_model(folder: Path) -> Artifact:
    """Read and verify a task model's files; its graph is not loaded yet.

    Raises:
        ArtifactError: a file is missing or altered, or the manifest is not valid.
        HeadError: the artifact is no task model, or its name or classes can't be served.
    """
    artifact = load_artifact(folder)
    manifest, task, path = artifact.manifest, artifact.manifest.task, folder / MANIFEST
    if task is None:
        raise HeadError(f"{folder} is a model that embeds, not a head or a task model; EDGE_RANK_MODEL names it")
    if task.outputs != manifest.model.dimension:
        raise HeadError(
            f"{path} is not valid: the task has {task.outputs} outputs, "
            f"but model.dimension is {manifest.model.dimension}"
        )
    if len(set(task.classes)) < len(task.classes):
        raise HeadError(f"{path} is not valid: two classes have the same label")
    try:
        _NAME.validate_python(manifest.name)
        _LABELS.validate_python(task.classes)
    except ValidationError:
        raise HeadError(
            f"{path} is not valid: a name has at most 64 letters, digits and . _ -, a label 1 to 128 characters"
        ) from None
    return artifact
