"""The released model, through the encoder of the service."""

from collections.abc import Sequence

from model_build.common.systems import Role, Vectors
from service.artifact.artifact import Artifact, Manifest
from service.encoder.base import Encoder
from service.encoder.onnx import OnnxEncoder


class ArtifactSystem:
    """An artifact, embedded by the encoder of the service; its bytes are those of every file that the device needs."""

    role = Role.ARTIFACT

    def __init__(self, name: str, encoder: Encoder, device_bytes: int, identity: str) -> None:
        self.name = name
        self.bytes = device_bytes
        self.identity = identity
        self._encoder = encoder

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts."""
        return self._encoder.encode(texts).vectors


def artifact_system(artifact: Artifact) -> ArtifactSystem:
    """Load a verified artifact's encoder.

    Raises:
        ArtifactError: its graph can't be loaded.
    """
    manifest = artifact.manifest
    return ArtifactSystem(manifest.name, OnnxEncoder(artifact), manifest.device_bytes, encoder_identity(manifest))


def encoder_identity(manifest: Manifest) -> str:
    """Name what the vectors depend on: neither card nor ranking weights, which publication changes."""
    return f"artifact {manifest.encoder_revision}"
