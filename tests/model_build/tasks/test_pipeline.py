import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from model_build.common.errors import BuildError
from model_build.recipe.task import TaskRecipe
from model_build.report.task.write import load_task_report
from model_build.tasks.adapters import AdaptedEncoder, Adapter
from model_build.tasks.context import NAMES, released_student
from model_build.tasks.outputs import load_grades
from model_build.tasks.pipeline import STAGES, run_task_build
from model_build.tasks.rows import padded
from model_build.tasks.stages.artifact import load_measured
from model_build.tasks.stages.comparison import load_comparison
from service.artifact.artifact import MANIFEST, MODEL, RANKER, VOCABULARY, Artifact, load_artifact
from service.encoder.onnx import OnnxEncoder
from service.heads.adapters import read_adapters
from service.heads.loading import load_head
from service.heads.opening import opened
from service.text.pair_row import Row
from service.text.wordpiece import WordPieceTokenizer
from tests.model_build.materials import without_plots
from tests.model_build.tasks.materials import CLASSES, write_classifier, write_graded
from tests.model_build.tasks.recipes import DISTILLATION, task_recipe
from tests.shared import built_once


def test_the_stages_are_those_that_the_context_knows() -> None:
    assert tuple(STAGES) == NAMES


@pytest.fixture(scope="module")
def recipe(tables: Path, teacher_folder: Path, smoke_run: Path) -> TaskRecipe:
    return task_recipe(tables, teacher_folder, smoke_run / "artifact")


