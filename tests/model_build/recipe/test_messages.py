from pathlib import Path

import pytest

from model_build.common.errors import RecipeError
from model_build.recipe import load_recipe
from tests.model_build.materials import RECIPES


@pytest.mark.parametrize(
    ("override", "told"),
    [
        (
            "distillation.batch_text=5",
            "distillation.batch_text: there is no such key; did you mean distillation.batch_texts?",
        ),
        ("distilation.steps=5", "distilation: there is no such key; did you mean distillation?"),
        ("vocabulary.byte_budget=5", "vocabulary.byte_budget: there is no such key; did you mean gates.byte_budget?"),
        ("card.zzz=5", "card.zzz: there is no such key; the keys there are language, licence"),
        (
            'teacher.ensemble=[{model="a",wait=1}]',
            "teacher.ensemble.0.wait: there is no such key; did you mean teacher.ensemble.0.weight?",
        ),
        ("student.layers=zero", 'student.layers: Input should be a valid integer; it is "zero"'),
        ("student.layers=true", "student.layers: Input should be a valid integer; it is true"),
        ("student.layers=2.5", "student.layers: Input should be a valid integer; it is 2.5"),
        (
            "distillation.student_learning_rate=fast",
            'distillation.student_learning_rate: Input should be a valid number; it is "fast"',
        ),
        (
            "distillation.mutual_interplay=no",
            'distillation.mutual_interplay: Input should be a valid boolean; it is "no"',
        ),
        ("corpus.files=*.txt", 'corpus.files: Input should be a list in square brackets; it is "*.txt"'),
        ("student=small", 'student: Input should be a section of the recipe; it is "small"'),
        (
            "student.pooling=max",
            "student.pooling: Input should be 'mean' or 'weighted'; it is \"max\"",
        ),
    ],
)
def test_the_key_what_is_wrong_and_what_stands_there(override: str, told: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(RECIPES / "smoke.toml", [override])
    assert str(caught.value) == f"recipe {RECIPES / 'smoke.toml'}: {told}"


def test_what_a_recipe_lacks_is_reported_with_how_much_more(tmp_path: Path) -> None:
    (tmp_path / "bare.toml").write_text('name = "bare"\n[corpus]\nfiles = ["*.txt"]\n')
    with pytest.raises(RecipeError, match=r"bare\.toml: teacher is missing \(and 3 more\)"):
        load_recipe(tmp_path / "bare.toml")
