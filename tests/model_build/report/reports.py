"""A report for tests, with something in each of its parts."""

from model_build.common.systems import Role
from model_build.evaluation.agreement import Agreement, PairOfTexts
from model_build.evaluation.result import EvaluationResult, Measurement, Share, SystemSize
from model_build.export.byte_table import ByteRow
from model_build.report.contents import CurvePoint, ParityRow, Report, SensitivityRow, StageTime, VocabularyRow


def measured(system: str, task: str, value: float) -> Measurement:
    return Measurement(system, task, "NDCG@10", value, value - 0.01, value + 0.01, 1605, "queries", headline=True)


EVALUATION = EvaluationResult(
    systems=(
        SystemSize("student", Role.ARTIFACT, 1_880_000, "artifact a"),
        SystemSize("student fp32", Role.FP32, 7_400_000),
        SystemSize("teacher", Role.TEACHER, 91_000_000),
        SystemSize("BM25", Role.BASELINE, 0),
    ),
    tasks=("msrd", "stsb"),
    measurements=(
        measured("student", "msrd", 0.812),
        measured("student fp32", "msrd", 0.814),
        measured("teacher", "msrd", 0.858),
        measured("BM25", "msrd", 0.775),
        measured("student", "stsb", 0.76),
        measured("student fp32", "stsb", 0.762),
        measured("teacher", "stsb", 0.82),
    ),
    seed=0,
    limit=None,
    shares=(
        Share("student", "teacher", "msrd", 0.812 / 0.858, 0.931, 0.962),
        Share("student", "student fp32", "msrd", 0.812 / 0.814, 0.99, 1.004),
    ),
)

REPORT = Report(
    name="edge <student>",
    recipe='[student]\nname = "a & b"\n',
    device_bytes=1_880_000,
    byte_budget=1_910_000,
    bytes=(ByteRow("embeddings", "int8 per row", 1_200_000, 1_204_800), ByteRow("vocab.txt", "text", 0, 70_123)),
    vocabulary=(
        VocabularyRow("attention", 9600, 1.2345, 0.0, 0.812),
        VocabularyRow("frequency", 9600, 1.2401, 0.0001, 0.809),
    ),
    curve=(CurvePoint(100, {"loss": 1.5}), CurvePoint(200, {"loss": 1.1, "stsb dev": 0.7, "msrd": 0.6})),
    sensitivity=(SensitivityRow("embeddings", "int8", 0.7612, -0.0013), SensitivityRow("head", "int8", 0.763, 0.0005)),
    parity=(
        ParityRow("ONNX fp32 against torch", 1.2e-6, 0.99999, 0.9999, passed=True),
        ParityRow("int8 against fp32", 3.4e-2, 0.98, 0.995, passed=False),
    ),
    stages=(StageTime("corpus", 45.2), StageTime("distillation", 4000.0)),
    evaluation=EVALUATION,
    agreement=Agreement(
        texts=2000,
        shared_neighbours=0.583,
        near_correlation=0.571,
        random_correlation=0.842,
        closer=(PairOfTexts("a | b <i>", "red *shoes*\tand blue", 0.21, 0.78),),
        farther=(PairOfTexts("long " * 60, "a tea pot", 0.8, 0.3),),
    ),
    coverage=tuple(
        VocabularyRow(method, size, 1.3, 0.0, size / 12_000)
        for method in ("attention", "frequency")
        for size in (5000, 9600)
    ),
)
