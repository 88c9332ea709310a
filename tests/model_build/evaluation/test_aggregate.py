import pytest

from model_build.evaluation import EvaluationResult, Family, Measurement, Role, SystemSize, family_means
from model_build.evaluation.aggregate import measured_families

FIGURES = {
    "student": {"msrd": 0.6, "homedepot": 0.8, "trec6": 0.5},
    "teacher": {"msrd": 0.8, "homedepot": 1.0, "trec6": 0.0},
    "BM25": {"msrd": 0.7},
}


def measured(system: str, task: str, value: float) -> Measurement:
    return Measurement(system, task, "some", value, value, value, 10, "test", headline=True)


RESULT = EvaluationResult(
    systems=(
        SystemSize("student", Role.ARTIFACT, 1),
        SystemSize("teacher", Role.TEACHER, 2),
        SystemSize("BM25", Role.BASELINE, 0),
    ),
    tasks=("trec6", "homedepot", "msrd", "made up"),
    measurements=tuple(measured(name, task, value) for name, row in FIGURES.items() for task, value in row.items()),
    seed=0,
    limit=None,
)


def test_tasks_go_to_their_families() -> None:
    assert measured_families(RESULT) == {Family.SEARCH: ("homedepot", "msrd"), Family.LANGUAGE: ("trec6",)}


def test_a_family_is_the_mean_of_its_tasks() -> None:
    means = {(mean.family, mean.system): mean for mean in family_means(RESULT)}
    student = means[Family.SEARCH, "student"]
    assert student.value == pytest.approx(0.7)
    assert student.teacher_kept == pytest.approx(0.7 / 0.9)
    assert student.parent_kept is None
    assert student.tasks == ("homedepot", "msrd")


def test_a_system_without_all_of_a_familys_figures_has_no_mean() -> None:
    assert [mean.system for mean in family_means(RESULT) if mean.family is Family.SEARCH] == ["student", "teacher"]


def test_there_is_no_share_of_nothing() -> None:
    assert [mean.teacher_kept for mean in family_means(RESULT) if mean.family is Family.LANGUAGE] == [None, None]
