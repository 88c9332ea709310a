"""Opens what verified heads, packs and task models classify with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from service.artifact.artifact import Artifact, Manifest
from service.encoder.adapted_graph import Adapter, Layer
from service.heads.adapters import byte_count, read_adapters
from service.heads.classifier import Classifier, Facts, softmax
from service.heads.head import Adapters, Head
from service.heads.loading import HEAD
from service.heads.manifest import HeadError
from service.heads.row_classifier import RowClassifier

if TYPE_CHECKING:
    from service.encoder.onnx import OnnxEncoder

_LARGEST_SCALE = 1000.0


def opened(heads: Mapping[str, Head | Artifact], encoder: "OnnxEncoder") -> dict[str, Classifier]:
    """Open all classifiers that serve beside a model's encoder, by name.

    Raises:
        ArtifactError: a graph does not work, or not with a pack's adapters.
        HeadError: a pack's adapters do not fit the model, or may spoil numbers.
    """
    return {
        name: _task_model(one, encoder) if isinstance(one, Artifact) else _head_or_pack(one, encoder)
        for name, one in heads.items()
    }


def _head_or_pack(head: Head, encoder: "OnnxEncoder") -> Classifier:
    adapters, facts = head.adapters, head.facts
    if adapters is None:
        return head

    def unpack(layers: Sequence[Layer]) -> list[Adapter]:
        return _matrices(adapters, layers)

    reader = encoder.with_adapters(unpack, adapters.path, pairs=facts.kind == "pair")
    return RowClassifier(facts, reader, replace(head, adapters=None).of_texts, head.products)


def _matrices(adapters: Adapters, layers: Sequence[Layer]) -> list[Adapter]:
    size = byte_count(adapters.rank, layers)
    if len(adapters.data) != size:
        raise HeadError(
            f"{adapters.path.with_name(HEAD)} is not valid: adapters.bytes is {len(adapters.data)}, "
            f"but rank {adapters.rank} takes {size} in the {len(layers)} linear layers of this model"
        )
    found = read_adapters(adapters.data, adapters.rank, layers)
    scales = np.abs([scale for one in found for scale in (one.down_scales, one.up_scales)])
    if not (scales <= _LARGEST_SCALE).all():
        raise HeadError(
            f"{adapters.path} is not valid: it has scales that are not finite, or beyond {_LARGEST_SCALE:g}"
        )
    return [one.matrices() for one in found]


def _task_model(artifact: Artifact, encoder: "OnnxEncoder") -> RowClassifier:
    facts = facts_of(artifact.manifest)
    decide = _as_they_are if facts.grades else softmax
    return RowClassifier(facts, encoder.beside(artifact, pairs=facts.kind == "pair"), decide, len(facts.classes))


def _as_they_are(grades: NDArray[np.float32]) -> NDArray[np.float64]:
    return grades.astype(np.float64)


def facts_of(manifest: Manifest) -> Facts:
    """What a task model is."""
    assert manifest.task is not None  # noqa: S101 -- it was loaded as a task model
    return Facts(
        type="model",
        name=manifest.name,
        revision=manifest.revision,
        kind=manifest.task.kind,
        classes=manifest.task.classes,
        bytes=manifest.device_bytes,
        quality=manifest.quality,
        grades=manifest.task.grades,
    )
