"""The cost of quantization: cosines of quantized and fp32 vectors, module by module."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from model_build.common.batching import embed_rows
from model_build.quantization.schemes import MODULES, module_bytes, quantized, schemes_of, vector_parameters
from model_build.recipe import QuantizationRecipe
from model_build.student.fuse import DeviceStudent


@dataclass(frozen=True)
class Sensitivity:
    """The cost of quantizing one module alone.

    Attributes:
        module: its name, or `all`.
        scheme: of the module, or `as recipe`.
        mean_cosine, least_cosine: of quantized and fp32 vectors, on held-out texts.
    """

    module: str
    scheme: str
    mean_cosine: float
    least_cosine: float


@dataclass(frozen=True)
class Trial:
    """One way to quantize a whole student.

    Attributes:
        name: of the trial.
        bytes: of all weights.
        mean_cosine, least_cosine: of quantized and fp32 vectors, on held-out texts.
        metrics: further ones, by name.
    """

    name: str
    bytes: int
    mean_cosine: float
    least_cosine: float
    metrics: Mapping[str, float]


def measure_sensitivity(
    student: DeviceStudent, recipe: QuantizationRecipe, rows: Sequence[Sequence[int]]
) -> list[Sensitivity]:
    """Quantize each module alone, then all together, and compare the vectors with fp32's."""
    schemes = schemes_of(recipe)
    full = dict.fromkeys(MODULES, "float32")
    alone = {module: full | {module: schemes[module]} for module in MODULES}
    return [
        Sensitivity(trial.name, schemes.get(trial.name, "as recipe"), trial.mean_cosine, trial.least_cosine)
        for trial in compare_schemes(student, alone | {"all": schemes}, rows)
    ]


def compare_schemes(
    student: DeviceStudent,
    trials: Mapping[str, Mapping[str, str]],
    rows: Sequence[Sequence[int]],
    measure: Callable[[DeviceStudent], Mapping[str, float]] = lambda _: {},
) -> list[Trial]:
    """Measure bytes and vectors of a student under several schemes.

    Args:
        student: fp32; stays unchanged.
        trials: scheme by module, by the name of the trial.
        rows: token ids of held-out texts.
        measure: further metrics of a quantized student.
    """
    reference = embed_rows(student, rows)
    unquantized = 4 * vector_parameters(student)
    table = []
    for name, schemes in trials.items():
        made = quantized(student, schemes)
        cosines = (embed_rows(made, rows) * reference).sum(1)
        table.append(
            Trial(
                name,
                bytes=sum(module_bytes(student, schemes).values()) + unquantized,
                mean_cosine=float(cosines.mean()),
                least_cosine=float(cosines.min()),
                metrics=dict(measure(made)),
            )
        )
    return table
