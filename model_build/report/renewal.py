"""Renew a published artifact's card, or the names in its graph; nothing is measured and no weight changes.

The revision covers both, so the artifact gets a new one. Heads name the revision of their artifact, and are bound to
the new one. They are bound first and the artifact is published last, so that an interrupted call can be repeated: heads
may belong to the present revision or to the new one.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from model_build.common.errors import CardError
from model_build.export.artifact import edited, seal
from model_build.export.parity import save_graph
from model_build.export.weight_names import named_graph
from model_build.heads.publish import rebind_head
from model_build.report.model_card import renew_model_card, write_card
from service.artifact.artifact import CARD, MODEL, Artifact, Manifest
from service.heads.loading import load_head
from service.heads.manifest import HeadError


def renew_card(
    artifact: Artifact, destination: Path, heads: Sequence[Path] = (), licence: str | None = None
) -> Manifest:
    """Publish an artifact with a new card, and a licence file where it needs one; it may replace the artifact itself.

    By default the licence is that of the present card.

    Raises:
        CardError: the artifact has no card written by a build, or is a task model.
        HeadError: a head is damaged, or belongs to another model.
        BudgetError: the device files exceed the budget.
        BuildError: a head can't be written.
    """
    folder = artifact.folder
    if artifact.manifest.task is not None:
        raise CardError(f"{folder} is a task model, whose card only its build writes")
    if CARD not in artifact.manifest.files:
        raise CardError(f"{folder} has no {CARD}, which a new card needs")
    try:
        card = renew_model_card(artifact.manifest, (folder / CARD).read_text(encoding="utf-8"), licence)
    except (CardError, UnicodeDecodeError) as error:
        raise CardError(f"{folder / CARD} is not a card written by a build: {error}") from None
    with edited(artifact, destination) as copy:
        write_card(copy, artifact.manifest, card)
        manifest = seal(copy, artifact.manifest)
        _bind_heads(heads, artifact.manifest, manifest)
    return manifest


def name_weights(artifact: Artifact, destination: Path, heads: Sequence[Path] = ()) -> Manifest:
    """Publish an artifact with the names of weights that devices read; it may replace the artifact itself.

    Its vectors stay, and its `encoder_revision` changes. A card written by a build gets the new sizes. An artifact that
    has the names already stays as it is.

    Raises:
        GraphError: `model-build` did not write the graph.
        HeadError: a head is damaged, or belongs to another model.
        BudgetError: the device files exceed the budget.
        BuildError: a head can't be written.
    """
    graph = named_graph(artifact)
    with edited(artifact, destination) as copy:
        save_graph(graph, copy / MODEL)
        manifest = seal(copy, artifact.manifest)
        # The card of a task model has no sizes, and a card of one's own stays.
        if manifest.task is None and CARD in manifest.files:
            with suppress(CardError, UnicodeDecodeError):
                write_card(copy, manifest, renew_model_card(manifest, (copy / CARD).read_text(encoding="utf-8")))
                manifest = seal(copy, manifest)
        _bind_heads(heads, artifact.manifest, manifest)
    return manifest


def _bind_heads(heads: Sequence[Path], before: Manifest, after: Manifest) -> None:
    """Bind heads to another revision; none, if one belongs to another model."""
    for place in heads:
        backbone = load_head(place).manifest.backbone
        if not (backbone.has_vectors_of(before) or backbone.has_vectors_of(after)):
            raise HeadError(
                f"{place} belongs to the model {backbone.label}, not to {before.name}@{before.revision[:12]}"
            )
    for place in heads:
        rebind_head(place, after)
