"""The artifact's fp32 parent: the same student before its weights were rounded, read by the same tokenizer."""

from dataclasses import dataclass
from pathlib import Path

from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from model_build.common.systems import Role
from model_build.evaluation.errors import ModelError
from model_build.evaluation.systems.artifact import ArtifactSystem, encoder_identity
from service.artifact.artifact import MODEL, Artifact, ArtifactError, file_sha256, load_artifact
from service.encoder.onnx import OnnxEncoder

# Short, and longer than any device reads: a graph of another student fails on these, or disagrees with the artifact.
PROBES = ("wireless mouse", "how do I split a dinner bill", "The cat sat on the mat.", "0 1 2 3 4 5 6 7 8 9 " * 60)
LEAST_COSINE = 0.5
_RUN_ERRORS = (ort_errors.Fail, ort_errors.InvalidArgument, ort_errors.RuntimeException)


@dataclass(frozen=True)
class ParentArtifact(Artifact):
    """An artifact with another graph in the place of its own.

    Attributes:
        graph: the other graph.
    """

    graph: Path

    @property
    def model_path(self) -> Path:
        """The other graph."""
        return self.graph


class ParentSystem(ArtifactSystem):
    """An artifact's fp32 graph behind the artifact's tokenizer.

    Attributes:
        name: shown in tables.
        role: the parent.
        bytes: what the device would need: the artifact's files with this graph in the place of theirs.
    """

    role = Role.PARENT

    def __init__(self, artifact: Artifact, graph: Path) -> None:
        """Load the graph.

        Raises:
            ModelError: there is no such file, or it is no graph of this artifact's student.
        """
        if not graph.is_file():
            raise ModelError(f"there is no parent {graph}; a build leaves it in its export stage, as fp32.onnx")
        manifest = artifact.manifest
        try:
            encoder = OnnxEncoder(ParentArtifact(artifact.folder, manifest, graph))
            vectors = encoder.encode(PROBES).vectors
        except (ArtifactError, *_RUN_ERRORS) as error:
            reason = str(error) if isinstance(error, ArtifactError) else f"{graph} can't embed a text"
            raise ModelError(f"the parent does not fit the artifact: {reason}") from None
        cosine = float((vectors * OnnxEncoder(artifact).encode(PROBES).vectors).sum(axis=1).mean())
        if not cosine >= LEAST_COSINE:
            raise ModelError(f"the parent {graph} is another model than the artifact: cosine of vectors {cosine:.2f}")
        device_bytes = manifest.device_bytes - manifest.files[MODEL].bytes + graph.stat().st_size
        # The artifact's files are named too, for the tokenizer.
        identity = f"parent {file_sha256(graph)} of {encoder_identity(manifest)}"
        super().__init__(f"{manifest.name} fp32", encoder, device_bytes, identity)


def load_parent_system(folder: Path, graph: Path) -> ParentSystem:
    """Verify an artifact and load its fp32 parent.

    Args:
        folder: the artifact's folder.
        graph: the parent, an ONNX file.

    Raises:
        ArtifactError: the folder is not an artifact that may be served.
        ModelError: there is no such file, or it is no graph of this artifact's student.
    """
    return ParentSystem(load_artifact(folder), graph)
