"""`[vocabulary]`: hard token pruning."""

from typing import Annotated, Literal

from pydantic import Field

from model_build.recipe.base import Positive, Section

MIN_VOCABULARY = 300  # tokens


class VocabularyRecipe(Section):
    """Hard token pruning.

    Attributes:
        size: tokens that are kept.
        importance: `attention` keeps the tokens that receive most attention in the teacher, `frequency` the commonest.
        sample_texts: texts over which importance is summed.
    """

    size: Annotated[int, Field(ge=MIN_VOCABULARY, strict=True)]
    importance: Literal["attention", "frequency"] = "attention"
    sample_texts: Positive = 40_000