@pytest.fixture(scope="module")
def made(recipe: TaskRecipe, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    def build(folder: Path) -> None:
        run_task_build(recipe, Path("/"), folder / "run", destination=folder / "artifact", resume=False)

    return load_artifact(built_once(tmp_path_factory, "task-model", build) / "artifact")


def test_a_task_becomes_an_artifact_that_classifies(made: Artifact, tables: Path) -> None:
    manifest = made.manifest
    assert manifest.task is not None
    assert (manifest.task.kind, manifest.task.classes) == ("text", CLASSES)
    assert {name for name, entry in manifest.files.items() if entry.device} == {MODEL, VOCABULARY}
    assert RANKER not in manifest.files
    files = sum(entry.bytes for entry in manifest.files.values() if entry.device)
    assert manifest.device_bytes == files + (made.folder / MANIFEST).stat().st_size
    (test,) = [figure for figure in manifest.quality if figure.split == "test"]
    lines = [line.split("\t") for line in (tables / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    tokenizer = Tokenizer.from_file(str(made.folder / "tokenizer.json"))
    tokenizer.enable_padding()
    batch = tokenizer.encode_batch([text for _, text in lines])
    inputs = {"input_ids": "ids", "attention_mask": "attention_mask"}
    given = {name: np.array([getattr(one, kind) for one in batch]) for name, kind in inputs.items()}
    logits = ort.InferenceSession(made.model_path).run(None, given)[0]
    right = np.mean([CLASSES[place] == label for place, (label, _) in zip(logits.argmax(1), lines, strict=True)])
    assert test.value == pytest.approx(right)


def test_the_record_says_what_it_learned_from(made: Artifact) -> None:
    training = made.manifest.training
    assert training.start is not None
    assert training.sources[-1].texts == 72
    assert training.sources[-1].licence == "MIT"
    card = (made.folder / "README.md").read_text(encoding="utf-8")
    assert "pipeline_tag: text-classification" in card
    assert "| animals | test | 30 |" in card


def test_a_finished_build_is_not_repeated(made: Artifact, recipe: TaskRecipe) -> None:
    folder = made.folder.parent / "run"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("done.json")}
    again = run_task_build(recipe, Path("/"), folder, destination=made.folder, resume=True)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("done.json")} == before
    assert again.manifest.revision == made.manifest.revision
    with pytest.raises(BuildError, match="holds an earlier run"):
        run_task_build(recipe, Path("/"), folder, destination=made.folder, resume=False)


def test_the_split_before_rounding_is_measured_too(made: Artifact) -> None:
    measured = load_measured(made.folder.parent / "run" / "04-artifact")
    assert [(row.who, row.split) for row in measured] == [
        ("animals, before rounding", "dev"),
        ("animals", "dev"),
        ("animals", "test"),
    ]


def test_head_pack_and_model_are_measured_as_they_are_served(made: Artifact) -> None:
    folder = made.folder.parent / "run" / "06-comparison"
    ways = {one.way: one for one in load_comparison(folder)}
    assert ways.keys() == {"teacher", "head", "pack", "model"}
    assert {one.split for one in ways.values()} == {"test"}
    (test,) = [figure for figure in made.manifest.quality if figure.split == "test"]
    assert ways["model"].value == test.value
    assert ways["model"].bytes == made.manifest.device_bytes
    figures = load_head(folder / "classifiers" / "pack").manifest.figures
    assert {one.metric: one.value for one in figures}["accuracy"] == ways["pack"].value
    assert "by the adapted model" in (folder / "classifiers" / "pack" / "README.md").read_text(encoding="utf-8")
    majority, teacher = 1 / 3, ways["teacher"].value
    assert ways["model"].kept == pytest.approx((test.value - majority) / max(teacher - majority, 1e-12))
    assert sorted(path.name for path in (folder / "classifiers").iterdir()) == ["artifact", "head", "pack"]


def test_the_report_breaks_down_what_was_measured(made: Artifact) -> None:
    run = made.folder.parent / "run"
    report = load_task_report(run / "07-report")
    assert report.facts.classes == CLASSES
    assert report.device_bytes == made.manifest.device_bytes == sum(row.bytes for row in report.bytes)
    assert [(row.split, row.examples) for row in report.splits] == [("train", 72), ("dev", 18), ("test", 30)]
    assert report.lengths.keys() == {"teacher", "model", "pack"}
    ways = {one.way: one for one in report.ways}
    teacher = ways["teacher"]
    assert teacher.bytes is not None
    assert teacher.bytes > made.manifest.device_bytes
    assert teacher.low is not None
    assert teacher.high is not None
    assert teacher.low <= teacher.value <= teacher.high
    assert teacher.more.keys() == ways["model"].more.keys()
    assert (report.split, report.examples, report.baseline) == ("test", 30, 1 / 3)
    right = sum(round((row.recall or 0.0) * row.examples) for row in report.classes)
    assert right / 30 == pytest.approx(ways["model"].value)
    assert right + sum(row.count for row in report.confusions) == 30
    assert sum(row.examples * row.accuracy for row in report.reliability) == pytest.approx(right)
    assert report.rounding[0].after == load_measured(run / "04-artifact")[1].value
    assert report.teacher is not None
    assert len(report.teacher.curve) == 2
    assert [point.step for point in report.losses] == list(range(1, 9))
    assert report.rounded_from == 4
    assert [row.stage for row in report.stages] == list(NAMES[:-1])


def test_no_text_of_an_example_is_in_the_report(made: Artifact, tables: Path) -> None:
    lines = (tables / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]
    texts = [line.split("\t")[1] for line in lines]
    files = [path for path in (made.folder.parent / "run" / "07-report").rglob("*") if path.is_file()]
    assert {"report.md", "report.html", "report.json", "ways.svg", "training.svg"} <= {path.name for path in files}
    for path in files:
        written = path.read_text(encoding="utf-8")
        assert not [text for text in texts if text in written]


def test_a_run_of_an_earlier_version_gets_its_report_too(made: Artifact, recipe: TaskRecipe, tmp_path: Path) -> None:
    """Without losses and the teacher's interval; figures of another form are asked for anew."""
    run = tmp_path / "run"
    shutil.copytree(made.folder.parent / "run", run)
    (run / "03-distillation" / "course.json").write_text('{"examples": 72, "truncated": 0}')
    figures = json.loads((run / "01-teacher" / "figures.json").read_text())
    (run / "01-teacher" / "figures.json").write_text(json.dumps({k: v for k, v in figures.items() if k != "details"}))
    for stage in ("06-comparison", "07-report"):
        shutil.rmtree(run / stage)
    with without_plots():
        run_task_build(recipe, Path("/"), run, destination=tmp_path / "artifact", resume=True)
    report = load_task_report(run / "07-report")
    assert (report.losses, report.rounded_from, report.ways[0].low) == ((), None, None)
    rows = json.loads((run / "06-comparison" / "comparison.json").read_text())
    (run / "06-comparison" / "comparison.json").write_text(json.dumps([row | {"accuracy": 1.0} for row in rows]))
    shutil.rmtree(run / "07-report")
    with pytest.raises(BuildError, match="06-comparison is from another version; delete it and add --resume"):
        run_task_build(recipe, Path("/"), run, destination=tmp_path / "artifact", resume=True)


def test_the_served_pack_decides_as_it_was_trained(made: Artifact, smoke_run: Path) -> None:
    artifact = load_artifact(smoke_run / "artifact")
    pack = load_head(made.folder.parent / "run" / "05-pack" / "pack")
    assert pack.adapters is not None
    encoder = OnnxEncoder(artifact)
    served = opened({"pack": pack}, encoder)["pack"]
    assert served.encoder is not None
    adapted = AdaptedEncoder(released_student(artifact), pack.adapters.rank)
    adapters = [one for one in adapted.adapters if isinstance(one, Adapter)]
    layers = [(one.down.shape[0], one.up.shape[1]) for one in adapters]
    for adapter, stored in zip(adapters, read_adapters(pack.adapters.data, pack.adapters.rank, layers), strict=True):
        down, up = stored.matrices()
        adapter.down.data, adapter.up.data = torch.from_numpy(down), torch.from_numpy(up)
    texts = ["ba be bi", "word", "bo"]
    rows = WordPieceTokenizer(artifact).rows([(text,) for text in texts])
    with torch.no_grad():
        expected = adapted(padded([Row(list(one.ids), one.second, one.truncated) for one in rows], 0)).numpy()
    found = served.encoder.encode([(text,) for text in texts]).vectors
    assert np.allclose(found, expected, atol=1e-5)
    assert np.abs(found - encoder.encode(texts).vectors).max() > 1e-3


@pytest.mark.usefixtures("undrawn")
def test_a_pair_model_reads_segments_and_a_pruned_vocabulary(
    tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path
) -> None:
    teacher = write_classifier(tmp_path / "teacher", teacher_folder, "bert", {0: "0", 1: "1"})
    start = smoke_run / "artifact"
    recipe = task_recipe(
        tables,
        teacher,
        start,
        task={"train": str(tables / "pairs.tsv"), "dev_share": 0.2},
        student={"init_from": str(start), "max_length": 32, "vocabulary_size": 320},
        distillation=DISTILLATION | {"classifier": "shared", "teacher_trains": "whole", "steps": 4},
        pack={"rank": 1, "distillation": DISTILLATION | {"steps": 2}},
    )
    made = run_task_build(recipe, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    assert made.manifest.task is not None
    assert made.manifest.task.kind == "pair"
    assert made.manifest.model.vocabulary_size == 320
    ways = load_comparison(tmp_path / "run" / "06-comparison")
    assert [(one.way, one.split) for one in ways] == [(way, "dev") for way in ("teacher", "model", "head", "pack")]
    report = load_task_report(tmp_path / "run" / "07-report")
    assert (report.split, [row.split for row in report.splits], len(report.classes)) == ("dev", ["train", "dev"], 2)
    journal = (tmp_path / "run" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    (published,) = [one for one in map(json.loads, journal) if (one["stage"], one["event"]) == ("pack", "published")]
    report = load_task_report(tmp_path / "run" / "07-report")
    assert report.splits[0].cut["pack"] == published["truncated"]
    session = ort.InferenceSession(made.model_path)
    assert [one.name for one in session.get_inputs()] == ["input_ids", "attention_mask", "token_type_ids"]
    tokens = AutoTokenizer.from_pretrained(made.folder)(["ba be"], ["bi bo"], return_tensors="np")
    assert tokens["token_type_ids"].max() == 1
    assert session.run(None, {name: value.astype(np.int64) for name, value in tokens.items()})[0].shape == (1, 2)


def graded_recipe(tables: Path, teacher: Path, start: Path, labels: str, train: Path, **changes: object) -> TaskRecipe:
    sections = {
        "task": {"train": str(train), "dev_share": 0.2, "labels": labels},
        "student": {"init_from": str(start), "max_length": 32},
        "pack": None,
    }
    return task_recipe(tables, teacher, start, **(sections | changes))


@pytest.mark.usefixtures("undrawn")
def test_grades_are_learned_from_labels_and_served_on_their_scale(
    tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path
) -> None:
    start, train = smoke_run / "artifact", write_graded(tmp_path / "train.tsv")
    recipe = graded_recipe(tables, teacher_folder, start, "grades", train)
    made = run_task_build(recipe, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    assert made.manifest.task is not None
    assert made.manifest.task.grades is not None
    assert (made.manifest.task.grades.low, made.manifest.task.grades.high) == (0.0, 2.0)
    (dev,) = made.manifest.quality
    assert (dev.task, dev.metric, dev.split) == ("grading", "Spearman correlation", "dev")
    ways = {one.way: one for one in load_comparison(tmp_path / "run" / "06-comparison")}
    assert ways.keys() == {"teacher", "model"}
    assert ways["model"].value == pytest.approx(dev.value)
    report = load_task_report(tmp_path / "run" / "07-report")
    assert (report.facts.classes, report.facts.grades, report.classes) == ((), (0.0, 2.0), ())
    assert report.lengths.keys() == {"teacher", "model"}
    assert sum(row.examples for row in report.grades) == 12
    assert {(row.low, row.high) for row in report.grades} <= {(place / 2, place / 2) for place in range(5)}
    assert "grades = session.run" in (made.folder / "README.md").read_text(encoding="utf-8")
    inputs = {"input_ids": [[1, 10, 2]], "attention_mask": [[1, 1, 1]], "token_type_ids": [[0, 0, 0]]}
    given = {name: np.array(value) for name, value in inputs.items()}
    assert -2 < float(ort.InferenceSession(made.model_path).run(None, given)[0][0, 0]) < 4


@pytest.mark.usefixtures("undrawn")
def test_a_cross_encoder_grades_what_has_no_labels(
    tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path
) -> None:
    teacher = write_classifier(tmp_path / "teacher", teacher_folder, "bert", {0: "LABEL_0"})
    train = write_graded(tmp_path / "train.tsv", labelled=False)
    recipe = graded_recipe(tables, teacher, smoke_run / "artifact", "teacher", train)
    made = run_task_build(recipe, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    said = load_grades(tmp_path / "run" / "01-teacher", "train")
    assert made.manifest.task is not None
    assert made.manifest.task.grades is not None
    assert made.manifest.task.grades.high == pytest.approx(said.max())
    ways = {one.way: one for one in load_comparison(tmp_path / "run" / "06-comparison")}
    assert ways["teacher"].value == pytest.approx(1.0)
    report = load_task_report(tmp_path / "run" / "07-report")
    assert report.teacher is None
    assert 1 < len(report.grades) <= 10
    again = run_task_build(recipe, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=True)
    assert again.manifest.revision == made.manifest.revision


@pytest.mark.parametrize(
    ("labels", "classes", "told"),
    [
        ("teacher", None, "needs a teacher that gives a number, such as a cross-encoder; .* is an encoder"),
        ("teacher", {0: "a", 1: "b"}, "has 2 labels; of grades it must give one number"),
        ("classes", {0: "LABEL_0"}, "has 1 labels, the task has 5"),
    ],
)
def test_a_teacher_that_does_not_say_what_is_asked_is_refused(
    labels: str,
    classes: dict[int, str] | None,
    told: str,
    tables: Path,
    teacher_folder: Path,
    smoke_run: Path,
    tmp_path: Path,
) -> None:
    teacher = teacher_folder
    if classes is not None:
        teacher = write_classifier(tmp_path / "teacher", teacher_folder, "bert", classes)
    recipe = graded_recipe(tables, teacher, smoke_run / "artifact", labels, write_graded(tmp_path / "train.tsv"))
    with pytest.raises(BuildError, match=told):
        run_task_build(recipe, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    assert not (tmp_path / "run").exists()


def test_pairs_are_learned_from_a_teacher_that_reads_them_apart_and_from_pairs_without_labels(
    tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path
) -> None:
    start, further = smoke_run / "artifact", write_graded(tmp_path / "further.tsv", labelled=False)
    fine_tuning = {"epochs": 1, "batch_examples": 12}
    recipe = task_recipe(
        tables,
        teacher_folder,
        start,
        task={"train": str(tables / "pairs.tsv"), "dev_share": 0.2, "unlabelled": str(further)},
        teacher={"model": str(teacher_folder), "max_length": 16, "pairs": "apart", "fine_tuning": fine_tuning},
        student={"init_from": str(start), "max_length": 32},
    )
    run_task_build(recipe, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    course = json.loads((tmp_path / "run" / "03-distillation" / "course.json").read_text(encoding="utf-8"))
    assert course["examples"] == 48 + 60
    assert {one.way for one in load_comparison(tmp_path / "run" / "06-comparison")} == {
        "teacher",
        "model",
        "head",
        "pack",
    }


def test_texts_are_not_read_apart(tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path) -> None:
    changes = {"teacher": {"model": str(teacher_folder), "pairs": "apart", "max_length": 16}}
    recipe = task_recipe(tables, teacher_folder, smoke_run / "artifact", **changes)
    with pytest.raises(BuildError, match=r"teacher\.pairs = apart is for encoders that read pairs"):
        run_task_build(recipe, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    assert not (tmp_path / "run").exists()


def test_a_pack_of_grades_is_refused(tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path) -> None:
    train = write_graded(tmp_path / "train.tsv")
    with pytest.raises(ValueError, match=r"leave \[pack\] out for grades"):
        graded_recipe(tables, teacher_folder, smoke_run / "artifact", "grades", train, pack={"rank": 1})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"student": {"init_from": "/nowhere"}}, "student.init_from: /nowhere"),
        ({"task": {"train": "/nowhere.tsv"}}, "there is no file /nowhere.tsv"),
        ({"teacher": {"model": "/nowhere"}}, "the teacher folder /nowhere does not exist"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(
    changes: dict[str, object], told: str, tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path
) -> None:
    recipe = task_recipe(tables, teacher_folder, smoke_run / "artifact", **changes)
    with pytest.raises(BuildError, match=told):
        run_task_build(recipe, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"student": {"vocabulary_size": 100_000}}, r"student\.vocabulary_size is 100,000; it must be between 300 and"),
        ({"student": {"vocabulary_size": 10}}, r"student\.vocabulary_size is 10; it must be between 300 and"),
        ({"teacher": {"max_length": 512}}, r"teacher\.max_length is 512; .* reads at most 40 tokens"),
        ({"gates": {"byte_budget": 1000}}, r"over gates\.byte_budget \(1,000\); store more in int4"),
    ],
)
def test_what_cannot_be_stored_is_refused_before_anything_is_written(
    changes: dict[str, dict[str, object]],
    told: str,
    tables: Path,
    teacher_folder: Path,
    smoke_run: Path,
    tmp_path: Path,
) -> None:
    start = smoke_run / "artifact"
    if "teacher" in changes:
        folder = write_classifier(tmp_path / "teacher", teacher_folder, "bert", dict(enumerate(CLASSES)), positions=40)
        changes = {"teacher": changes["teacher"] | {"model": str(folder)}}
    if "student" in changes:
        changes = {"student": changes["student"] | {"init_from": str(start)}}
    recipe = task_recipe(tables, teacher_folder, start, **changes)
    with pytest.raises(BuildError, match=told):
        run_task_build(recipe, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=False)
    assert {path.name for path in tmp_path.iterdir()} <= {"teacher"}


def test_four_bits_need_rows_of_whole_groups(
    tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model_build.tasks.pipeline.GROUP", 48)
    recipe = task_recipe(tables, teacher_folder, smoke_run / "artifact", quantization={"attention": "int4"})
    with pytest.raises(BuildError, match=r"quantization\.attention = int4 needs rows of a multiple of 48 numbers"):
        run_task_build(recipe, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=False)


@pytest.mark.parametrize(
    ("quality", "told"),
    [
        ({"test": 1.01}, "test: accuracy is .*; gates.quality.test asks for 1.01"),
        ({"valid": 0.1}, "splits are dev, test"),
    ],
)
def test_gates_hold_back_an_artifact(
    quality: dict[str, float], told: str, made: Artifact, recipe: TaskRecipe, tmp_path: Path
) -> None:
    shutil.copytree(made.folder.parent / "run", tmp_path / "run")
    strict = recipe.model_copy(update={"gates": recipe.gates.model_copy(update={"quality": quality})})
    with pytest.raises(BuildError, match=told):
        run_task_build(strict, Path("/"), tmp_path / "run", destination=tmp_path / "artifact", resume=True)
    assert not (tmp_path / "artifact").exists()


def test_the_journal_counts_what_was_cut(made: Artifact) -> None:
    journal = made.folder.parent / "run" / "journal.jsonl"
    events = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    (trained,) = [one for one in events if one["event"] == "trained"]
    assert trained["examples"] == 72
    assert trained["truncated"] >= 0
