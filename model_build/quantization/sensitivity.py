"""The cost of quantization: cosines of quantized and fp32 vectors, module by module."""

from collections.abc import Sequence
from dataclasses import dataclass

from model_build.common.batching import embed_rows
from model_build.quantization.schemes import MODULES, quantized, schemes_of
from model_build.recipe import QuantizationRecipe
from model_build.student.fuse import DeviceStudent


@dataclass(frozen=True)
class Sensitivity:
    """The cost of quantizing one module alone, or `all` as the recipe does: cosines with fp32's vectors."""

    module: str
    scheme: str
    mean_cosine: float
    least_cosine: float


def measure_sensitivity(
    student: DeviceStudent, recipe: QuantizationRecipe, rows: Sequence[Sequence[int]]
) -> list[Sensitivity]:
    """Quantize each module alone, then all together, and compare the vectors with fp32's."""
    schemes, reference = schemes_of(recipe), embed_rows(student, rows)
    full = dict.fromkeys(MODULES, "float32")
    alone = {module: full | {module: schemes[module]} for module in MODULES}
    table = []
    for name, tried in (alone | {"all": schemes}).items():
        cosines = (embed_rows(quantized(student, tried), rows) * reference).sum(1)
        scheme = schemes.get(name, "as recipe")
        table.append(Sensitivity(name, scheme, float(cosines.mean()), float(cosines.min())))
    return table
