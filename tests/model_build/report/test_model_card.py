from collections.abc import Sequence
from dataclasses import replace

import pytest

from model_build.common.errors import CardError
from model_build.evaluation.result import EvaluationResult
from model_build.recipe import CardRecipe
from model_build.report.model_card import number_formats, render_licence, render_model_card, renew_model_card
from service.artifact.artifact import (
    DEVICE_FILES,
    FileEntry,
    Manifest,
    ModelShape,
    ModuleScheme,
    TokenizerRules,
    Training,
    TrainingCompanion,
    TrainingSource,
)
from tests.model_build.report.reports import REPORT

MANIFEST = Manifest(
    schema_version=1,
    name="edge-student",
    revision="0" * 64,
    model=ModelShape(
        layers=4,
        hidden_size=192,
        embedding_size=96,
        intermediate_size=384,
        attention_heads=6,
        vocabulary_size=9600,
        dimension=384,
        max_length=64,
    ),
    tokenizer=TokenizerRules(lowercase=True, strip_accents=True),
    quantization={"embeddings": ModuleScheme(scheme="int8 per row", parameters=921_600, bytes=960_000)},
    byte_budget=1_910_000,
    device_bytes=1_880_000,
    files={name: FileEntry(bytes=1_000 + row, sha256="0" * 64, device=True) for row, name in enumerate(DEVICE_FILES)},
    training=Training(
        teacher="all-MiniLM-L6-v2",
        teacher_sha256="0" * 64,
        objective="cross-distillation",
        seed=7,
        tool="model-build 0.1.0",
        sources=(TrainingSource(name="wiki_en", texts=900_000, sha256="0" * 64, licence="CC BY-SA 3.0"),),
    ),
)


def trained_on(*sources: tuple[str, str], companions: Sequence[str] = (), objective: str = "distillation") -> Manifest:
    """A model of these sources, by name and licence, of 1,000 texts each."""
    training = MANIFEST.training.model_copy(
        update={
            "companions": tuple(TrainingCompanion(model=model, weight=1.0, identity="x") for model in companions),
            "objective": objective,
            "sources": tuple(
                TrainingSource(name=name, texts=1_000, sha256="0" * 64, licence=licence) for name, licence in sources
            ),
        }
    )
    return MANIFEST.model_copy(update={"training": training})


RESTRICTED = trained_on(("books", "research use"), ("shop_titles", "mixed: MIT, research terms"), ("wiki", "CC0-1.0"))


def front_of(card: str) -> list[str]:
    return card.split("---\n")[1].splitlines()


def head_of(card: str) -> str:
    """The text between the title and the next paragraph."""
    return card.split("\n# edge-student\n\n")[1].split("\n\n", maxsplit=1)[0]


def test_the_card_has_front_matter_and_figures() -> None:
    card = render_model_card(MANIFEST, REPORT)
    for line in ("license: apache-2.0", "language: en", "pipeline_tag: sentence-similarity", "- int8"):
        assert line in front_of(card)
    for text in (
        "| `vocab.txt` | 1,001 |",
        "0.812 (94.6 %)",
        "| wiki_en | 900,000 | CC BY-SA 3.0 | any use, shared alike |",
        "960,000",
    ):
        assert text in card
    assert "## Limitations" in card


def test_a_model_of_free_texts_has_the_recipe_s_licence_and_names_what_is_shared_alike() -> None:
    card = render_model_card(MANIFEST, REPORT, CardRecipe(licence="mit"))
    assert front_of(card)[0] == "license: mit"
    assert "license_name" not in card
    assert "For research" not in card
    assert "all 900,000 texts that trained it allow any use, those of wiki\\_en where" in head_of(card)
    assert render_licence(MANIFEST) is None


def test_a_model_of_texts_for_research_says_so_first() -> None:
    card = render_model_card(RESTRICTED, REPORT, CardRecipe(licence="mit"))
    assert front_of(card)[:3] == ["license: other", "license_name: research-only", "license_link: LICENSE.md"]
    head = head_of(card)
    assert head.startswith("**For research.**\n")
    assert "Of the 3,000 texts that trained it 2,000 are of sources whose licences allow research only" in head
    assert "for all their texts (books) or for some (shop\\_titles)" in head
    assert "(#training-data)" in head
    licence = render_licence(RESTRICTED)
    assert licence is not None
    assert "the weights are for research" in licence
    for row in ("| books | 1,000 | research use | research only |", "research terms | research only, in part |"):
        assert row in card
        assert row in licence


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (
            trained_on(("a", "research"), ("b", "GroupLens"), ("c", "MIT")),
            "2,000 are of sources whose licences allow research only (a and b).",
        ),
        (
            trained_on(("a", "MIT; research")),
            "1,000 are of sources whose licences allow research only, for some of their texts (a).",
        ),
        (
            trained_on(("a", "not stated"), ("b", "MIT")),
            "Of the 2,000 texts that trained it 1,000 are of sources of which it is not known what they allow (a).",
        ),
        (
            trained_on(("a", "research"), ("b", "not stated")),
            "research only (a), and 1,000 are of sources of which it is not known what they allow (b).",
        ),
        (trained_on(), "Which texts trained it is not recorded"),
    ],
)
def test_what_is_not_free_is_named(manifest: Manifest, told: str) -> None:
    card = render_model_card(manifest, REPORT)
    assert told in head_of(card)
    assert "the weights are for research" in head_of(card)
    assert "license: other" in front_of(card)


