"""Low-rank adapters of a released encoder: what a pack adds to the backbone that all packs share.

A linear layer `x W` becomes `x W + (x A) B`, with A `[in, rank]` and B `[rank, out]` (LoRA: Hu et al., arXiv
2106.09685). The backbone's weights stay as they are released. A group of layers with the same input, such as queries,
keys and values, has one adapter, as it is one matrix in the graph.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call
from typing_extensions import override  # the standard library has it from Python 3.12 on

from model_build.quantization.rounding import FakeQuantization, Format, quantize
from model_build.student.fuse import DeviceStudent
from model_build.student.pair_features import pair_features
from model_build.tasks.rows import Tokens, sides
from model_build.tasks.student import Learner, adapter_between
from service.heads.adapters import QuantizedAdapter


class Adapter(nn.Module):
    """The adapter of a group of layers: A starts at random and B at 0, so that the layers start unchanged."""

    def __init__(self, inputs: int, outputs: int, rank: int) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.randn(inputs, rank) / inputs**0.5)
        self.up = nn.Parameter(torch.zeros(rank, outputs))
        self._round = FakeQuantization(Format.INT8)
        self.rounds = False

    def forward(self) -> Tensor:
        """What is added to the group's matrix: `[in, out]`."""
        down, up = self.rounded() if self.rounds else (self.down, self.up)
        return down @ up

    def rounded(self) -> tuple[Tensor, Tensor]:
        """A and B as a pack stores them: int8, with a scale for each column of A and each row of B."""
        return self._round(self.down.T).T, self._round(self.up)


class AdaptedEncoder(nn.Module):
    """A released encoder with adapters: tokens -> unit vectors.

    Attributes:
        backbone: the encoder, frozen.
        groups: names of the layers of each group, in the order of the graph.
        adapters: one for each group.
    """

    def __init__(self, backbone: DeviceStudent, rank: int) -> None:
        super().__init__()
        self.backbone = backbone.requires_grad_(requires_grad=False)
        self.groups = layer_groups(backbone)
        self.adapters = nn.ModuleList(
            Adapter(layers[0].in_features, sum(layer.out_features for layer in layers), rank)
            for layers in (self._layers(group) for group in self.groups)
        )

    def forward(self, tokens: Tokens) -> Tensor:
        """Compute unit vectors `[batch, dimension]`."""
        vectors: Tensor = functional_call(self.backbone, dict(self._adapted()), (tokens.ids, tokens.mask))
        return vectors

    def _adapted(self) -> Iterator[tuple[str, Tensor]]:
        for names, adapter in zip(self.groups, self.adapters, strict=True):
            layers = self._layers(names)
            parts = adapter().split([layer.out_features for layer in layers], dim=1)
            for name, layer, part in zip(names, layers, parts, strict=True):
                yield f"{name}.weight", layer.weight + part.T

    def _layers(self, names: Sequence[str]) -> list[nn.Linear]:
        return [self.backbone.get_submodule(name) for name in names]  # type: ignore[misc]


class PackStudent(Learner):
    """A classifier on an adapted encoder: of its vector of a text; of pairs, of the features of both texts' vectors.

    Each text of a pair is read by itself: the backbone has learned to read texts, and low-rank adapters do not teach it
    to read two at once.

    Attributes:
        encoder: tokens -> unit vectors.
    """

    def __init__(self, encoder: AdaptedEncoder, classifier: nn.Linear, *, pairs: bool) -> None:
        super().__init__()
        self.encoder, self.classifier, self._pairs = encoder, classifier, pairs
        self.adapter = adapter_between(self.width, classifier)

    @property
    @override
    def width(self) -> int:
        return pack_width(self.encoder.backbone, pairs=self._pairs)

    @override
    def pooled(self, tokens: Tokens) -> Tensor:
        if self._pairs:
            left, right = (self.encoder(side).float() for side in sides(tokens))
            return pair_features(left, right)
        vectors: Tensor = self.encoder(tokens)
        return vectors.float()

    def start_rounding(self) -> None:
        """Round the adapters in every forward pass from now on."""
        for adapter in self.encoder.adapters:
            adapter.rounds = True  # type: ignore[assignment]


def pack_width(backbone: DeviceStudent, *, pairs: bool) -> int:
    """Number of features that a pack's classifier reads."""
    return backbone.head.out_features * (2 if pairs else 1)


def layer_groups(backbone: DeviceStudent) -> tuple[tuple[str, ...], ...]:
    """Name the linear layers of an encoder, those with the same input together, in the order of its graph."""
    first = [("encoder.embeddings_project",)] if hasattr(backbone.encoder, "embeddings_project") else []
    layers = []
    for number in range(backbone.encoder.config.num_hidden_layers):
        place = f"encoder.encoder.layer.{number}"
        layers += [
            tuple(f"{place}.attention.self.{part}" for part in ("query", "key", "value")),
            (f"{place}.attention.output.dense",),
            (f"{place}.intermediate.dense",),
            (f"{place}.output.dense",),
        ]
    return (*first, *layers, ("head",))


def stored(adapter: Adapter) -> QuantizedAdapter:
    """An adapter as a pack stores it."""
    down, up = quantize(adapter.down.T, Format.INT8), quantize(adapter.up, Format.INT8)
    return QuantizedAdapter(
        down=np.ascontiguousarray(down.values.T),
        up=up.values,
        down_scales=down.scales[:, 0].astype(np.float32),
        up_scales=up.scales[:, 0].astype(np.float32),
    )
