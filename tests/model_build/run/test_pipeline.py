import json
import signal
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from transformers import AutoConfig, AutoTokenizer

from model_build.common.errors import BudgetError, BuildError, GateError
from model_build.common.log import Journal
from model_build.recipe import Recipe, load_recipe
from model_build.run.context import NAMES, Context
from model_build.run.pipeline import STAGES, run_build, stages_of
from model_build.run.stage import fingerprint
from service.artifact.artifact import load_artifact
from service.encoder.onnx import OnnxEncoder
from service.heads.loading import load_head
from service.text.wordpiece import WordPieceTokenizer
from tests.model_build.forks import forked, model_build
from tests.model_build.materials import RECIPES, texts, write_data, write_pairs

SMALL = ("corpus.texts_per_file=400", "vocabulary.sample_texts=100", "student.pretraining_steps=5")


def test_the_smoke_recipe_makes_an_artifact_that_the_service_loads(smoke_run: Path) -> None:
    artifact = load_artifact(smoke_run / "artifact")
    vectors = OnnxEncoder(artifact).encode(texts(5)).vectors
    assert vectors.shape == (5, artifact.manifest.model.dimension)
    assert artifact.manifest.training.objective.startswith("cross-distillation (parameter integration and mutual")
    assert [source.name for source in artifact.manifest.training.sources] == ["texts"]
    assert (smoke_run / "artifact" / "README.md").read_text().startswith("---")
    assert "<html" in (smoke_run / "11-report" / "report.html").read_text()


