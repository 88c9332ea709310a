"""Models with linear layers, and bundles of heads, packs and task models."""

from collections.abc import Sequence
from pathlib import Path

from service.artifact.artifact import MODEL, TaskRecord
from service.releases.bundle import Bundle
from service.releases.head_bundle import HeadBundle, read_head_bundle
from tests.service.artifacts import build_artifact, layered_graph
from tests.service.heads.heads import build_head
from tests.service.pull.bundles import bundle


def model(folder: Path, name: str, *, encoder: int = 11) -> Bundle:
    """A bundle of a model to which packs can be fitted; another encoder for each number."""
    return bundle(folder, name, **{MODEL: layered_graph(encoder)})


def pack(
    folder: Path, backbone: Bundle, name: str = "intents", *, classes: Sequence[str] = ("no", "yes")
) -> HeadBundle:
    """A pack for a model; another revision for other classes."""
    build_head(folder, backbone.manifest, name=name, rank=2, classes=classes)
    return read_head_bundle(folder)


def head(folder: Path, backbone: Bundle, name: str = "topics", *, knows_encoder: bool = True) -> HeadBundle:
    """A head for a model."""
    build_head(folder, backbone.manifest, name=name, knows_encoder=knows_encoder)
    return read_head_bundle(folder)


def task_model(folder: Path, name: str = "tones") -> HeadBundle:
    """A task model."""
    build_artifact(folder, name=name, task=TaskRecord(kind="text", classes=("no", "yes")))
    return read_head_bundle(folder)
