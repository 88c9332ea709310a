"""What a report tells. Every part but the name and the recipe may be empty; an empty part is left out."""

from collections.abc import Mapping
from dataclasses import dataclass

from model_build.evaluation.agreement import Agreement
from model_build.evaluation.result import EvaluationResult
from model_build.export.byte_table import ByteRow


@dataclass(frozen=True)
class VocabularyRow:
    """A way of choosing the vocabulary, measured on held-out texts.

    Attributes:
        method: for example `attention` or `frequency`.
        size: pieces.
        pieces_per_word: mean number of pieces of a word.
        unknown_rate: share of the pieces that are `[UNK]`, from 0 to 1.
        coverage: share of the words that are one piece, from 0 to 1.
    """

    method: str
    size: int
    pieces_per_word: float
    unknown_rate: float
    coverage: float


@dataclass(frozen=True)
class SensitivityRow:
    """What quantizing one module alone costs.

    Attributes:
        module: the only module that is quantized.
        scheme: how.
        figure: the validation figure with it quantized.
        change: that figure less the figure of the unquantized model; negative is a loss.
    """

    module: str
    scheme: str
    figure: float
    change: float


@dataclass(frozen=True)
class CurvePoint:
    """Losses and validation figures, by name, after a number of steps."""

    step: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class ParityRow:
    """How far two forms of the model agree on the same texts.

    Attributes:
        name: the two forms, for example `ONNX fp32 against torch`.
        maximum_difference: the largest difference of a vector's component.
        rank_correlation: Spearman's, of the cosines between texts.
        threshold: the rank correlation below which the build stops.
        passed: whether the gate was passed.
    """

    name: str
    maximum_difference: float
    rank_correlation: float
    threshold: float
    passed: bool


@dataclass(frozen=True)
class StageTime:
    """How long a stage took, in seconds."""

    stage: str
    seconds: float


@dataclass(frozen=True)
class Report:
    """A build.

    Attributes:
        name: the model's name.
        recipe: the recipe as it was used, in JSON.
        device_bytes: every file that the device needs.
        byte_budget: the most they may take.
        bytes: where they go.
        vocabulary: the vocabulary as it is, and as other methods would have chosen it.
        curve: training, in the order of the steps.
        sensitivity: quantization, module by module.
        parity: gates of the export.
        stages: times.
        evaluation: quality on the benchmark, if it was measured.
        agreement: with the teacher, on held-out texts.
        coverage: vocabularies of other sizes, for each method the sizes ascending.
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
