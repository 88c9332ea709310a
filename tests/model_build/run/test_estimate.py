from pathlib import Path

from model_build.recipe import Recipe, load_recipe
from model_build.run.estimate import estimate_bytes, estimate_seconds
from model_build.teacher.model import Teacher
from service.artifact.artifact import load_artifact
from tests.model_build.materials import RECIPES


def test_the_graph_s_bytes_are_exact(smoke: Recipe, smoke_run: Path) -> None:
    manifest = load_artifact(smoke_run / "artifact").manifest
    sizes = estimate_bytes(smoke)
    assert sizes.graph == manifest.files["onnx/model_int8.onnx"].bytes
    assert sizes.modules == manifest.quantization
    assert sizes.ranker == manifest.files["ranker.json"].bytes


def test_the_released_shape_fits() -> None:
    assert 1_700_000 < estimate_bytes(load_recipe(RECIPES / "cpu.toml")).total <= 1_910_000


def test_4_bits_halve_the_token_table() -> None:
    eight, four = (
        estimate_bytes(load_recipe(RECIPES / "cpu.toml", [f"quantization.embeddings={scheme}"]))
        for scheme in ("int8", "int4")
    )
    shape = load_recipe(RECIPES / "cpu.toml")
    pieces, columns = shape.vocabulary.size, shape.student.embedding_size
    assert eight.modules["embeddings"].bytes - four.modules["embeddings"].bytes == pieces * (columns // 2 + 2)
    assert four.modules["embeddings"].scheme == "int4, a float16 scale a row; rest int8, a float32 scale a row"
    assert abs(eight.graph - four.graph - pieces * (columns // 2 + 2)) < 500


def test_time_grows_with_the_steps(smoke: Recipe, teacher: Teacher) -> None:
    longer = smoke.model_copy(update={"distillation": smoke.distillation.model_copy(update={"steps": 10**6})})
    files = [Path("texts.txt")]
    short, long = (estimate_seconds(one, teacher, (), files)["distillation"] for one in (smoke, longer))
    assert long > 100 * short  # a small part of the ratio of their steps: both are timed, on a machine that may be busy
