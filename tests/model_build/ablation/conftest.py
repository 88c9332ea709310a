from pathlib import Path

import pytest

from model_build.ablation.plan import Plan, make_plan
from model_build.ablation.result import Ablation
from model_build.ablation.run import run_ablation
from tests.model_build.evaluation.benchmark import WORDS, write_pairs, write_search, write_table
from tests.model_build.materials import RECIPES, write_data

CHOSEN = ("integration", "no-pretraining", "int8", "mixture")


@pytest.fixture(scope="session")
def measured_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Training texts beside a made-up benchmark."""
    folder = write_data(tmp_path_factory.mktemp("measured"))
    write_search(folder)
    write_pairs(folder, split="dev")
    lines = [f"{number % 2}|{WORDS[number % 2]} {number}" for number in range(40)]
    write_table(folder / "benchmark" / "language" / "banking77" / "train.tsv.xz", "label|text", *lines)
    return folder


@pytest.fixture(scope="session")
def overrides(teacher_folder: Path) -> tuple[str, ...]:
    """Overrides that make the smoke recipe train in no time."""
    return (
        f"teacher.model={teacher_folder}",
        "teacher.trainable_layers=0",
        "teacher.projection_steps=5",
        "corpus.texts_per_file=600",
        "vocabulary.sample_texts=100",
        "student.pretraining_steps=2",
        "distillation.steps=6",
        "quantization.embeddings=int4",
    )


@pytest.fixture(scope="session")
def plan(overrides: tuple[str, ...]) -> Plan:
    return make_plan(RECIPES / "smoke.toml", overrides, seeds=2, chosen=CHOSEN)


@pytest.fixture(scope="session")
def run_folder(plan: Plan, measured_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished ablation."""
    folder = tmp_path_factory.mktemp("ablation") / "run"
    run_ablation(plan, measured_data, folder, resume=False)
    return folder


@pytest.fixture(scope="session")
def ablation(plan: Plan, measured_data: Path, run_folder: Path) -> Ablation:
    """The result of the run."""
    return run_ablation(plan, measured_data, run_folder, resume=True)
