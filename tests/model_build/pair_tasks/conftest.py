from pathlib import Path

import pytest

from model_build.pair_tasks import PairTasks, read_tasks
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
