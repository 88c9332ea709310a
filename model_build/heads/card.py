"""A head's card, `README.md`."""

from model_build.common.templates import render
from service.heads.manifest import HeadManifest

CARD = "README.md"


def render_head_card(manifest: HeadManifest) -> str:
    """Write the card of a head that has its revision."""
    return render("head_card.md.j2", {"head": manifest})
