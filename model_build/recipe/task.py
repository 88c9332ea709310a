"""The recipe of a task model: a fine-tuned classifier, compressed into a student of its own."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from model_build.recipe.base import Count, Fraction, Name, Positive, Precision, Rate, Section, Switch, Weight
from model_build.recipe.output import CardRecipe, GatesRecipe
from model_build.recipe.quantization import QuantizationRecipe

Share = Annotated[float, Field(gt=0.0, lt=1.0, strict=True)]
LabelKind = Literal["classes", "grades", "teacher"]


class TablesRecipe(Section):
    """The labelled tables, below the data folder; with the columns `label` and `text`, for pairs `text_b` too.

    Attributes:
        train: trains.
        dev: chooses rates and temperatures; without it, `dev_share` of the training examples do.
        test: reports.
        dev_share: share of the training examples that are held out where there is no `dev`.
        most_rows: a greater training split is sampled down to this.
        unlabelled: further texts or pairs, whose labels are not read: the student learns from what the teacher says.
        licence: of the examples, for the card; where it is not said, the card grants no more than research.
        labels: what the labels are: `classes`; `grades`, which are numbers, as the student gives them; or those of the
            `teacher`, where the tables have none: a teacher that gives a number, such as a cross-encoder, grades them.
        rare_classes: a class with fewer than two training examples: `refuse` it, or `leave_out` its examples from all
            splits.
    """

    train: str
    dev: str | None = None
    test: str | None = None
    dev_share: Share = 0.1
    most_rows: Positive | None = None
    licence: str = "not stated"
    unlabelled: str | None = Field(default=None, exclude_if=lambda unlabelled: unlabelled is None)
    labels: LabelKind = Field(default="classes", exclude_if=lambda labels: labels == "classes")
    rare_classes: Literal["refuse", "leave_out"] = Field(
        default="refuse", exclude_if=lambda rare_classes: rare_classes == "refuse"
    )


class FineTuningRecipe(Section):
    """The fine-tuning of an encoder, whole; a classifier is taken as it is.

    Attributes:
        epochs: over the training examples; the best one on `dev` is kept.
        batch_examples: examples a step.
        learning_rate: of the encoder, at its peak; linear warm-up over a tenth of the steps, then linear decay.
        precision: of the forward and backward passes.
    """

    epochs: Positive = 6
    batch_examples: Positive = 32
    learning_rate: Rate = 1e-4
    precision: Precision = "bfloat16"


class TaskTeacherRecipe(Section):
    """The classifier to compress.

    Attributes:
        model: a folder of `AutoModelForSequenceClassification`, or an encoder as in `[teacher]` of a sentence encoder's
            recipe, which is fine-tuned first.
        max_length: most tokens of a text or a pair that the teacher reads.
        pairs: how an encoder reads them: `jointly`; or `apart`, each text by itself, and their vectors' components
            multiplied: it can only compare, and so learns less by heart from few pairs.
        fine_tuning: of an encoder.
    """

    model: str
    max_length: Annotated[int, Field(ge=8, le=512, strict=True)] = 64
    pairs: Literal["jointly", "apart"] = Field(default="jointly", exclude_if=lambda pairs: pairs == "jointly")
    fine_tuning: FineTuningRecipe = FineTuningRecipe()


class TaskStudentRecipe(Section):
    """The student.

    Attributes:
        init_from: folder of the released sentence encoder whose weights and vocabulary the student starts from.
        max_length: most tokens of a text or a pair that the student reads.
        vocabulary_size: tokens that are kept, those with most attention in the teacher; all by default.
    """

    init_from: str
    max_length: Annotated[int, Field(ge=8, le=512, strict=True)] = 64
    vocabulary_size: Positive | None = None


class TaskDistillationRecipe(Section):
    """Cross-distillation of a classifier (EI-BERT, arXiv 2507.04636), or a part of it.

    Attributes:
        classifier: the student's last layer: its `own`; or the teacher's behind an adapter: `frozen`, `copied` and
            trained, or `shared` by both models and trained by both.
        teacher_trains: what of the teacher trains beside the student: `nothing`, its `classifier`, or the `whole`.
        shadow_head: a second head on the student learns from the teacher and from the student, and teaches the student
            in the teacher's place (SHAKE: Li and Jin, Shadow knowledge distillation, NeurIPS 2022).
        steps: optimiser steps.
        batch_examples: examples a step.
        student_learning_rate, teacher_learning_rate: peaks; linear warm-up, then cosine decay.
        warmup_fraction: fraction of the steps in which the rates rise.
        label_weight: of the cross-entropy with the labels, of each model that trains.
        logit_kl_weight: of the KL divergence of the softened probabilities, times the squared temperature.
        feature_weight: of the mean squared error of the features, in units of the teacher's variance.
        mutual_weight: factor on the two losses above where they draw the teacher towards the student.
        temperature: that the logits are divided by.
        precision: of forward and backward passes.
        qat_fraction: fraction of the steps, the last ones, in which the encoder's matrices are fake-quantized.
    """

    classifier: Literal["own", "frozen", "copied", "shared"] = "frozen"
    teacher_trains: Literal["nothing", "classifier", "whole"] = "nothing"
    shadow_head: Switch = False
    steps: Positive = 1200
    batch_examples: Positive = 32
    student_learning_rate: Rate = 1e-3
    teacher_learning_rate: Rate = 2e-5
    warmup_fraction: Fraction = 0.1
    label_weight: Weight = 1.0
    logit_kl_weight: Weight = 1.0
    feature_weight: Weight = 1.0
    mutual_weight: Weight = 1.0
    temperature: Annotated[float, Field(gt=0.0, strict=True)] = 2.0
    precision: Precision = "float32"
    qat_fraction: Fraction = 0.5

    @model_validator(mode="after")
    def _features_need_an_adapter(self) -> "TaskDistillationRecipe":
        if self.classifier == "own" and self.feature_weight:
            raise ValueError("classifier = own has no features of the teacher's width; set feature_weight to 0")
        return self

    @model_validator(mode="after")
    def _shared_trains(self) -> "TaskDistillationRecipe":
        if self.classifier == "shared" and self.teacher_trains == "nothing":
            raise ValueError("classifier = shared trains the teacher's; set teacher_trains to classifier or whole")
        return self

    @property
    def needs_teacher(self) -> bool:
        """Whether anything is learned from the teacher."""
        return bool(self.logit_kl_weight or self.feature_weight or self.classifier != "own")


class PackRecipe(Section):
    """A pack for the same task: low-rank adapters of the encoder in `student.init_from`, and a head.

    Attributes:
        rank: of the adapters.
        distillation: how they are trained.
    """

    rank: Annotated[int, Field(ge=1, le=64, strict=True)] = 8
    distillation: TaskDistillationRecipe = TaskDistillationRecipe(student_learning_rate=5e-3)


class TaskRecipe(Section):
    """Everything that decides a task model.

    Attributes:
        name: what the model is called; lower-case letters, digits, dots, hyphens and underscores.
        seed: decides every draw.
        threads: CPU threads of a process.
        pack: makes a pack beside the model; none by default.
    """

    name: Name
    seed: Count = 17
    threads: Positive = 2
    task: TablesRecipe
    teacher: TaskTeacherRecipe
    student: TaskStudentRecipe
    distillation: TaskDistillationRecipe = TaskDistillationRecipe()
    pack: PackRecipe | None = None
    quantization: QuantizationRecipe = QuantizationRecipe(embeddings="int4", attention="int4", feed_forward="int4")
    gates: GatesRecipe = GatesRecipe()
    card: CardRecipe = CardRecipe()

    @model_validator(mode="after")
    def _packs_have_classes(self) -> "TaskRecipe":
        if self.pack is not None and self.task.labels != "classes":
            raise ValueError("a pack is a classifier; leave [pack] out for grades")
        return self
