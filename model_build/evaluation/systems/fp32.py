"""The artifact's fp32 reference: the same student before quantization, with the artifact's tokenizer."""

from dataclasses import dataclass
from pathlib import Path

from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from model_build.common.errors import ModelError
from model_build.common.systems import Role
from model_build.evaluation.systems.artifact import ArtifactSystem, encoder_identity
from service.artifact.artifact import MODEL, Artifact, ArtifactError, file_sha256
from service.encoder.onnx import OnnxEncoder

# Short texts, and one longer than any device reads: another student's graph fails on these, or its vectors differ.
PROBES = ("wireless mouse", "how do I split a dinner bill", "The cat sat on the mat.", "0 1 2 3 4 5 6 7 8 9 " * 60)
LEAST_COSINE = 0.5
_RUN_ERRORS = (ort_errors.Fail, ort_errors.InvalidArgument, ort_errors.RuntimeException)


@dataclass(frozen=True)
class Fp32Artifact(Artifact):
    """An artifact whose graph is replaced."""

    graph: Path

    @property
    def model_path(self) -> Path:
        """The replacement."""
        return self.graph


class Fp32System(ArtifactSystem):
    """An artifact's fp32 graph behind the artifact's tokenizer; its bytes are the artifact's with this graph."""

    role = Role.FP32

    def __init__(self, artifact: Artifact, graph: Path) -> None:
        """Load the graph.

        Raises:
            ModelError: there is no such file, or it is not a graph of this artifact's student.
        """
        if not graph.is_file():
            raise ModelError(f"there is no fp32 graph {graph}; a build leaves it in its export stage, as fp32.onnx")
        manifest = artifact.manifest
        try:
            encoder = OnnxEncoder(Fp32Artifact(artifact.folder, manifest, graph))
            vectors = encoder.encode(PROBES).vectors
        except (ArtifactError, *_RUN_ERRORS) as error:
            reason = str(error) if isinstance(error, ArtifactError) else f"{graph} can't embed a text"
            raise ModelError(f"the fp32 graph does not fit the artifact: {reason}") from None
        cosine = float((vectors * OnnxEncoder(artifact).encode(PROBES).vectors).sum(axis=1).mean())
        if not cosine >= LEAST_COSINE:
            raise ModelError(f"{graph} is of another model than the artifact: cosine of vectors {cosine:.2f}")
        device_bytes = manifest.device_bytes - manifest.files[MODEL].bytes + graph.stat().st_size
        # The encoder's identity is part of it because the tokenizer is the artifact's.
        identity = f"fp32 {file_sha256(graph)} of {encoder_identity(manifest)}"
        super().__init__(f"{manifest.name} fp32", encoder, device_bytes, identity)
