"""The contents of a report. Every part but name, recipe and bytes may be empty; empty parts are not shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from model_build.evaluation.agreement import Agreement
from model_build.evaluation.result import EvaluationResult
from model_build.export.byte_table import ByteRow


@dataclass(frozen=True)
class VocabularyRow:
    """A method of choosing the vocabulary, such as `attention`, measured on held-out texts.

    `unknown_rate` is the share of tokens that are `[UNK]`, and `coverage` that of words that are a single token.
    """

    method: str
    size: int
    pieces_per_word: float
    unknown_rate: float
    coverage: float


@dataclass(frozen=True)
class SensitivityRow:
    """The validation metric with one module quantized alone, and its change, negative for a loss."""

    module: str
    scheme: str
    figure: float
    change: float


@dataclass(frozen=True)
class CurvePoint:
    """Losses and validation metrics, by name, after a number of steps."""

    step: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class ParityRow:
    """The agreement of two forms of the model on the same texts, such as `ONNX fp32 against torch`.

    The rank correlation is Spearman's, of the cosines between texts; below the threshold the build stops.
    """

    name: str
    maximum_difference: float
    rank_correlation: float
    threshold: float
    passed: bool


@dataclass(frozen=True)
class StageTime:
    """Duration of a stage in seconds."""

    stage: str
    seconds: float


@dataclass(frozen=True)
class Report:
    """The report of a build.

    Attributes:
        recipe: as it was used, in JSON.
        bytes: the device bytes by part.
        vocabulary: the built vocabulary, then those of other methods.
        curve: the learning curve, by ascending step.
        sensitivity: of quantization, by module.
        parity: gates of the export.
        stages: their durations.
        agreement: with the teacher, on held-out texts.
        coverage: vocabularies of other sizes, by method and ascending size.
    """

    name: str
    recipe: str
    device_bytes: int
    byte_budget: int
    bytes: tuple[ByteRow, ...] = ()
    vocabulary: tuple[VocabularyRow, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    sensitivity: tuple[SensitivityRow, ...] = ()
    parity: tuple[ParityRow, ...] = ()
    stages: tuple[StageTime, ...] = ()
    evaluation: EvaluationResult | None = None
    agreement: Agreement | None = None
    coverage: tuple[VocabularyRow, ...] = ()
