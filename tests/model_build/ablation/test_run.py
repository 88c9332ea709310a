import json
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from model_build.ablation.plan import Plan, make_plan
from model_build.ablation.result import Ablation, Row
from model_build.ablation.run import run_ablation
from model_build.ablation.trial import Lifted, texts_read
from model_build.ablation.variants import Group, Variant
from model_build.common.batching import embed_rows
from model_build.common.errors import BuildError, DataError, RecipeError
from model_build.student.fuse import fuse, lift
from tests.model_build.ablation.conftest import CHOSEN
from tests.model_build.forks import forked, model_build
from tests.model_build.materials import RECIPES
from tests.model_build.students import rows, student


def row(ablation: Ablation, name: str) -> Row:
    return next(one for section in ablation.sections for one in section.rows if one.variant == name)


def events(folder: Path) -> list[tuple[str, str]]:
    lines = (folder / "journal.jsonl").read_text().splitlines()
    return [(event["stage"], event["event"]) for event in map(json.loads, lines)]


def figures(folder: Path) -> dict[str, dict[str, float]]:
    """The results of every variant and seed, without the seconds."""
    return {
        str(path.relative_to(folder)): json.loads(path.read_text())["figures"]
        for path in sorted(folder.rglob("figures.json"))
    }


def test_every_variant_is_measured_with_every_seed(plan: Plan, run_folder: Path, ablation: Ablation) -> None:
    expected = {f"variants/{name}/seed-{seed}/figures.json" for name in plan.trials for seed in (7, 8)}
    assert set(figures(run_folder)) == expected
    names = {"heldout cosine", "stsb dev Spearman", "msrd validation NDCG@10", "banking77 validation accuracy"}
    assert set(row(ablation, "cross").figures) == names
    assert len(row(ablation, "cross").by_seed["heldout cosine"]) == 2


def test_results_lie_in_markdown_and_json(run_folder: Path, ablation: Ablation) -> None:
    written = json.loads((run_folder / "ablation.json").read_text())
    assert written["seeds"] == list(ablation.seeds)
    assert [section["title"] for section in written["sections"]] == [section.title for section in ablation.sections]
    assert (run_folder / "ablation.md").read_text().startswith("# Ablation of edge-rank-smoke\n")


def test_variants_of_a_seed_start_alike(run_folder: Path) -> None:
    # Two seeds, with pre-training and without.
    starts = sorted((run_folder / "starts").iterdir())
    assert len(starts) == 4
    assert events(run_folder).count(("start, seed 7", "done")) == 2


def test_seeds_differ_and_so_do_variants(ablation: Ablation) -> None:
    cosines = [row(ablation, name).by_seed["heldout cosine"] for name in ("one-way", "integration", "cross")]
    assert len({value for seeds in cosines for value in seeds}) == 6


def test_the_float32_device_is_the_student(ablation: Ablation) -> None:
    device, whole = row(ablation, "float32"), row(ablation, "cross")
    assert device.by_seed["heldout cosine"] == pytest.approx(whole.by_seed["heldout cosine"], abs=1e-5)
    assert device.bytes > 2 * row(ablation, "int8").bytes


def test_budgets_are_reported(plan: Plan, ablation: Ablation) -> None:
    trained, without = row(ablation, "cross"), row(ablation, "no-pretraining")
    assert trained.texts == row(ablation, "integration").texts == without.texts + 2 * 32
    five_of_texts_and_one_of_pairs = texts_read(plan.recipe.distillation, 600, 100)
    assert without.texts == five_of_texts_and_one_of_pairs == (5 + 2) * 32
    assert row(ablation, "int8").texts == 0


def test_a_finished_run_does_nothing_again(plan: Plan, measured_data: Path, run_folder: Path) -> None:
    before = figures(run_folder)
    (run_folder / "journal.jsonl").unlink()
    run_ablation(plan, measured_data, run_folder, resume=True)
    assert figures(run_folder) == before
    assert {event for stage, event in events(run_folder) if stage != "ablation"} == {"skipped"}


def test_an_earlier_run_is_not_overwritten(plan: Plan, measured_data: Path, run_folder: Path) -> None:
    with pytest.raises(BuildError, match="add --resume"):
        run_ablation(plan, measured_data, run_folder, resume=False)


