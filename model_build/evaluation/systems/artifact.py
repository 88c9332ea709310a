"""The released model, through the very encoder that serves it."""

from collections.abc import Sequence
from pathlib import Path

from model_build.evaluation.system import Role, Vectors
from service.artifact import load_artifact
from service.encoder.base import Encoder
from service.encoder.onnx import OnnxEncoder


class ArtifactSystem:
    """An encoder of the service.

    Attributes:
        name: shown in tables.
        role: the artifact.
        bytes: every file that the device needs at run time.
    """

    role = Role.ARTIFACT

    def __init__(self, name: str, encoder: Encoder, device_bytes: int) -> None:
        self.name = name
        self.bytes = device_bytes
        self._encoder = encoder

    @property
    def identity(self) -> str:
        """The artifact's revision."""
        return f"artifact {self._encoder.revision}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts."""
        return self._encoder.encode(texts).vectors


def load_artifact_system(folder: Path) -> ArtifactSystem:
    """Verify an artifact and load its encoder.

    Raises:
        ArtifactError: the folder is not an artifact that may be served.
    """
    artifact = load_artifact(folder)
    return ArtifactSystem(artifact.manifest.name, OnnxEncoder(artifact), artifact.manifest.device_bytes)
