"""Module-wise quantization: each module's matrices by their own scheme.

- `int8`: signed bytes, one scale a row;
- `int8-tensor`: signed bytes, one scale a matrix: a little smaller, as coarse converters do it;
- `int4`: half a byte. The token table has one scale a row, and the rest of the embeddings (projection and positions)
  stays int8; linear layers have a scale for 32 columns of a row;
- `float32`: unquantized.

Biases and layer norms stay float32: they are 0.3% of the bytes. Activations stay float32 too, which keeps the vectors
close to the fp32 model's.
"""

import copy
from collections.abc import Mapping
from typing import TypeVar

from torch import nn
from torch.nn.utils import parametrize

from model_build.quantization.rounding import FakeQuantization, Format, stored_bytes
from model_build.recipe import QuantizationRecipe
from service.artifact.artifact import ModuleScheme

Device = TypeVar("Device", bound=nn.Module)

MODULES = ("embeddings", "attention", "feed_forward", "head")
_HEADS = ("head", "pooling.comparison")
_FORMATS = {
    "int8": Format.INT8,
    "int8-tensor": Format.INT8_TENSOR,
    "int4": Format.INT4_GROUPED,
    "float32": Format.FLOAT32,
}


def schemes_of(recipe: QuantizationRecipe) -> dict[str, str]:
    """Return the scheme of each module."""
    return {module: getattr(recipe, module) for module in MODULES}


def format_of(name: str, scheme: str) -> Format:
    """Return the format of the layer of this name under its module's scheme."""
    if scheme == "int4" and "embeddings" in name:
        return Format.INT4 if name.endswith("word_embeddings") else Format.INT8
    return _FORMATS[scheme]


def scheme_of(described: str) -> str:
    """Return the scheme of a module that a manifest describes, as `module_schemes` does.

    Raises:
        ValueError: no scheme is described so.
    """
    form = Format(described.split("; rest ", maxsplit=1)[0])
    names = {form: name for name, form in _FORMATS.items()} | {Format.INT4: "int4"}
    return names[form]


def matrices(student: nn.Module) -> dict[str, list[tuple[str, nn.Module]]]:
    """List the layers that hold a matrix, by module.

    Args:
        student: a `DeviceStudent`; of a `Student` only the encoder, since its other two matrices become one head.
    """
    found: dict[str, list[tuple[str, nn.Module]]] = {module: [] for module in MODULES}
    for name, layer in student.named_modules():
        kept = name in _HEADS or (name.startswith("encoder.") and not name.endswith("token_type_embeddings"))
        if kept and isinstance(layer, nn.Linear | nn.Embedding):
            found[_module_of(name)].append((name, layer))
    return found


def module_schemes(device: nn.Module, schemes: Mapping[str, str]) -> dict[str, ModuleScheme]:
    """Describe each module's scheme and bytes, and what stays float32, for the manifest."""
    table: dict[str, ModuleScheme] = {}
    for module, layers in matrices(device).items():
        formats = [format_of(name, schemes[module]) for name, _ in layers]
        weights = [layer.get_parameter("weight") for _, layer in layers]
        table[module] = ModuleScheme(
            scheme="; rest ".join(dict.fromkeys(formats)),
            parameters=sum(weight.numel() for weight in weights),
            bytes=sum(stored_bytes(weight.shape, form) for weight, form in zip(weights, formats, strict=True)),
        )
    rest = sum(parameter.numel() for parameter in device.parameters() if parameter.ndim == 1)
    table["biases, norms"] = ModuleScheme(scheme="float32", parameters=rest, bytes=4 * rest)
    return table


def quantized(student: Device, schemes: Mapping[str, str]) -> Device:
    """Return a copy of the device's student whose matrices hold their quantized values."""
    copied = copy.deepcopy(student)
    start_fake_quantization(copied, schemes)
    stop_fake_quantization(copied, keep_quantized=True)
    return copied.eval()


def start_fake_quantization(student: nn.Module, schemes: Mapping[str, str]) -> None:
    """Quantize the matrices in every forward pass from now on; optimisers keep their parameters."""
    for module, layers in matrices(student).items():
        for name, layer in layers:
            form = format_of(name, schemes[module])
            if form is not Format.FLOAT32:
                parametrize.register_parametrization(layer, "weight", FakeQuantization(form))


def stop_fake_quantization(student: nn.Module, *, keep_quantized: bool) -> None:
    """Undo `start_fake_quantization`; the matrices keep their quantized values, or those of the parameters."""
    for layers in matrices(student).values():
        for _, layer in layers:
            if parametrize.is_parametrized(layer, "weight"):
                parametrize.remove_parametrizations(layer, "weight", leave_parametrized=keep_quantized)


def _module_of(name: str) -> str:
    if "embeddings" in name:
        return "embeddings"
    if ".attention." in name:
        return "attention"
    return "head" if name in _HEADS else "feed_forward"
