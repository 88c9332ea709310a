"""The model to compress, and its companions."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from model_build.recipe.base import Count, Positive, Rate, Section


class CompanionRecipe(Section):
    """A further teacher, whose vectors stand beside the first one's (see `companion`).

    Attributes:
        model: a folder with an encoder's safetensors or its ONNX graph, or `package:NAME/PATH`; `:cls` or `:mean`
            after it says how to pool.
        weight: of its cosines in what the student learns, where the first teacher's have 1.
        batch_texts: texts a forward pass.
    """

    model: str
    weight: Annotated[float, Field(gt=0.0, strict=True)] = 1.0
    batch_texts: Positive = 32


class PairTaskRecipe(Section):
    """Labelled pairs of texts, on which the teacher is fine-tuned before it teaches (see `pair_tasks`).

    Attributes:
        name: of the task.
        files: glob patterns of tables below the data folder.
        texts: the columns that hold a pair's texts.
        label: the column that says whether they match: 1 or 0.
        validation_share: share of the pairs that trains nothing, neither as pairs nor as texts, and chooses.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    files: tuple[str, ...] = Field(min_length=1)
    texts: tuple[str, str] = ("text_a", "text_b")
    label: str = "label"
    validation_share: Annotated[float, Field(gt=0.0, lt=1.0, strict=True)] = 0.1


class FineTuningRecipe(Section):
    """How the teacher is fine-tuned on its tasks.

    Attributes:
        layers: how many of the top layers train; the others and the token embeddings stay.
        epochs: over the training pairs of all tasks.
        batch_pairs: pairs a step.
        rate: peak learning rate of the layers; linear warm-up, then linear decay.
    """

    layers: Positive = 2
    epochs: Positive = 3
    batch_pairs: Positive = 64
    rate: Rate = 1e-4


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
        tasks: pairs that the first teacher is fine-tuned on before it teaches.
        fine_tuning: how.
    """

    added_since = ("companions", "tasks", "fine_tuning")

    model: str
    max_length: Positive = 64
    batch_texts: Positive = 128
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    trainable_layers: Count = 0
    task_layer_steps: Count = 300
    companions: tuple[CompanionRecipe, ...] = ()
    tasks: tuple[PairTaskRecipe, ...] = ()
    fine_tuning: FineTuningRecipe = FineTuningRecipe()

    @model_validator(mode="after")
    def _companions_are_frozen(self) -> "TeacherRecipe":
        if self.companions and self.trainable_layers:
            raise ValueError("a teacher with companions can't have trainable_layers")
        return self

    @model_validator(mode="after")
    def _tasks_have_names_of_their_own(self) -> "TeacherRecipe":
        names = [task.name for task in self.tasks]
        if len(set(names)) < len(names):
            raise ValueError("two tasks have the same name")
        if self.tasks and (self.companions or self.trainable_layers):
            raise ValueError("a teacher with tasks can't have companions or trainable_layers")
        return self
