"""`[student]`: the student's shape and how it is initialised."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from model_build.recipe.base import Count, Positive, Rate, Section


class StudentRecipe(Section):
    """The student's shape, in ELECTRA's terms (BERT with factorised embeddings), and its masked-token pre-training.

    Attributes:
        layers: transformer layers.
        hidden_size: width of the layers; a multiple of `attention_heads`.
        embedding_size: numbers of a token in the token table.
        intermediate_size: width inside the feed-forward part of a layer.
        attention_heads: heads of a layer.
        max_length: most tokens of a text that the student reads in training, special tokens included.
        pooling: `mean` of the tokens' hidden states, or `weighted` mean with learned weights (see `student.pooling`).
        pooled_states: pool the `last` layer's states only, or with `first-last` the embedding layer's beside them.
        init_from: folder of an artifact whose weights and vocabulary the student starts from; it must have the shape
            given here. Without it, the student starts from the teacher's token embeddings.
        pretraining_steps: steps of masked-token pre-training; 0 leaves it out.
        pretraining_learning_rate: peak; linear warm-up and decay.
    """

    layers: Positive
    hidden_size: Positive
    embedding_size: Positive
    intermediate_size: Positive
    attention_heads: Positive
    max_length: Annotated[int, Field(ge=8, le=512, strict=True)] = 64
    pooling: Literal["mean", "weighted"] = "mean"
    pooled_states: Literal["last", "first-last"] = "last"
    init_from: str | None = None
    pretraining_steps: Count = 0
    pretraining_learning_rate: Rate = 1e-3

    @model_validator(mode="after")
    def _heads_divide(self) -> "StudentRecipe":
        if self.hidden_size % self.attention_heads:
            raise ValueError("hidden_size must be a multiple of attention_heads")
        return self

    @model_validator(mode="after")
    def _artifacts_are_pretrained(self) -> "StudentRecipe":
        if self.init_from is not None and self.pretraining_steps:
            raise ValueError("init_from names a pre-trained student; set pretraining_steps to 0")
        return self
