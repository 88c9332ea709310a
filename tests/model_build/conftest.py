from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from model_build.corpus.pairs import PairTasks, read_tasks, read_tests
from model_build.recipe import PairTaskRecipe, Recipe, load_recipe
from model_build.run.pipeline import run_build
from model_build.teacher.model import Teacher, load_teacher
from tests.model_build.materials import RECIPES, without_plots, write_data, write_pairs, write_teacher
from tests.shared import built_once

_PAIRS = PairTaskRecipe(name="same", files=("pairs.tsv",), validation_share=0.2)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """A second thread costs more than it brings where matrices are tiny, above all beside other work."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_once(tmp_path_factory, "data", write_data)


@pytest.fixture(scope="session")
def teacher_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_once(tmp_path_factory, "teacher", write_teacher)


@pytest.fixture(scope="session")
def teacher(teacher_folder: Path) -> Teacher:
    return load_teacher(str(teacher_folder))


@pytest.fixture(scope="session")
def smoke(teacher_folder: Path) -> Recipe:
    return load_recipe(RECIPES / "smoke.toml", [f"teacher.model={teacher_folder}"])


@pytest.fixture(scope="session")
def smoke_run(smoke: Recipe, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the smoke recipe; its artifact is in `artifact/`."""

    def build(folder: Path) -> None:
        run_build(smoke, data, folder / "run", destination=folder / "run" / "artifact", resume=False)

    return built_once(tmp_path_factory, "smoke", build) / "run"


@pytest.fixture
def undrawn() -> Iterator[None]:
    """Reports have no plots, unlike that of `smoke_run`."""
    with without_plots():
        yield


@pytest.fixture(scope="session")
def pairs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_once(tmp_path_factory, "pairs", lambda folder: write_pairs(folder / "pairs.tsv"))


@pytest.fixture(scope="session")
def tasks(pairs_folder: Path) -> PairTasks:
    """Two tasks of the same pairs."""
    return read_tasks([_PAIRS, _PAIRS.model_copy(update={"name": "too"})], pairs_folder, set(), seed=1)


@pytest.fixture(scope="session")
def tests(pairs_folder: Path) -> PairTasks:
    """The second task's pairs again, to measure on."""
    recipes = [_PAIRS, _PAIRS.model_copy(update={"name": "too"})]
    found = read_tests(recipes, {"too": ["pairs.tsv"]}, pairs_folder)
    assert found is not None
    return found
