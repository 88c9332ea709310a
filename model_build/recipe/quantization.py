"""`[quantization]`: the scheme of each module."""

from model_build.recipe.base import Scheme, Section


class QuantizationRecipe(Section):
    """The scheme of each module (see `quantization.schemes`)."""

    embeddings: Scheme = "int8"
    attention: Scheme = "int8"
    feed_forward: Scheme = "int8"
    head: Scheme = "int8"
