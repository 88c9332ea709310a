"""The artifact's model card, `README.md` in the format of Hugging Face, and the licence that it links to."""

import re
from collections.abc import Mapping
from pathlib import Path

from model_build.common.errors import CardError
from model_build.common.templates import render
from model_build.evaluation.result import EvaluationResult
from model_build.export.licences import text_terms
from model_build.recipe import CardRecipe
from model_build.report.contents import Report
from service.artifact.artifact import CARD, LICENCE, Manifest

OTHER = "other"
"""The name for unlisted licences on the Hugging Face hub."""

_LANGUAGES = {"en": "English", "zh": "Chinese"}
_QUALITY = re.compile(r"^## Quality\n+(.*?)\n+(?=^## )", flags=re.MULTILINE | re.DOTALL)


def render_model_card(manifest: Manifest, report: Report, said: CardRecipe | None = None) -> str:
    """Render the card of a build, with the evaluation in its report, or else with the manifest's metrics.

    The manifest holds the card's hash, so the card must not use what depends on it: the revision, the exact device
    bytes, and the entries of `README.md` and `LICENSE.md`.
    """
    return _render(manifest, said or CardRecipe(), evaluation=report.evaluation)


def renew_model_card(manifest: Manifest, card: str, licence: str | None = None) -> str:
    """Render a card again from the manifest; language and quality section are taken from the old card.

    The licence of the model is used if its texts allow any use; None for that of the old card.

    Raises:
        CardError: a build did not write the old card.
    """
    quality = _QUALITY.search(card)
    if quality is None:
        raise CardError("it has no section Quality")
    language = _front_matter("language", card)
    if language not in _LANGUAGES:
        raise CardError(f"its language is {language}; known are {', '.join(_LANGUAGES)}")
    said = CardRecipe.model_validate({"language": language, "licence": licence or _front_matter("license", card)})
    return _render(manifest, said, quality=quality[1])


def render_licence(manifest: Manifest) -> str | None:
    """Render the licence of the weights; None if the training texts allow any use."""
    terms = text_terms(manifest.training.sources)
    return None if terms.free else render("licence.md.j2", {"manifest": manifest, "terms": terms})


def write_card(folder: Path, manifest: Manifest, card: str) -> None:
    """Write the card, and the licence if needed, into an artifact that is not yet sealed."""
    (folder / CARD).write_text(card, encoding="utf-8")
    licence = render_licence(manifest)
    if licence is None:
        (folder / LICENCE).unlink(missing_ok=True)
    else:
        (folder / LICENCE).write_text(licence, encoding="utf-8")


def number_formats(scheme: str) -> tuple[str, ...]:
    """The number formats in a scheme: `int4, a float16 scale a row; rest int8, …` gives int4 and int8."""
    return tuple(re.split(r"[, ]", part, maxsplit=1)[0] for part in scheme.split("; rest "))


def _render(
    manifest: Manifest, said: CardRecipe, *, evaluation: EvaluationResult | None = None, quality: str | None = None
) -> str:
    terms = text_terms(manifest.training.sources)
    modules = {module: number_formats(row.scheme) for module, row in manifest.quantization.items()}
    contents: Mapping[str, object] = {
        "manifest": manifest,
        "said": said,
        "licence": said.licence if terms.free else OTHER,
        "licence_file": None if terms.free else LICENCE,
        "terms": terms,
        "teachers": [manifest.training.teacher, *(one.model for one in manifest.training.companions)],
        "modules": modules,
        "formats": sorted({kind for kinds in modules.values() for kind in kinds if kind.startswith("int")}),
        "language": _LANGUAGES[said.language],
        "evaluation": evaluation,
        "quality": quality,
        "files": [(name, manifest.files[name].bytes) for name in manifest.device_files],
    }
    return render("card.md.j2", contents)


def _front_matter(key: str, card: str) -> str:
    """Read a value of the card's front matter.

    Raises:
        CardError: it is missing.
    """
    front = card.split("---\n")[1] if card.startswith("---\n") else ""
    found = re.search(rf"^{key}: *(\S.*?) *$", front, flags=re.MULTILINE)
    if found is None:
        raise CardError(f"its front matter has no {key}")
    return found[1]
