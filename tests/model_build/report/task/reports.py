"""Reports of task models for tests, of classes and of grades, with something in each of their parts."""

from dataclasses import replace

from model_build.export.byte_table import ByteRow
from model_build.report.contents import StageTime
from model_build.report.task.contents import (
    ClassRow,
    Confusion,
    Facts,
    GradeBin,
    LossPoint,
    ReliabilityBin,
    RoundingRow,
    SplitRow,
    TaskReport,
    TeacherCourse,
    WayRow,
)

AUC = {"ROC-AUC": 0.9811, "ROC-AUC low": 0.9712, "ROC-AUC high": 0.9899}

REPORT = TaskReport(
    name="pets <b>",
    recipe='{"name": "a & b"}',
    facts=Facts(
        kind="text",
        train="pets/train.tsv",
        teacher="teachers/large",
        start="service/assets/model",
        start_bytes=1_907_123,
        classes=("cat | dog", "*fish*"),
        left_out=12,
        rare=3,
    ),
    device_bytes=1_821_504,
    byte_budget=1_910_000,
    split="test",
    examples=1500,
    metric="accuracy",
    baseline=0.5123,
    splits=(
        SplitRow("train", 4000, {"teacher": 10, "model": 1000, "pack": 0}),
        SplitRow("test", 1500, {"teacher": 0, "model": 375, "pack": 1}),
    ),
    lengths={"teacher": 64, "model": 24, "pack": 96},
    ways=(
        WayRow("teacher", 0.968, 0.955, 0.979, bytes=90_897_936, seconds=181.0),
        WayRow("model", 0.944, 0.924, 0.962, AUC, 0.9472, (0.08, 0.05, 0.11), 1_821_504, 0.684, 80.4),
        WayRow("head", 0.864, 0.836, 0.892, {"ROC-AUC": 0.91}, 0.77, None, 1_776, 0.97),
        WayRow("pack", 0.874, 0.844, 0.902, AUC, 0.79, (0.01, -0.01, 0.03), 63_344, 0.81, 63.0),
    ),
    rounding=(RoundingRow("accuracy", 0.951, 0.9479), RoundingRow("calibration error", 0.02, 0.023)),
    teacher=TeacherCourse("accuracy", (0.91, 0.955, 0.9533), 2),
    losses=tuple(LossPoint(24 * part, 3.217 / part) for part in range(1, 51)),
    rounded_from=600,
    classes=(ClassRow("*fish*", 700, 0.9, 0.8773, 0.888), ClassRow("cat | dog", 800, None, None, None)),
    confusions=(Confusion("cat | dog", "*fish*", 41, 0.05125),),
    reliability=(ReliabilityBin(40, 0.61, 0.6, 0.44, 0.74), ReliabilityBin(1460, 0.98, 0.97, 0.96, 0.98)),
    bytes=(ByteRow("embeddings", "int4", 1_200_000, 604_800), ByteRow("vocab.txt", "", 0, 70_123)),
    stages=(StageTime("teacher", 181.0), StageTime("distillation", 80.4)),
)

GRADED = replace(
    REPORT,
    facts=Facts("pair", "sts.tsv", "teachers/large", "service/assets/model", 1_907_123, grades=(0.0, 4.75)),
    metric="Spearman correlation",
    baseline=0.0,
    ways=(WayRow("model", 0.81, 0.79, 0.83, {"root mean squared error": 0.5}, 0.97, None, 1_821_504, 0.7, 80.0),),
    classes=(),
    confusions=(),
    reliability=(),
    grades=(GradeBin(0.0, 0.4, 120, 0.21, 0.34, 0.05, 0.71), GradeBin(3.0, 3.0, 80, 3.0, 2.9, 2.2, 3.4)),
)
