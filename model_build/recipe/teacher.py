"""The model to compress, and its companions."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from model_build.recipe.section import Count, Positive, Section


class CompanionRecipe(Section):
    """A further teacher, whose vectors stand beside the first one's (see `companion`).

    Attributes:
        model: a folder with an encoder's safetensors or its ONNX graph, or `package:NAME/PATH`; `:cls` or `:mean`
            after it says how to pool.
        weight: of its cosines in what the student learns, where the first teacher's have 1.
        batch_texts: texts a forward pass.
    """

    model: str
    weight: Annotated[float, Field(gt=0.0)] = 1.0
    batch_texts: Positive = 32


class TeacherRecipe(Section):
    """The model to compress.

    Attributes:
        model: a Hugging Face folder or hub name, or `package:NAME/PATH` for a folder inside an installed package.
        max_length: most pieces of a text that the teacher reads.
        batch_texts: texts a forward pass.
        precision: arithmetic of the frozen part; bfloat16 is about twice as fast on recent CPUs.
        trainable_layers: how many of the top layers adapt to the student. With 0, only the task layer adapts, and
            sentence vectors are computed once for all epochs.
        task_layer_steps: steps that fine-tune the task layer on the ranking task before distillation.
        companions: further teachers.
    """

    added_since = ("companions",)

    model: str
    max_length: Positive = 64
    batch_texts: Positive = 128
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    trainable_layers: Count = 0
    task_layer_steps: Count = 300
    companions: tuple[CompanionRecipe, ...] = ()

    @model_validator(mode="after")
    def _companions_are_frozen(self) -> "TeacherRecipe":
        if self.companions and self.trainable_layers:
            raise ValueError("a teacher with companions can't have trainable_layers")
        return self
