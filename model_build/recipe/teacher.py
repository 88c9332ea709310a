"""`[teacher]`: the model to compress, its ensemble and its fine-tuning."""

from typing import Annotated

from pydantic import Field, model_validator

from model_build.recipe.base import Count, Positive, Precision, Rate, Section


class EnsembleRecipe(Section):
    """An additional teacher, whose vectors are concatenated with the first one's (see `teacher.ensemble`).

    Attributes:
        model: a folder with an encoder's safetensors or its ONNX graph, or `package:NAME/PATH`; a suffix `:cls` or
            `:mean` sets the pooling.
        weight: of its cosines in the ensemble's; the first teacher's weight is 1.
        batch_texts: texts a forward pass.
    """

    model: str
    weight: Annotated[float, Field(gt=0.0, strict=True)] = 1.0
    batch_texts: Positive = 32


class PairTaskRecipe(Section):
    """A task of labelled text pairs that the teacher is fine-tuned on before distillation.

    See `model_build.teacher.finetune`.

    Attributes:
        name: of the task.
        files: glob patterns of tables below the data folder.
        texts: the columns that hold a pair's texts.
        label: the column that says whether they match: 1 or 0.
        validation_share: share of the pairs in the validation split; neither these pairs nor their texts train.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    files: tuple[str, ...] = Field(min_length=1)
    texts: tuple[str, str] = ("text_a", "text_b")
    label: str = "label"
    validation_share: Annotated[float, Field(gt=0.0, lt=1.0, strict=True)] = 0.1


class FineTuningRecipe(Section):
    """The teacher's fine-tuning on its tasks.

    Attributes:
        layers: top layers that train; the others and the token embeddings are frozen.
        epochs: over the training pairs of all tasks.
        batch_pairs: pairs a step.
        learning_rate: of the layers, at its peak; linear warm-up, then linear decay.
    """

    layers: Positive = 2
    epochs: Positive = 3
    batch_pairs: Positive = 64
    learning_rate: Rate = 1e-4


class TeacherRecipe(Section):
    """The model to compress.

    Attributes:
        model: a Hugging Face folder or hub name, or `package:NAME/PATH` for a folder inside an installed package.
        max_length: most tokens of a text that the teacher reads.
        batch_texts: texts a forward pass.
        precision: of frozen layers; bfloat16 is about twice as fast on recent CPUs.
        trainable_layers: top layers that adapt to the student. With 0 only the projection adapts, and sentence
            vectors are computed once for all epochs.
        projection_steps: steps that fit the projection to the ranking task before distillation.
        ensemble: additional teachers.
        tasks: labelled pairs that the first teacher is fine-tuned on.
        fine_tuning: settings of that.
    """

    model: str
    max_length: Positive = 64
    batch_texts: Positive = 128
    precision: Precision = "bfloat16"
    trainable_layers: Count = 0
    projection_steps: Count = 300
    ensemble: tuple[EnsembleRecipe, ...] = ()
    tasks: tuple[PairTaskRecipe, ...] = ()
    fine_tuning: FineTuningRecipe = FineTuningRecipe()

    @model_validator(mode="after")
    def _ensembles_are_frozen(self) -> "TeacherRecipe":
        if self.ensemble and self.trainable_layers:
            raise ValueError("a teacher with an ensemble can't have trainable_layers")
        return self

    @model_validator(mode="after")
    def _task_names_are_unique(self) -> "TeacherRecipe":
        names = [task.name for task in self.tasks]
        if len(set(names)) < len(names):
            raise ValueError("two tasks have the same name")
        if self.tasks and (self.ensemble or self.trainable_layers):
            raise ValueError("a teacher with tasks can't have an ensemble or trainable_layers")
        return self
