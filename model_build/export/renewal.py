"""Writing a published artifact's card anew, of its manifest: nothing is measured and no weight changes.

The card is one of the files that the revision names, so the artifact has another one after. The heads on its vectors,
which name the revision that they belong to, are bound to that.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from model_build.common.errors import CardError
from model_build.export.artifact import publish, seal
from model_build.heads.publish import rebind_head
from model_build.report import renew_model_card, write_card
from service.artifact.artifact import CARD, Artifact, Manifest
from service.heads.loading import load_head
from service.heads.manifest import HeadError


def renew_card(
    artifact: Artifact, destination: Path, heads: Sequence[Path] = (), licence: str | None = None
) -> Manifest:
    """Publish an artifact with a card, and a licence where it needs one, that agree with its manifest.

    Heads are bound first, the artifact is published last: what was stopped in between is begun anew.

    Args:
        artifact: verified.
        destination: may be the artifact itself.
        heads: folders of heads that belong to the artifact as it is, or as it will be.
        licence: for the front matter of a model whose texts allow any use; the card's own where there is none.

    Raises:
        CardError: the artifact has no card, or none that a build wrote.
        HeadError: a head is damaged, or belongs to another model.
        BudgetError: the device files take more than the budget.
        BuildError: the disk does not take a head.
    """
    folder = artifact.folder
    if CARD not in artifact.manifest.files:
        raise CardError(f"{folder} has no {CARD}; what to write anew is taken from there")
    try:
        card = renew_model_card(artifact.manifest, (folder / CARD).read_text(encoding="utf-8"), licence)
    except (CardError, UnicodeDecodeError) as error:
        raise CardError(f"{folder / CARD} is no card that a build wrote: {error}") from None
    with tempfile.TemporaryDirectory(prefix="card-") as scratch:
        copy = Path(scratch) / "artifact"
        shutil.copytree(folder, copy)
        write_card(copy, artifact.manifest, card)
        manifest = seal(copy, artifact.manifest)
        _check_heads(heads, artifact.manifest, manifest)
        for head in heads:
            rebind_head(head, manifest)
        publish(copy, destination)
    return manifest


def _check_heads(heads: Sequence[Path], before: Manifest, after: Manifest) -> None:
    for place in heads:
        backbone = load_head(place).manifest.backbone
        if not (backbone.has_vectors_of(before) or backbone.has_vectors_of(after)):
            raise HeadError(
                f"{place} belongs to the model {backbone.label}, not to {before.name}@{before.revision[:12]}"
            )