def test_the_graph_loads_in_plain_onnxruntime(smoke_run: Path) -> None:
    session = ort.InferenceSession(smoke_run / "artifact" / "onnx" / "model_int8.onnx")
    ids = np.array([[2, 9, 3]])
    (vector,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_transformers_splits_texts_as_the_service_does(smoke_run: Path) -> None:
    folder = smoke_run / "artifact"
    stock = AutoTokenizer.from_pretrained(folder)
    ours = WordPieceTokenizer(load_artifact(folder))
    odd = [
        "",
        "Ünïcödé ÀÉ",
        "a1-b2, c3!",
        "🙂 中文",
        "x" * 300,
        "tabs\tand\nlines",
        "LEGO\u2122 £20 \uff49\uff30hone",
        *texts(200),
    ]
    told = stock(odd, truncation=True)["input_ids"]
    for text, ids, read in zip(odd, told, ours.encode(odd), strict=True):
        if len(read.windows) == 1:  # what is longer the service reads in windows
            assert ids == list(read.windows[0]), text
    assert AutoConfig.from_pretrained(folder).vocab_size == len(stock)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.slow
def test_a_run_killed_and_resumed_makes_the_same_artifact(
    smoke: Recipe, smoke_run: Path, data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    command = ["run", str(RECIPES / "smoke.toml"), "--data", str(data), "--run-dir", str(folder)]
    command += ["--set", f"teacher.model={smoke.teacher.model}"]
    # Steps in the killed process are slowed by nothing: it is killed as soon as a checkpoint lies on the disk.
    process = forked(model_build, command, tmp_path / "log")
    checkpoint = folder / "05-distillation" / "checkpoint.pt"
    while not checkpoint.exists():
        assert process.is_alive(), "the run ended before it was killed"
        time.sleep(0.005)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not (folder / "artifact").exists()
    with pytest.raises(BuildError, match="add --resume"):
        run_build(smoke, data, folder, destination=folder / "artifact", resume=False)
    resumed = run_build(smoke, data, folder, destination=folder / "artifact", resume=True)
    events = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    assert ("corpus", "skipped") in {(event["stage"], event["event"]) for event in events}
    assert resumed.manifest == load_artifact(smoke_run / "artifact").manifest


@pytest.mark.parametrize(
    ("changed", "first_anew"),
    [
        ("corpus.max_characters=50", "corpus"),
        ("distillation.temperature=0.2", "teacher"),  # its projection is fitted with it
        ("student.pooling=weighted", "student"),
        ("distillation.task_weight=0.2", "distillation"),
        ("export.max_length=9", "export"),
        ("gates.quality={stsb = 0.1}", "publication"),
    ],
)
def test_a_change_remakes_the_stages_that_read_it(
    changed: str, first_anew: str, smoke: Recipe, data: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(RECIPES / "smoke.toml", [f"teacher.model={smoke.teacher.model}", changed])
    before, after = (_fingerprints(each, data, tmp_path) for each in (smoke, recipe))
    anew = [name for name, value in after.items() if value != before[name]]
    assert anew == list(after)[list(after).index(first_anew) :]


def _fingerprints(recipe: Recipe, data: Path, folder: Path) -> dict[str, str]:
    fingerprints: dict[str, str] = {}
    before = ""
    for stage in stages_of(Context(recipe, data, folder, Journal(folder / "journal.jsonl"))):
        before = fingerprints[stage.name] = fingerprint(before, stage)
    return fingerprints


def test_every_stage_has_a_module() -> None:
    assert tuple(STAGES) == NAMES


@pytest.mark.usefixtures("undrawn")
def test_one_way_distillation_is_a_setting(teacher_folder: Path, data: Path, tmp_path: Path) -> None:
    one_way = [
        f"teacher.model={teacher_folder}",
        "distillation.parameter_integration=false",
        "distillation.mutual_interplay=false",
        "distillation.steps=5",
        "student.pooling=weighted",
        *SMALL,
    ]
    recipe = load_recipe(RECIPES / "smoke.toml", one_way)
    made = run_build(recipe, data, tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    assert made.manifest.training.objective == "one-way distillation, 5 steps of 32 texts"


def with_tasks(smoke: Recipe, *overrides: str) -> Recipe:
    settings = [
        "teacher.trainable_layers=0",
        "distillation.steps=20",
        'teacher.tasks=[{name="same",files=["pairs.tsv"]}]',
        *SMALL,
    ]
    return load_recipe(RECIPES / "smoke.toml", [f"teacher.model={smoke.teacher.model}", *settings, *overrides])


@pytest.mark.usefixtures("undrawn")
@pytest.mark.slow
def test_a_teacher_s_head_comes_with_the_artifact(smoke: Recipe, tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    write_pairs(data / "pairs.tsv")
    write_pairs(data / "test.tsv", 40)
    recipe = with_tasks(smoke, 'evaluation.pairs={same=["test.tsv"]}')
    made = run_build(recipe, data, tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    head = load_head(tmp_path / "run" / "10-publication" / "heads" / "same")
    assert head.manifest.backbone.revision == made.manifest.revision
    table = json.loads((tmp_path / "run" / "09-evaluation" / "heads.json").read_text())
    assert [(row["split"], row["head"]) for row in table] == [
        ("validation", "student, the teacher's head"),
        ("validation", "student, a fitted head"),
        ("test", "student, the teacher's head"),
        ("test", "student, a fitted head"),
        ("test", "teacher, its head"),
    ]
    assert {figure.split for figure in head.manifest.figures} == {"validation", "test"}
    curve = json.loads((tmp_path / "run" / "05-distillation" / "curve.json").read_text())
    assert {"supervised_labels", "same accuracy"} <= curve[-1].keys()


def test_tasks_decide_what_the_teacher_is(smoke: Recipe, tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    write_pairs(data / "pairs.tsv")
    before, after = (
        _fingerprints(with_tasks(smoke, *more), data, tmp_path) for more in ([], ["teacher.fine_tuning.epochs=1"])
    )
    assert [name for name in before if before[name] != after[name]] == list(before)[1:]
    lines = (data / "pairs.tsv").read_text().splitlines()
    (data / "pairs.tsv").write_text("\n".join([*lines, "1\tone more\tmore one"]) + "\n")
    assert _fingerprints(with_tasks(smoke), data, tmp_path)["teacher"] != before["teacher"]


def started(smoke: Recipe, start: Path, *overrides: str) -> Recipe:
    settings = ["student.pretraining_steps=0", "vocabulary.size=550", "distillation.steps=5", *overrides]
    teacher = f"teacher.model={smoke.teacher.model}"
    return load_recipe(RECIPES / "smoke.toml", [teacher, f"student.init_from={start}", *settings])


@pytest.mark.usefixtures("undrawn")
def test_training_goes_on_from_a_published_artifact(smoke: Recipe, smoke_run: Path, data: Path, tmp_path: Path) -> None:
    recipe = started(smoke, smoke_run / "artifact", "student.pooled_states=first-last", "student.pooling=weighted")
    made = run_build(recipe, data, tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    before = load_artifact(smoke_run / "artifact").manifest
    assert made.manifest.model.dimension == 48  # the teacher's, which is less than the pooled 32 + 24
    assert made.manifest.training.start == f"{before.revision[:12]}: {before.training.objective}"
    assert made.manifest.training.sources[0].texts == 2 * before.training.sources[0].texts
    kept = made.vocabulary_path.read_text().splitlines()
    assert len(kept) == 550
    assert set(kept) < set((smoke_run / "artifact" / "vocab.txt").read_text().splitlines())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("student.layers=3", "student.layers is 3; .* has 2"),
        ("vocabulary.size=650", "vocabulary.size is 650; it must be between .* and 600"),
        ("student.init_from=/nowhere", "student.init_from: /nowhere is not an artifact"),
    ],
)
def test_a_start_that_does_not_fit_is_reported(
    changed: str, told: str, smoke: Recipe, smoke_run: Path, data: Path, tmp_path: Path
) -> None:
    recipe = started(smoke, smoke_run / "artifact", changed)
    with pytest.raises(BuildError, match=told):
        run_build(recipe, data, tmp_path / "run", destination=tmp_path / "artifact", resume=False)


@pytest.mark.parametrize(
    ("changed", "error", "told"),
    [
        ("gates.byte_budget=20000", BudgetError, "over gates.byte_budget"),
        ("gates.byte_budget=50000", BudgetError, "over gates.byte_budget"),
        ("gates.quality={stsb = 0.5}", GateError, "gates.quality.stsb asks for 0.5"),
        ("gates.quantized_cosine=1.0", GateError, "mean cosine .* is below 1; use wider schemes"),
    ],
)
def test_what_does_not_pass_is_not_published(
    changed: str, error: type[BuildError], told: str, teacher_folder: Path, data: Path, tmp_path: Path
) -> None:
    changes = [f"teacher.model={teacher_folder}", "distillation.steps=2", *SMALL, changed]
    recipe = load_recipe(RECIPES / "smoke.toml", changes)
    with pytest.raises(error, match=told):
        run_build(recipe, data, tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    assert not (tmp_path / "artifact").exists()
