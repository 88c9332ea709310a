"""The cards of what is released say what its manifests say."""

from pathlib import Path

import pytest

from model_build.report.model_card import render_licence, renew_model_card
from service.artifact.artifact import CARD, LICENCE, load_artifact

_ROOT = Path(__file__).parents[3]
RELEASED = sorted(
    path.parent for path in (*_ROOT.glob("models/*/manifest.json"), _ROOT / "service/assets/model/manifest.json")
)


@pytest.mark.parametrize("folder", RELEASED, ids=lambda folder: folder.name)
def test_a_released_card_agrees_with_its_manifest(folder: Path) -> None:
    manifest = load_artifact(folder).manifest
    card = (folder / CARD).read_text(encoding="utf-8")
    assert renew_model_card(manifest, card) == card
    licence = folder / LICENCE
    assert render_licence(manifest) == (licence.read_text(encoding="utf-8") if licence.exists() else None)


def test_every_model_is_looked_at() -> None:
    assert len(RELEASED) == 4
