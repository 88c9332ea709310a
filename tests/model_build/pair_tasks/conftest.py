from pathlib import Path

import pytest

from model_build.pair_tasks import PairTasks, read_tasks, read_tests
from model_build.recipe import PairTaskRecipe
from tests.model_build.materials import write_pairs

RECIPE = PairTaskRecipe(name="same", files=("pairs.tsv",), validation_share=0.2)


@pytest.fixture(scope="session")
def pairs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    write_pairs(folder / "pairs.tsv")
    return folder


@pytest.fixture(scope="session")
def tasks(pairs_folder: Path) -> PairTasks:
    """Two tasks of the same pairs."""
    return read_tasks([RECIPE, RECIPE.model_copy(update={"name": "too"})], pairs_folder, set(), seed=1)


@pytest.fixture(scope="session")
def tests(pairs_folder: Path) -> PairTasks:
    """The second task's pairs again, to measure on."""
    recipes = [RECIPE, RECIPE.model_copy(update={"name": "too"})]
    found = read_tests(recipes, {"too": ["pairs.tsv"]}, pairs_folder)
    assert found is not None
    return found
