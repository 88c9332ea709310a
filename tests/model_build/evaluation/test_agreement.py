import numpy as np
import pytest

from model_build.evaluation.agreement import measure_agreement

TEXTS = [f"a text of some length, number {place}" for place in range(60)]


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def teacher() -> np.ndarray:
    return unit(np.random.default_rng(0).normal(size=(60, 24)))


def test_a_turned_teacher_agrees_wholly_and_differs_nowhere(teacher: np.ndarray) -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(24, 24)))
    found = measure_agreement(TEXTS, (teacher @ turn).astype(np.float32), teacher, seed=3)
    assert found.texts == 60
    assert found.shared_neighbours == pytest.approx(1, abs=0.01)
    assert found.near_correlation == pytest.approx(1, abs=1e-3)
    assert found.random_correlation == pytest.approx(1, abs=1e-3)
    assert max([abs(pair.student - pair.teacher) for pair in (*found.closer, *found.farther)], default=0) < 1e-5


def test_a_stranger_agrees_by_chance(teacher: np.ndarray) -> None:
    other = unit(np.random.default_rng(2).normal(size=(60, 24)))
    found = measure_agreement(TEXTS, other, teacher, seed=3)
    assert found.shared_neighbours == pytest.approx(10 / 59, abs=0.06)
    assert abs(found.random_correlation) < 0.1


def test_the_pair_that_was_moved_together_is_the_first_example(teacher: np.ndarray) -> None:
    student = teacher.copy()
    student[7] = student[12]
    found = measure_agreement(TEXTS, student, teacher, seed=3)
    assert {found.closer[0].first, found.closer[0].second} == {TEXTS[7], TEXTS[12]}
    assert found.closer[0].student == pytest.approx(1)
    assert found.closer[0].teacher == pytest.approx(float(teacher[7] @ teacher[12]), abs=1e-6)
    told = [text for pair in found.closer for text in (pair.first, pair.second)]
    assert len(set(told)) == len(told)
    assert all(pair.teacher > pair.student for pair in found.farther)


def test_texts_too_short_to_judge_are_no_examples(teacher: np.ndarray) -> None:
    student = teacher.copy()
    student[7] = student[12]
    texts = [*TEXTS[:7], "tea", *TEXTS[8:]]
    found = measure_agreement(texts, student, teacher, seed=3)
    assert all("tea" not in (pair.first, pair.second) for pair in (*found.closer, *found.farther))


def test_of_many_texts_a_sample_is_compared() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(2_100, 8)))
    found = [measure_agreement(["x" * 20] * 2_100, vectors, vectors[:, ::-1], seed=seed) for seed in (1, 1)]
    assert found[0].texts == 2_000
    assert found[0] == found[1]
