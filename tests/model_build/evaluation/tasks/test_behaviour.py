from pathlib import Path

import numpy as np
import pytest

from model_build.common.errors import DataError
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.tasks.behaviour import BehaviourProblem, user_vector
from model_build.evaluation.tasks.registry import task_named
from tests.model_build.evaluation.benchmark import FakeSystem, write_behaviour, write_table


def test_hit_rates(tmp_path: Path) -> None:
    write_behaviour(tmp_path)
    popular, uniform = task_named("online_retail").load(tmp_path, limit=None, seed=0).measure(FakeSystem())
    # For the first user eleven popular negatives are closer than the target; for the second, none is.
    assert (popular.value, popular.headline) == (0.5, True)
    assert (uniform.value, uniform.headline) == (1.0, False)


def test_items_of_the_test_are_embedded_and_no_others(tmp_path: Path) -> None:
    write_behaviour(tmp_path)
    problem = task_named("online_retail").load(tmp_path, limit=1, seed=0)
    system = FakeSystem()
    problem.measure(system)
    assert len(system.calls) == 1
    assert isinstance(problem, BehaviourProblem)
    assert len(system.calls[0]) < len(problem.items)


def test_words_alone_predict_no_behaviour(tmp_path: Path) -> None:
    write_behaviour(tmp_path)
    assert task_named("online_retail").load(tmp_path, limit=None, seed=0).measure(BM25System()) == ()


def test_the_newest_item_weighs_most() -> None:
    history = np.eye(3, dtype=np.float32)
    assert user_vector(history) == pytest.approx([0.64, 0.8, 1.0])


def test_only_the_last_twenty_items_count() -> None:
    history = np.zeros((25, 1), dtype=np.float32)
    history[:5] = 1.0
    assert user_vector(history) == pytest.approx([0.0])


def test_an_unknown_item_is_named(tmp_path: Path) -> None:
    write_behaviour(tmp_path)
    write_table(tmp_path / "benchmark/behaviour/online_retail/items.tsv.xz", "item_id|title", "0|red")
    with pytest.raises(DataError, match="names the item '3'"):
        task_named("online_retail").load(tmp_path, limit=None, seed=0)


def test_genres_are_part_of_a_film(tmp_path: Path) -> None:
    write_behaviour(tmp_path, "ml100k")
    items = [f"{number}|film|Drama" for number in range(16)]
    write_table(tmp_path / "benchmark/behaviour/ml100k/items.tsv.xz", "item_id|title|genres", *items)
    problem = task_named("ml100k").load(tmp_path, limit=None, seed=0)
    assert isinstance(problem, BehaviourProblem)
    assert problem.items[0] == "film Drama"
