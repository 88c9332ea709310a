"""Module-wise quantization: each module's matrices by their own scheme.

- `int8`: signed bytes, one scale a row;
- `int8-tensor`: signed bytes, one scale a matrix: a little smaller, and what coarse converters do;
- `int4`: half a byte. The token table has one scale a row, and what else belongs to the embeddings (projection and
  positions) stays int8; linear layers have a scale for 32 columns of a row;
- `float32`: as it is.

Biases and layer norms stay float32: they are 0.3% of the bytes. Activations stay float32 too, which keeps the vectors
close to the fp32 model's.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import nn
from torch.nn.utils import parametrize

from model_build.quantization.formats import FakeQuantization, Format, stored_bytes
from model_build.recipe import QuantizationRecipe
from model_build.student.fuse import DeviceStudent
from model_build.student.model import embed

MODULES = ("embeddings", "attention", "feed_forward", "head")


@dataclass(frozen=True)
class Sensitivity:
    """What quantizing one module alone costs.

    Attributes:
        module: its name, or `all`, or `all, tuned` after quantization-aware tuning.
        scheme: how it was quantized.
        mean_cosine, least_cosine: of the quantized model's vectors with fp32's, on held-out texts.
    """

    module: str
    scheme: str
    mean_cosine: float
    least_cosine: float


@dataclass(frozen=True)
class Trial:
    """A way to quantize a whole student.

    Attributes:
        name: of the trial.
        bytes: what all weights take.
        mean_cosine, least_cosine: of the quantized model's vectors with fp32's, on held-out texts.
        figures: what else was measured, by name.
    """

    name: str
    bytes: int
    mean_cosine: float
    least_cosine: float
    figures: Mapping[str, float]


def matrices(student: nn.Module) -> dict[str, list[tuple[str, nn.Module]]]:
    """The layers that hold a matrix, by the module that they belong to.

    Args:
        student: a `DeviceStudent`; of a `Student`, the encoder's alone, because its other two become one head.
    """
    found: dict[str, list[tuple[str, nn.Module]]] = {module: [] for module in MODULES}
    for name, layer in student.named_modules():
        held = name == "head" or (name.startswith("encoder.") and not name.endswith("token_type_embeddings"))
        if held and isinstance(layer, nn.Linear | nn.Embedding):
            found[_module_of(name)].append((name, layer))
    return found


def format_of(name: str, scheme: str) -> Format:
    """How a scheme of its module holds the layer of this name."""
    if scheme == "int4" and "embeddings" in name:
        return Format.INT4 if name.endswith("word_embeddings") else Format.INT8
    return {
        "int8": Format.INT8,
        "int8-tensor": Format.INT8_TENSOR,
        "int4": Format.INT4_GROUPED,
        "float32": Format.FLOAT32,
    }[scheme]


def module_bytes(student: DeviceStudent, schemes: Mapping[str, str]) -> dict[str, int]:
    """What each module's matrices take, scales included."""
    return {
        module: sum(
            stored_bytes(layer.get_parameter("weight").shape, format_of(name, schemes[module]))
            for name, layer in layers
        )
        for module, layers in matrices(student).items()
    }


def vector_parameters(student: DeviceStudent) -> int:
    """How many numbers no scheme rounds: biases and layer norms."""
    return sum(parameter.numel() for parameter in student.parameters() if parameter.ndim == 1)


def simulate(student: DeviceStudent, schemes: Mapping[str, str]) -> DeviceStudent:
    """A copy of the student that rounds its matrices as the schemes would."""
    simulated = copy.deepcopy(student)
    start_rounding(simulated, schemes)
    return simulated


def start_rounding(student: nn.Module, schemes: Mapping[str, str]) -> None:
    """Round the matrices in every forward pass from now on, as the schemes would; optimisers keep their parameters."""
    for module, layers in matrices(student).items():
        for name, layer in layers:
            form = format_of(name, schemes[module])
            if form is not Format.FLOAT32:
                parametrize.register_parametrization(layer, "weight", FakeQuantization(form))


def stop_rounding(student: nn.Module, *, keep_rounded: bool) -> None:
    """End what `start_rounding` began; the matrices stay rounded, or are what they were rounded from."""
    for layers in matrices(student).values():
        for _, layer in layers:
            if parametrize.is_parametrized(layer, "weight"):
                parametrize.remove_parametrizations(layer, "weight", leave_parametrized=keep_rounded)


def bake(simulated: DeviceStudent) -> DeviceStudent:
    """Keep the rounded matrices in place of those that they were rounded from; changes in place."""
    stop_rounding(simulated, keep_rounded=True)
    return simulated.eval()


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


def measure_tuned(
    tuned: DeviceStudent, student: DeviceStudent, recipe: QuantizationRecipe, rows: Sequence[Sequence[int]]
) -> Sensitivity:
    """Compare the vectors of a tuned and quantized student with those of the fp32 student that it was."""
    cosines = (embed(bake(simulate(tuned, schemes_of(recipe))), rows) * embed(student, rows)).sum(1)
    return Sensitivity("all, tuned", "as recipe", float(cosines.mean()), float(cosines.min()))


def compare_schemes(
    student: DeviceStudent,
    trials: Mapping[str, Mapping[str, str]],
    rows: Sequence[Sequence[int]],
    measure: Callable[[DeviceStudent], Mapping[str, float]] = lambda _: {},
) -> list[Trial]:
    """What quantizing a trained student costs, and saves, without tuning.

    Args:
        student: fp32; stays as it is.
        trials: scheme by module, by the name of the trial.
        rows: token ids of held-out texts, to compare vectors on.
        measure: gives further figures of a quantized student.
    """
    reference = embed(student, rows)
    unrounded = 4 * vector_parameters(student)
    table = []
    for name, schemes in trials.items():
        quantized = bake(simulate(student, schemes))
        cosines = (embed(quantized, rows) * reference).sum(1)
        table.append(
            Trial(
                name,
                bytes=sum(module_bytes(student, schemes).values()) + unrounded,
                mean_cosine=float(cosines.mean()),
                least_cosine=float(cosines.min()),
                figures=dict(measure(quantized)),
            )
        )
    return table


def schemes_of(recipe: QuantizationRecipe) -> dict[str, str]:
    """The scheme of each module."""
    return {
        "embeddings": recipe.embeddings,
        "attention": recipe.attention,
        "feed_forward": recipe.feed_forward,
        "head": recipe.head,
    }


def _module_of(name: str) -> str:
    if "embeddings" in name:
        return "embeddings"
    if ".attention." in name:
        return "attention"
    return "head" if name == "head" else "feed_forward"
