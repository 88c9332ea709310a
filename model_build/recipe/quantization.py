"""`[quantization]`: the scheme of each module."""

from model_build.recipe.base import Scheme, Section


class QuantizationRecipe(Section):
    """The scheme of each module (see `quantization.schemes`).

    Attributes:
        embeddings, attention, feed_forward, head: the scheme of this module: `int8` (a scale per row), `int8-tensor`
            (one scale), `int4` or `float32`.
    """

    embeddings: Scheme = "int8"
    attention: Scheme = "int8"
    feed_forward: Scheme = "int8"
    head: Scheme = "int8"
