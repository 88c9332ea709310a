"""What ranks: an artifact's encoder and weights, ready to use."""

from dataclasses import dataclass
from pathlib import Path

from service.artifact import Manifest, load_artifact
from service.encoder.base import Encoder
from service.encoder.run import RunListener
from service.ranking.weights import Weights, load_weights
from service.updates.bundle import Bundle, read_bundle

_REVISION_CHARS = 12


@dataclass(frozen=True)
class Model:
    """A loaded artifact; without a `bundle` of its files, devices can't have it."""

    manifest: Manifest
    encoder: Encoder
    weights: Weights
    bundle: Bundle | None = None

    @property
    def label(self) -> str:
        """What answers call it: its name and the beginning of its revision."""
        return f"{self.manifest.name}@{self.manifest.revision[:_REVISION_CHARS]}"


def load_model(folder: Path, *, run_tokens: int, on_run: RunListener) -> Model:
    """Load and verify an artifact.

    Args:
        folder: the artifact.
        run_tokens: most tokens of one ONNX run, padding included.
        on_run: told of every ONNX run.

    Raises:
        ArtifactError: the artifact may not be served.
        RankerError: its weights may not.
    """
    # ONNX Runtime takes a while to import: what does not embed (`--help`, `info`) should not wait for it.
    from service.encoder.onnx import OnnxEncoder  # noqa: PLC0415

    artifact = load_artifact(folder)
    weights = load_weights(artifact.ranker_path)
    encoder = OnnxEncoder(artifact, run_tokens=run_tokens, on_run=on_run)
    return Model(manifest=artifact.manifest, encoder=encoder, weights=weights, bundle=read_bundle(artifact))
