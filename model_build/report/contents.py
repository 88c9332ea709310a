"""The contents of a report. Every part but name, recipe and bytes may be empty; empty parts are not shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from model_build.evaluation.agreement import Agreement
from model_build.evaluation.result import EvaluationResult
from model_build.export.byte_table import ByteRow


@dataclass(frozen=True)
class VocabularyRow:
    """A method of choosing the vocabulary, measured on held-out texts.

    Attributes:
        method: for example `attention` or `frequency`.
        size: number of tokens.
        pieces_per_word: mean number of tokens per word.
        unknown_rate: share of tokens that are `[UNK]`, from 0 to 1.
        coverage: share of words that are a single token, from 0 to 1.
    """

    method: str
    size: int
    pieces_per_word: float
    unknown_rate: float
    coverage: float


@dataclass(frozen=True)
class SensitivityRow:
    """The cost of quantizing one module alone.

    Attributes:
        module: the only module that is quantized.
        scheme: its quantization.
        figure: the validation metric with it quantized.
        change: difference to the metric of the unquantized model; negative is a loss.
    """

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
    """The agreement of two forms of the model on the same texts.

    Attributes:
        name: the two forms, for example `ONNX fp32 against torch`.
        maximum_difference: largest absolute difference between components of the vectors.
        rank_correlation: Spearman's, of the cosines between texts.
        threshold: minimal rank correlation; below it the build stops.
        passed: whether the gate was passed.
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
        name: the model's name.
        recipe: the recipe as it was used, in JSON.
        device_bytes: total size of the files that the device needs.
        byte_budget: maximal device bytes.
        bytes: the same by part.
        vocabulary: the built vocabulary, then those of other methods.
        curve: the learning curve, by ascending step.
        sensitivity: of quantization, by module.
        parity: gates of the export.
        stages: their durations.
        evaluation: on the benchmark, if measured.
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
