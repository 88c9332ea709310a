import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from model_build.common.errors import ModelError, RecipeError, TeacherError
from model_build.common.log import Journal
from model_build.recipe import EnsembleRecipe, Recipe, TeacherRecipe, load_recipe
from model_build.run.pipeline import run_build
from model_build.teacher.embed import SHARDS_DONE, VECTORS, embed_with
from model_build.teacher.ensemble import load_additional
from model_build.teacher.model import Teacher
from model_build.teacher.targets import load_vectors
from service.artifact.artifact import load_artifact
from tests.model_build.materials import RECIPES, texts, without_plots
from tests.model_build.onnx_encoders import WIDTH, write_onnx_encoder

TEACHER = TeacherRecipe(model="unused", max_length=32, precision="float32")


@pytest.fixture(scope="module")
def other_folder(teacher_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_onnx_encoder(tmp_path_factory.mktemp("other"), teacher_folder)


@pytest.fixture(scope="module")
def run(
    smoke: Recipe, data: Path, teacher_folder: Path, other_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A finished run with an additional teacher in ONNX and one of safetensors."""
    others = [{"model": str(other_folder), "weight": 3.0}, {"model": f"{teacher_folder}:cls"}]
    changes = {"ensemble": tuple(EnsembleRecipe.model_validate(one) for one in others), "trainable_layers": 0}
    teacher = smoke.teacher.model_copy(update=changes)
    folder = tmp_path_factory.mktemp("run") / "ensemble"
    corpus = smoke.corpus.model_copy(update={"texts_per_file": 400})
    distillation = smoke.distillation.model_copy(update={"steps": 5})
    recipe = smoke.model_copy(update={"teacher": teacher, "corpus": corpus, "distillation": distillation})
    with without_plots():
        run_build(recipe, data, folder, destination=folder / "artifact", resume=False)
    return folder


def test_cosines_are_the_weighted_mean_of_the_encoders_own(run: Path, teacher: Teacher) -> None:
    place = run / "02-teacher"
    folders = (place, place / "ensemble-1", place / "ensemble-2")
    own, *rest = (np.load(folder / VECTORS).astype(np.float32) for folder in folders)
    centred = [unit(vectors - vectors.mean(axis=0)) for vectors in rest]
    features = load_vectors(place)
    assert features.dimension == teacher.dimension + WIDTH + teacher.dimension

    some = np.arange(40)
    joined = features(some)
    assert torch.allclose(joined.norm(dim=-1), torch.ones(40), atol=1e-3)
    expected = [vectors[some] @ vectors[some].T for vectors in (unit(own), *centred)]
    assert np.allclose((joined @ joined.T).numpy(), (expected[0] + 3 * expected[1] + expected[2]) / 5, atol=2e-3)


def test_heldout_texts_are_centred_as_training_texts_are(run: Path) -> None:
    centres = [np.load(run / "02-teacher" / part / "ensemble-1" / "centre.npz") for part in (".", "heldout")]
    assert np.array_equal(centres[0]["centre"], centres[1]["centre"])
    assert [float(one["weight"]) for one in centres] == [3.0, 3.0]


def test_an_artifact_names_all_its_teachers(run: Path, other_folder: Path, teacher_folder: Path) -> None:
    artifact = load_artifact(run / "artifact")
    companions = artifact.manifest.training.companions
    assert [(one.model, one.weight) for one in companions] == [
        (str(other_folder), 3.0),
        (f"{teacher_folder}:cls", 1.0),
    ]
    assert companions[0].identity.startswith("onnx teacher ")
    assert str(other_folder) in (run / "artifact" / "README.md").read_text()


def test_a_graph_stays_on_the_processor(other_folder: Path, teacher_folder: Path) -> None:
    folders = (other_folder, teacher_folder)
    loaded = [load_additional(EnsembleRecipe(model=str(folder)), TEACHER) for folder in folders]
    assert [one.on_gpu for one in loaded] == [False, True]


def test_an_interrupted_additional_teacher_resumes_at_its_shard(
    run: Path, teacher: Teacher, other_folder: Path
) -> None:
    other = load_additional(EnsembleRecipe(model=str(other_folder)), TEACHER)
    known, place = texts(600), run / "stopped"
    lengths = [len(row) for row in teacher.tokenizer(known)["input_ids"]]
    journal = Journal(run / "other.jsonl")
    embed_with(other, known, lengths, 8, place, journal)
    whole = np.array(np.load(place / VECTORS))
    (place / SHARDS_DONE).write_text("20")
    stopped = np.lib.format.open_memmap(place / VECTORS, mode="r+")
    stopped[np.argsort(lengths, kind="stable")[400:]] = 0
    stopped.flush()
    embed_with(other, known, lengths, 8, place, journal)
    assert np.array_equal(np.load(place / VECTORS), whole)


def test_an_additional_teacher_is_loaded_anew_in_another_process(other_folder: Path) -> None:
    other = load_additional(EnsembleRecipe(model=str(other_folder)), TEACHER)
    assert np.array_equal(pickle.loads(pickle.dumps(other))(texts(3)), other(texts(3)))


def unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_what_is_no_encoder_is_refused_in_a_line(tmp_path: Path, teacher_folder: Path) -> None:
    def load(model: str) -> None:
        load_additional(EnsembleRecipe(model=model), TEACHER)

    with pytest.raises(TeacherError, match="is not a folder; download it first"):
        load("some/hub-name")
    with pytest.raises(TeacherError, match="does not exist"):
        load(str(tmp_path / "none"))
    with pytest.raises(ModelError, match=r"not a Hugging Face encoder: it has no config\.json"):
        load(str(tmp_path))
    folder = write_onnx_encoder(tmp_path / "one", teacher_folder)
    (folder / "other.onnx").write_bytes((folder / "model.onnx").read_bytes())
    with pytest.raises(ModelError, match="should hold one ONNX graph; it has 2"):
        load(str(folder))
    (folder / "other.onnx").unlink()
    (folder / "model.onnx").write_bytes(b"torn")
    with pytest.raises(ModelError, match="not a graph that ONNX Runtime loads"):
        load(str(folder))
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"it has no tokenizer\.json"):
        load(str(folder))


def test_a_teacher_with_an_ensemble_is_frozen(teacher_folder: Path) -> None:
    changes = [f"teacher.model={teacher_folder}", "teacher.trainable_layers=1"]
    changes.append('teacher.ensemble=[{model = "other"}]')
    with pytest.raises(RecipeError, match="a teacher with an ensemble can't have trainable_layers"):
        load_recipe(RECIPES / "smoke.toml", changes)
