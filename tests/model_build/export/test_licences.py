import pytest

from model_build.export.licences import Terms, terms_of, text_terms
from model_build.recipe import load_recipe
from service.artifact.artifact import TrainingSource
from tests.model_build.materials import RECIPES

FREE, ALIKE, RESEARCH, UNCLEAR = Terms


@pytest.mark.parametrize(
    ("licence", "terms"),
    [
        ("CC0-1.0", {FREE}),
        ("CC BY 2.0 FR", {FREE}),
        ("cc-by-4.0", {FREE}),
        ("Creative Commons Attribution 4.0", {FREE}),
        ("MIT", {FREE}),
        ("Apache-2.0 (Multi-CPR)", {FREE}),
        ("BSD-3-Clause", {FREE}),
        ("Unlicense", {FREE}),
        ("public domain", {FREE}),
        ("WordNet 3.1 licence; CC BY-SA 4.0 (Wordset)", {FREE, ALIKE}),
        ("AppStream metadata licences (mostly CC0-1.0)", {FREE}),
        ("CC BY-SA 4.0 (SGD), CC BY 4.0 (Taskmaster)", {ALIKE, FREE}),
        ("CC_BY-SA-3.0", {ALIKE}),
        ("Creative Commons Attribution-ShareAlike", {ALIKE}),
        ("GPLv3", {ALIKE}),
        ("LGPL-2.1+", {ALIKE}),
        ("ODbL", {ALIKE}),
        ("free licences of the packages (DFSG)", {ALIKE}),
        ("CC BY-NC 4.0", {RESEARCH}),
        ("CC BY-NC-SA 4.0", {RESEARCH}),
        ("Attribution-NonCommercial", {RESEARCH}),
        ("for non-commercial use", {RESEARCH}),
        ("research (LCQMC, Harbin Institute of Technology)", {RESEARCH}),
        ("GroupLens", {RESEARCH}),
        ("Kaggle competition rules", {RESEARCH}),
        ("Kaggle rules (Mercari)", {RESEARCH}),
        ("MS MARCO", {RESEARCH}),
        ("Microsoft Research licence", {RESEARCH}),
        ("Book-Crossing, research use", {RESEARCH, UNCLEAR}),
        ("MIT; MIND, Microsoft Research licence", {FREE, UNCLEAR, RESEARCH}),
        ("mixed: CC BY 4.0, research terms, public domain", {FREE, RESEARCH}),
        ("not stated", {UNCLEAR}),
        ("no licence stated", {UNCLEAR}),
        ("", {UNCLEAR}),
        (" ; ", {UNCLEAR}),
        ("terms of the shop", {UNCLEAR}),
        ("Kaggle", {UNCLEAR}),
        ("CC BY-ND 4.0", {UNCLEAR}),
        ("MIT and the terms of the shop", {FREE, UNCLEAR}),
        ("unlicensed", {UNCLEAR}),
        ("limited, permitted, summit", {UNCLEAR}),
    ],
)
def test_a_licence_s_parts(licence: str, terms: set[Terms]) -> None:
    assert terms_of(licence) == terms


def test_the_recipes_own_sources_are_labels_apart() -> None:
    named = load_recipe(RECIPES / "further.toml").corpus.licences
    sorted_out = text_terms(source(name, licence) for name, licence in named.items())
    assert {one.source.name for one in sorted_out.wholly_research} == {"books"}
    assert {one.source.name for one in sorted_out.partly_research} == {"headlines", "media", "products", "queries"}
    assert sorted_out.unclear == []
    assert not sorted_out.free


@pytest.mark.parametrize(
    ("licences", "free", "labels"),
    [
        (["MIT", "CC0-1.0"], True, ["any use", "any use"]),
        (["MIT; CC BY-SA 4.0"], True, ["any use, shared alike"]),
        (["MIT", "research use"], False, ["any use", "research only"]),
        (["MIT; research use"], False, ["research only, in part"]),
        (["MIT", "not stated"], False, ["any use", "not clear"]),
        (["MIT; terms of the shop"], False, ["not clear, in part"]),
        ([], False, []),
    ],
)
def test_one_narrow_source_is_enough(licences: list[str], free: bool, labels: list[str]) -> None:
    found = text_terms(source(f"source-{place}", licence) for place, licence in enumerate(licences))
    assert found.free is free
    assert [one.label for one in found.sources] == labels
    assert found.texts == 10 * len(licences)


def source(name: str, licence: str) -> TrainingSource:
    return TrainingSource(name=name, texts=10, sha256="0" * 64, licence=licence)
