"""Module-wise quantization: each module's matrices by their own scheme.

`int8` stores a matrix as signed bytes with one scale a row (a row is a token of an embedding table, an output channel
of a linear layer), symmetric, so that a value is `byte * scale`. Biases, layer norms and position embeddings stay
float32: they are 1% of the bytes. Activations stay float32 too, which keeps the vectors close to the fp32 model's.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils import parametrize

from model_build.batches import BatchStream
from model_build.fusion import DeviceStudent
from model_build.journal import Journal
from model_build.losses import distribution_loss, neighbour_cosines, representation_loss
from model_build.recipe import QuantizationRecipe
from model_build.student import PAD_ID, embed
from model_build.teacher import pad

MODULES = ("embeddings", "attention", "feed_forward", "head")
_LEVELS = 127
_TEMPERATURE = 0.05


@dataclass(frozen=True)
class Quantized:
    """A matrix in int8.

    Attributes:
        values: int8 `[rows, columns]`.
        scales: float32 `[rows]`.
    """

    values: NDArray[np.int8]
    scales: NDArray[np.float32]


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
        if isinstance(layer, nn.Linear) or (isinstance(layer, nn.Embedding) and name.endswith("word_embeddings")):
            found[_module_of(name)].append((name, layer))
    return found


def quantize(weight: Tensor) -> Quantized:
    """Round a matrix to int8, one scale a row: the row's greatest magnitude is 127."""
    values = weight.detach().numpy().astype(np.float32)
    scales = _scales(weight.detach()).numpy()
    rounded = np.clip(np.rint(values / scales[:, None]), -_LEVELS, _LEVELS).astype(np.int8)
    return Quantized(rounded, scales.astype(np.float32))


class FakeQuantization(nn.Module):
    """Rounds a matrix in the forward pass and passes the gradient through (Bengio et al., arXiv 1308.3432)."""

    def forward(self, weight: Tensor) -> Tensor:
        """The matrix as int8 would give it back."""
        scales = _scales(weight.detach()).unsqueeze(1)
        rounded = (weight / scales).round().clamp(-_LEVELS, _LEVELS) * scales
        return weight + (rounded - weight).detach()


def simulate(student: DeviceStudent, schemes: Mapping[str, str]) -> DeviceStudent:
    """A copy of the student whose int8 modules round their matrices."""
    simulated = copy.deepcopy(student)
    for module, layers in matrices(simulated).items():
        if schemes[module] == "int8":
            for _, layer in layers:
                parametrize.register_parametrization(layer, "weight", FakeQuantization())
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
        A student whose fp32 matrices lie where int8 can hold them.
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


def _scales(weight: Tensor) -> Tensor:
    return weight.abs().amax(dim=1).clamp(min=1e-12) / _LEVELS


def _module_of(name: str) -> str:
    if "embeddings" in name:
        return "embeddings"
    if ".attention." in name:
        return "attention"
    return "head" if name == "head" else "feed_forward"
