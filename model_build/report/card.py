"""The artifact's model card, `README.md`, as Hugging Face reads it."""

from model_build.recipe import CardRecipe
from model_build.report.contents import Report
from model_build.report.templating import render
from service.artifact import DEVICE_FILES, Manifest

_LANGUAGES = {"en": "English", "zh": "Chinese"}


def render_model_card(manifest: Manifest, report: Report, said: CardRecipe | None = None) -> str:
    """Write the card.

    The card is itself a file that the manifest vouches for, so it reads nothing of the manifest that depends on the
    card: neither the revision, nor the exact device bytes, nor the entry of `README.md`.

    Args:
        manifest: complete but for those; `files` must list the device files that the manifest doesn't hold itself.
        report: the build; its evaluation gives the quality table. Without one, the manifest's figures are shown.
        said: what the recipe says for the card; its defaults where it says nothing.
    """
    said = said or CardRecipe()
    return render(
        "card.md.j2",
        {
            "manifest": manifest,
            "said": said,
            "language": _LANGUAGES[said.language],
            "evaluation": report.evaluation,
            "files": [(name, manifest.files[name].bytes) for name in DEVICE_FILES],
        },
    )
