"""A loaded model: an artifact's encoder and weights, and the classifiers that serve with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.artifact.artifact import Manifest, label_of, load_artifact
from service.encoder.base import Encoder
from service.encoder.onnx_run import RunListener
from service.heads.classifier import Classifier
from service.heads.loading import load_heads
from service.heads.opening import opened
from service.ranking.weights import SignalWeights, load_weights
from service.releases.bundle import Bundle, read_bundle
from service.text.windows import MOST_WINDOWS


@dataclass(frozen=True)
class Model:
    """A loaded artifact, and its classifiers by name. Without a `bundle`, it can't be released to devices."""

    manifest: Manifest
    encoder: Encoder
    weights: SignalWeights
    bundle: Bundle | None = None
    heads: Mapping[str, Classifier] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name and abbreviated revision."""
        return label_of(self.manifest.name, self.manifest.revision)


def load_model(
    folder: Path, *, run_tokens: int, on_run: RunListener, heads: Path | None = None, most_windows: int = MOST_WINDOWS
) -> Model:
    """Load and verify an artifact, and the heads in their folder; the other arguments are the encoder's.

    Raises:
        ArtifactError: the artifact may not be served.
        RankerError: its weights may not.
        HeadError: a head may not, or does not belong to it.
    """
    # Importing ONNX Runtime takes a while, and commands such as `info` don't need it.
    from service.encoder.onnx import OnnxEncoder  # noqa: PLC0415

    # A symbolic link may change between reading one file and the next.
    artifact = load_artifact(folder.resolve() if folder.is_symlink() else folder)
    artifact.check_embeds()
    weights = load_weights(artifact.ranker_path)
    verified = {} if heads is None else load_heads(heads, artifact.manifest)
    encoder = OnnxEncoder(artifact, run_tokens=run_tokens, most_windows=most_windows, on_run=on_run)
    return Model(
        manifest=artifact.manifest,
        encoder=encoder,
        weights=weights,
        bundle=read_bundle(artifact),
        heads=opened(verified, encoder),
    )
