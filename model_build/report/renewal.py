"""Renew a published artifact's card from its manifest; nothing is measured and no weight changes.

The revision covers the card, so the artifact gets a new one. Heads name the revision of their artifact, and are bound
to the new one.
"""

from collections.abc import Sequence
from pathlib import Path

from model_build.common.errors import CardError
from model_build.export.artifact import edited, seal
from model_build.heads.publish import rebind_head
from model_build.report.model_card import renew_model_card, write_card
from service.artifact.artifact import CARD, Artifact, Manifest
from service.heads.loading import load_head
from service.heads.manifest import HeadError


def renew_card(
    artifact: Artifact, destination: Path, heads: Sequence[Path] = (), licence: str | None = None
) -> Manifest:
    """Publish an artifact with a new card, and a licence file where it needs one; it may replace the artifact itself.

    Heads of the artifact's present or new revision are bound first and the artifact is published last, so that an
    interrupted call can be repeated. By default the licence is that of the present card.

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
        _check_heads(heads, artifact.manifest, manifest)
        for head in heads:
            rebind_head(head, manifest)
    return manifest


def _check_heads(heads: Sequence[Path], before: Manifest, after: Manifest) -> None:
    for place in heads:
        backbone = load_head(place).manifest.backbone
        if not (backbone.has_vectors_of(before) or backbone.has_vectors_of(after)):
            raise HeadError(
                f"{place} belongs to the model {backbone.label}, not to {before.name}@{before.revision[:12]}"
            )
