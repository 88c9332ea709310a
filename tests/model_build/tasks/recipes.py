"""Recipes of small task models."""

from pathlib import Path

from model_build.recipe.task import TaskRecipe

DISTILLATION = {"steps": 8, "batch_examples": 12, "student_learning_rate": 0.003}


def task_recipe(tables: Path, teacher_folder: Path, init_from: Path, **changes: object) -> TaskRecipe:
    """A recipe of texts; `changes` replace whole sections."""
    sections: dict[str, object] = {
        "name": "animals",
        "threads": 1,
        "task": {
            "train": str(tables / "train.tsv"),
            "test": str(tables / "test.tsv"),
            "dev_share": 0.2,
            "licence": "MIT",
        },
        "teacher": {
            "model": str(teacher_folder),
            "max_length": 32,
            "fine_tuning": {"epochs": 2, "batch_examples": 12, "learning_rate": 0.003},
        },
        "student": {"init_from": str(init_from), "max_length": 24},
        "distillation": DISTILLATION,
        "quantization": {"embeddings": "int8", "attention": "int8", "feed_forward": "int8"},
        "pack": {"rank": 2, "distillation": DISTILLATION},
    }
    return TaskRecipe.model_validate(sections | changes)