def test_only_what_a_change_concerns_is_made_anew(
    overrides: tuple[str, ...], measured_data: Path, run_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    (folder / "journal.jsonl").unlink()
    changed = make_plan(RECIPES / "smoke.toml", (*overrides, "quantization.head=float32"), seeds=2, chosen=CHOSEN)
    run_ablation(changed, measured_data, folder, resume=True)
    assert {stage for stage, event in events(folder) if event == "started" and stage != "ablation"} == {
        "mixture, seed 7",
        "mixture, seed 8",
    }


def test_a_run_killed_and_resumed_finds_the_same(
    overrides: tuple[str, ...], measured_data: Path, run_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run_folder / "common", folder / "common")
    command = ["ablate", str(RECIPES / "smoke.toml"), "--data", str(measured_data), "--run-dir", str(folder)]
    command += ["--seeds", "2", "--resume", "--variant", "integration"]
    for override in overrides:
        command += ["--set", override]
    process = forked(model_build, command, tmp_path / "log")
    while not list(folder.glob("variants/*/*/figures.json")):
        assert process.is_alive(), "the run ended before it was killed"
        time.sleep(0.002)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not (folder / "ablation.json").exists()
    part = make_plan(RECIPES / "smoke.toml", overrides, seeds=2, chosen=["integration"])
    run_ablation(part, measured_data, folder, resume=True)
    undisturbed = figures(run_folder)
    assert len(figures(folder)) == 4
    assert all(undisturbed[place] == found for place, found in figures(folder).items())


def test_the_teacher_that_adapts_is_not_the_next_variants(
    overrides: tuple[str, ...], measured_data: Path, run_folder: Path, tmp_path: Path
) -> None:
    live = ("teacher.trainable_layers=1", "distillation.teacher_learning_rate=0.1")
    first, second = Variant("first", "?", live, ()), Variant("second", "?", (*live, "distillation.task_weight=0"), ())
    found = []
    for name, variants in (("both", (first, second)), ("alone", (second,))):
        shutil.copytree(run_folder / "common", tmp_path / name / "common")
        trials = make_plan(RECIPES / "smoke.toml", overrides, seeds=2, groups=(Group("g", variants),))
        run_ablation(trials, measured_data, tmp_path / name, resume=True)
        found.append(figures(tmp_path / name)["variants/second/seed-8/figures.json"])
    assert found[0] == found[1]


def test_without_a_benchmark_agreement_with_the_teacher_is_measured(
    overrides: tuple[str, ...], data: Path, tmp_path: Path
) -> None:
    part = make_plan(RECIPES / "smoke.toml", overrides, seeds=2, chosen=["one-way"])
    found = run_ablation(part, data, tmp_path / "run", resume=False)
    assert list(row(found, "one-way").figures) == ["heldout cosine"]


def test_a_vocabulary_that_can_not_be_is_reported_before_anything_trains(
    overrides: tuple[str, ...], data: Path, tmp_path: Path
) -> None:
    small = make_plan(RECIPES / "smoke.toml", [*overrides, "vocabulary.size=900"], seeds=2, chosen=["cross"])
    with pytest.raises(RecipeError, match=r"vocabulary\.size is 900; it must be between"):
        run_ablation(small, data, tmp_path / "run", resume=False)
    assert not (tmp_path / "run" / "variants").exists()


def test_a_benchmark_without_its_validation_examples_is_reported_first(
    plan: Plan, measured_data: Path, tmp_path: Path
) -> None:
    shutil.copytree(measured_data, tmp_path / "data")
    shutil.rmtree(tmp_path / "data" / "benchmark" / "pairs")
    with pytest.raises(DataError, match=r"stsb/dev\.tsv\.xz is missing"):
        run_ablation(plan, tmp_path / "data", tmp_path / "run", resume=False)
    assert not (tmp_path / "run").exists()


def test_lifted_vectors_are_the_students_own() -> None:
    learner = student()
    lifted = embed_rows(Lifted(fuse(learner), lift(learner)), rows())
    np.testing.assert_allclose(lifted, embed_rows(learner, rows()), atol=1e-5)
    assert torch.is_grad_enabled()
