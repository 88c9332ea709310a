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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils import parametrize

from model_build.batches import BatchStream
from model_build.formats import FakeQuantization, Format, stored_bytes
from model_build.fusion import DeviceStudent
from model_build.journal import Journal
from model_build.losses import distribution_loss, neighbour_cosines, representation_loss
from model_build.recipe import QuantizationRecipe
from model_build.student import PAD_ID, embed
from model_build.teacher import pad

MODULES = ("embeddings", "attention", "feed_forward", "head")
_TEMPERATURE = 0.05


@dataclass(frozen=True)
class Sensitivity:
    """What quantizing one module alone costs.

    Attributes:
        module: its name, or `all`.
        scheme: how it was quantized.
        mean_cosine, least_cosine: of the quantized model's vectors with fp32's, on held-out texts.
    """

    module: str
    scheme: str
    mean_cosine: float
    least_cosine: float


def matrices(student: DeviceStudent) -> dict[str, list[tuple[str, nn.Module]]]:
    """The layers that hold a matrix, by the module that they belong to."""
    found: dict[str, list[tuple[str, nn.Module]]] = {module: [] for module in MODULES}
    for name, layer in student.named_modules():
        if isinstance(layer, nn.Linear | nn.Embedding) and not name.endswith("token_type_embeddings"):
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
    for module, layers in matrices(simulated).items():
        for name, layer in layers:
            form = format_of(name, schemes[module])
            if form is not Format.FLOAT32:
                parametrize.register_parametrization(layer, "weight", FakeQuantization(form))
    return simulated


def measure_sensitivity(
    student: DeviceStudent, recipe: QuantizationRecipe, rows: Sequence[Sequence[int]]
) -> list[Sensitivity]:
    """Quantize each module alone, then all together, and compare the vectors with fp32's."""
    reference = embed(student, rows)
    schemes = schemes_of(recipe)
    full = dict.fromkeys(MODULES, "float32")
    trials = [(module, full | {module: schemes[module]}) for module in MODULES] + [("all", schemes)]
    table = []
    for name, trial in trials:
        cosines = (embed(simulate(student, trial), rows) * reference).sum(1)
        table.append(Sensitivity(name, schemes.get(name, "as recipe"), float(cosines.mean()), float(cosines.min())))
    return table


def tune(
    student: DeviceStudent,
    recipe: QuantizationRecipe,
    rows: Sequence[Sequence[int]],
    *,
    batch_texts: int,
    seed: int,
    journal: Journal,
) -> DeviceStudent:
    """Quantization-aware tuning: the rounded student learns to give the fp32 student's vectors.

    Returns:
        A student whose fp32 matrices lie where their formats can hold them.
    """
    simulated = simulate(student, schemes_of(recipe))
    optimizer = torch.optim.Adam(simulated.parameters(), lr=recipe.tuning_rate)
    stream = BatchStream([len(row) for row in rows], batch_texts, seed + 2)
    with journal.bar("quantization-aware tuning", recipe.tuning_steps) as bar:
        for step in range(recipe.tuning_steps):
            ids, mask = pad([rows[place] for place in stream.at(step)], PAD_ID)
            with torch.no_grad():
                guide = student(ids, mask)
            ours = simulated(ids, mask)
            loss = representation_loss(ours, guide) + distribution_loss(
                neighbour_cosines(ours), neighbour_cosines(guide), _TEMPERATURE
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            bar.advance(note=f"loss {loss.item():.4f}")
    return _bake(simulated)


def schemes_of(recipe: QuantizationRecipe) -> dict[str, str]:
    """The scheme of each module."""
    return {
        "embeddings": recipe.embeddings,
        "attention": recipe.attention,
        "feed_forward": recipe.feed_forward,
        "head": recipe.head,
    }


def _bake(simulated: DeviceStudent) -> DeviceStudent:
    for layers in matrices(simulated).values():
        for _, layer in layers:
            if parametrize.is_parametrized(layer, "weight"):
                parametrize.remove_parametrizations(layer, "weight", leave_parametrized=True)
    return simulated.eval()


def _module_of(name: str) -> str:
    if "embeddings" in name:
        return "embeddings"
    if ".attention." in name:
        return "attention"
    return "head" if name == "head" else "feed_forward"