def test_how_it_was_taught_is_the_manifest_s_word() -> None:
    two = trained_on(("a", "MIT"), companions=("bge",), objective="one-way distillation, 5 steps of 2 texts")
    told = "taught by two teachers, `all-MiniLM-L6-v2` and `bge`: one-way distillation, 5 steps of 2 texts."
    assert told in head_of(render_model_card(two, REPORT))
    one = head_of(render_model_card(MANIFEST, REPORT))
    assert "taught by one teacher, `all-MiniLM-L6-v2`: cross-distillation." in one
    assert "one-way" not in one


def test_bits_are_reported_module_by_module() -> None:
    schemes = {
        "embeddings": "int4, a float16 scale a row; rest int8, a float32 scale a row",
        "head": "int8, one float32 scale",
        "biases, norms": "float32",
    }
    modules = {name: ModuleScheme(scheme=scheme, parameters=1, bytes=1) for name, scheme in schemes.items()}
    card = render_model_card(MANIFEST.model_copy(update={"quantization": modules}), REPORT)
    assert "module by module: embeddings int4 and int8; head int8; biases, norms float32." in head_of(card)
    assert [line for line in front_of(card) if line.startswith("- int")] == ["- int4", "- int8"]
    assert number_formats("int8 per row") == ("int8",)


def test_the_card_loads_the_model_in_few_lines() -> None:
    code = render_model_card(MANIFEST, REPORT).split("```python\n")[1].split("```")[0]
    compile(code, "card", "exec")
    assert len([line for line in code.splitlines() if line]) <= 10


def test_the_card_does_not_depend_on_what_depends_on_it() -> None:
    entry = FileEntry(bytes=5, sha256="1" * 64, device=False)
    other = MANIFEST.model_copy(
        update={
            "revision": "1" * 64,
            "device_bytes": 1,
            "files": {**MANIFEST.files, "README.md": entry, "LICENSE.md": entry},
        }
    )
    assert render_model_card(other, REPORT) == render_model_card(MANIFEST, REPORT)


def test_a_card_without_an_evaluation_says_so() -> None:
    assert "Not measured." in render_model_card(MANIFEST, replace(REPORT, evaluation=None))


def test_the_card_says_which_model_training_went_on_from() -> None:
    started = MANIFEST.training.model_copy(update={"start": "0123456789ab: one-way distillation"})
    card = render_model_card(MANIFEST.model_copy(update={"training": started}), REPORT)
    assert "went on from the revision 0123456789ab: one-way distillation" in card
    gone_on = RESTRICTED.training.model_copy(update={"start": "0123456789ab: one-way distillation"})
    head = head_of(render_model_card(MANIFEST.model_copy(update={"training": gone_on}), REPORT))
    assert "Of the 3,000 texts that trained it, counted once for each training that read them, 2,000 are" in head
    assert "went on" not in render_model_card(MANIFEST, REPORT)


@pytest.mark.parametrize("manifest", [MANIFEST, RESTRICTED])
@pytest.mark.parametrize("evaluation", [REPORT.evaluation, None])
def test_a_card_written_anew_is_the_same(manifest: Manifest, evaluation: EvaluationResult | None) -> None:
    card = render_model_card(manifest, replace(REPORT, evaluation=evaluation), CardRecipe(language="zh", licence="mit"))
    assert renew_model_card(manifest, card) == card


def test_a_card_written_anew_follows_the_manifest_and_keeps_the_figures() -> None:
    old = render_model_card(MANIFEST, REPORT)
    card = renew_model_card(RESTRICTED, old)
    assert card == render_model_card(RESTRICTED, REPORT)
    freed = renew_model_card(MANIFEST, card)
    assert front_of(freed)[0] == "license: other"
    assert "license_name" not in freed
    assert renew_model_card(MANIFEST, card, "apache-2.0") == old


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (("## Quality", "## Figures"), "it has no section Quality"),
        (("language: en", "language: fr"), "its language is fr; known are en, zh"),
        (("language: en", "lang: en"), "its front matter has no language"),
        (("---\nlicense", "license"), "its front matter has no language"),
    ],
)
def test_what_is_no_card_is_reported(spoilt: tuple[str, str], told: str) -> None:
    with pytest.raises(CardError, match=told):
        renew_model_card(MANIFEST, render_model_card(MANIFEST, REPORT).replace(*spoilt, 1))
