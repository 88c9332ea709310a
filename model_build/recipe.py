"""The recipe: one TOML file that says everything a build needs but where the data lie."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from model_build.errors import RecipeError

Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Rate = Annotated[float, Field(gt=0.0, le=1.0)]
Weight = Annotated[float, Field(ge=0.0)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    added_since: ClassVar[tuple[str, ...]] = ()

    def recorded(self) -> dict[str, object]:
        """What a stage's fingerprint has of the section, as JSON values.

        What the language gained later is left out where it has its default: earlier runs stay as good as they were.
        """
        unchanged = {name for name in self.added_since if getattr(self, name) == type(self).model_fields[name].default}
        return self.model_dump(mode="json", exclude=unchanged)


class CorpusRecipe(_Section):
    """Which texts train.

    Attributes:
        files: glob patterns below the data folder; `.txt` (a text a line) and `.tsv`, either also `.xz` or `.gz`.
        tsv_columns: columns of a TSV file that make its text, joined by ". ".
        texts_per_file: most texts that one file gives, drawn at random.
        weights: factors on `texts_per_file` by file name (without suffixes).
        licences: the licence of a file by its name (without suffixes), for the model card.
        query_share: share of texts from which a short query is drawn, for the ranking task.
        composition_share: compositions (see `corpus.compose`) made of the texts, as a share of their number.
        heldout_texts: texts kept out of training, for validation.
    """

    files: tuple[str, ...] = Field(min_length=1)
    tsv_columns: tuple[str, ...] = ()
    texts_per_file: Positive = 40_000
    weights: dict[str, Weight] = Field(default_factory=dict)
    licences: dict[str, str] = Field(default_factory=dict)
    min_characters: Positive = 3
    max_characters: Positive = 400
    query_share: Fraction = 0.25
    composition_share: Fraction = 0.0
    heldout_texts: Positive = 2_000


class CompanionRecipe(_Section):
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


class TeacherRecipe(_Section):
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


class VocabularyRecipe(_Section):
    """Hard token pruning.

    Attributes:
        size: pieces that are kept.
        importance: `attention` keeps the tokens that receive most attention in the teacher, `frequency` the commonest.
        sample_texts: texts over which importance is summed.
    """

    size: Annotated[int, Field(ge=300)]
    importance: Literal["attention", "frequency"] = "attention"
    sample_texts: Positive = 40_000


class StudentRecipe(_Section):
    """The student's shape, in ELECTRA's terms (BERT with factorised embeddings), and its masked-token pre-training.

    Attributes:
        pooling: a text's vector is of the `mean` of its tokens' hidden states, or of their `weighted` mean, whose
            weights are learned (see `token_weights`).
        pooled_states: a text's vector is of the mean of its `last` states alone, or also, beside it, of the embedding
            layer's (see `state_pooling`).
        start: the folder of an artifact, whose weights and vocabulary the student starts with; its shape must be the
            recipe's. Without one, it starts with the teacher's embeddings.
    """

    added_since = ("pooling", "pooled_states", "start")

    layers: Positive
    hidden_size: Positive
    embedding_size: Positive
    intermediate_size: Positive
    attention_heads: Positive
    max_length: Annotated[int, Field(ge=8, le=512)] = 64
    pooling: Literal["mean", "weighted"] = "mean"
    pooled_states: Literal["last", "first-last"] = "last"
    start: str | None = None
    pretraining_steps: Count = 0
    pretraining_rate: Rate = 1e-3

    @model_validator(mode="after")
    def _heads_divide(self) -> "StudentRecipe":
        if self.hidden_size % self.attention_heads:
            raise ValueError("hidden_size must be a multiple of attention_heads")
        return self

    @model_validator(mode="after")
    def _start_is_trained(self) -> "StudentRecipe":
        if self.start is not None and self.pretraining_steps:
            raise ValueError("a student with a start has been pre-trained; set pretraining_steps to 0")
        return self


class DistillationRecipe(_Section):
    """Cross-distillation.

    Attributes:
        parameter_integration: the student's task layer starts as the teacher's fine-tuned one, behind a width adapter.
        integration_shares: whether the two models share that layer, which then moves as the teacher's does; otherwise
            the student's is a copy that trains with the student.
        mutual_interplay: the teacher trains too. With both off this is one-way distillation from a frozen teacher.
        interplay_share: share of the steps, the first ones, in which the teacher adapts; after them the student learns
            from the teacher as it was before.
        teacher_follows: factor on the losses that draw the teacher towards the student. With 0 the teacher has only the
            ranking task, and its anchor.
        steps: optimiser steps; an epoch shorter than this is repeated in another order.
        batch_texts: texts a step.
        topic_bits: texts fall into `2 ** topic_bits` topics, and a batch holds few of them, so that its texts are hard
            to tell apart; with 0 a batch is of any texts.
        pair_every: every so many steps, the batch is of queries and their texts.
        student_rate, teacher_rate: peak learning rates, cosine decay after `warmup_steps`.
        representation_weight: of 1 - cosine between the two models' vectors.
        distribution_weight: of the KL divergence between their in-batch similarity distributions.
        task_weight: of the ranking task (InfoNCE of queries against the texts of the batch).
        anchor_weight: of the teacher's distance from what it was, so that it adapts but does not drift.
        temperature: of similarity distributions, and of the ranking task.
        precision: arithmetic of the student's forward and backward pass; its weights and the losses stay float32.
            bfloat16 takes about half the time on CPUs that have it.
        rounded_share: share of the steps, the last ones, in which the encoder's matrices are rounded as `quantization`
            has it, so that they come to lie where their formats can hold them.
        checkpoint_every: steps between checkpoints.
        validate_every: steps between validations.
    """

    added_since = ("integration_shares", "interplay_share", "teacher_follows")

    parameter_integration: bool = True
    integration_shares: bool = True
    mutual_interplay: bool = True
    interplay_share: Fraction = 1.0
    teacher_follows: Weight = 1.0
    steps: Positive
    batch_texts: Annotated[int, Field(ge=4)] = 256
    topic_bits: Annotated[int, Field(ge=0, le=16)] = 0
    pair_every: Annotated[int, Field(ge=2)] = 4
    student_rate: Rate = 2e-3
    teacher_rate: Rate = 2e-5
    warmup_steps: Count = 200
    representation_weight: Weight = 1.0
    distribution_weight: Weight = 0.1
    task_weight: Weight = 0.1
    anchor_weight: Weight = 1.0
    temperature: Rate = 0.1
    precision: Literal["float32", "bfloat16"] = "float32"
    rounded_share: Fraction = 0.0
    checkpoint_every: Positive = 500
    validate_every: Positive = 500


Scheme = Literal["int8", "int8-tensor", "int4", "float32"]


class QuantizationRecipe(_Section):
    """A scheme for each module (see `quantization`), and quantization-aware tuning.

    Attributes:
        tuning_steps: steps with weights rounded in the forward pass, taken when the quantized model's vectors agree
            with fp32's by less than `tuning_threshold` (mean cosine on held-out texts; 1 always tunes).
        tuning_target: whose vectors are learnt: the fp32 student's, or the teacher's, with distillation's own losses,
            so that distillation goes on.
        tuning_rate: peak learning rate; warm-up, then cosine decay. Of 1e-4 and 5e-4, the first brought a student with
            int4 embeddings closer to fp32 (mean cosine 0.9980 to 0.9984), the second away from it (0.9977).
    """

    embeddings: Scheme = "int8"
    attention: Scheme = "int8"
    feed_forward: Scheme = "int8"
    head: Scheme = "int8"
    tuning_steps: Count = 300
    tuning_target: Literal["student", "teacher"] = "student"
    tuning_rate: Rate = 1e-4
    tuning_threshold: Fraction = 0.999


class ExportRecipe(_Section):
    """What the device gets of the student.

    Attributes:
        max_length: most pieces of a text that the device reads, marks included; at most the student's, which is
            the default. A small student's mean over a long text says little: measure on validation splits what is best.
    """

    max_length: Annotated[int, Field(ge=8)] | None = None


class GatesRecipe(_Section):
    """What an artifact must reach to be published.

    Attributes:
        byte_budget: most bytes that the device files may take.
        export_difference: greatest difference of a vector's component, ONNX fp32 against torch.
        quantized_cosine: least mean cosine, int8 against fp32, on held-out texts.
        quantized_rank_correlation: least Spearman correlation of pair similarities, int8 against fp32.
        quality: least value of a task of the evaluation, such as `stsb = 0.74`.
    """

    byte_budget: Positive = 1_910_000
    export_difference: Rate = 1e-4
    quantized_cosine: Fraction = 0.99
    quantized_rank_correlation: Fraction = 0.99
    quality: dict[str, float] = Field(default_factory=dict)


class EvaluationRecipe(_Section):
    """Which benchmarks report, where the data folder has them.

    Attributes:
        tasks: names of benchmark tasks.
        baselines: whether baselines and the teacher are measured beside the artifact.
    """

    tasks: tuple[str, ...] = ()
    baselines: bool = True


class Recipe(_Section):
    """Everything that decides what a build makes."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    seed: Count = 17
    threads: Positive = 2
    corpus: CorpusRecipe
    teacher: TeacherRecipe
    vocabulary: VocabularyRecipe
    student: StudentRecipe
    distillation: DistillationRecipe
    quantization: QuantizationRecipe = QuantizationRecipe()
    export: ExportRecipe = ExportRecipe()
    gates: GatesRecipe = GatesRecipe()
    evaluation: EvaluationRecipe = EvaluationRecipe()

    @model_validator(mode="after")
    def _positions_suffice(self) -> "Recipe":
        if self.export.max_length is not None and self.export.max_length > self.student.max_length:
            raise ValueError("export.max_length must not exceed student.max_length")
        return self

    @model_validator(mode="after")
    def _teacher_stands_still(self) -> "Recipe":
        if self.quantization.tuning_target == "teacher" and self.teacher.trainable_layers:
            raise ValueError("quantization.tuning_target = teacher needs teacher.trainable_layers = 0")
        return self

    @model_validator(mode="after")
    def _four_bits_divide(self) -> "Recipe":
        if self.quantization.embeddings == "int4" and self.student.embedding_size % 2:
            raise ValueError("quantization.embeddings = int4 needs an even student.embedding_size")
        widths = self.student.hidden_size, self.student.intermediate_size
        linear = self.quantization.attention, self.quantization.feed_forward, self.quantization.head
        if "int4" in linear and any(width % 32 for width in widths):
            raise ValueError(
                "int4 outside the embeddings needs hidden_size and intermediate_size to be multiples of 32"
            )
        pooled_too = self.student.pooled_states == "first-last"
        if self.quantization.head == "int4" and pooled_too and self.student.embedding_size % 32:
            raise ValueError("quantization.head = int4 needs the pooled embedding_size to be a multiple of 32")
        return self

    @property
    def device_max_length(self) -> int:
        """Most pieces of a text that the device reads."""
        return self.export.max_length or self.student.max_length


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe and apply `section.key=value` overrides, whose values are TOML (a bare word is a string).

    Raises:
        RecipeError: unreadable file, invalid TOML, unknown key or value out of range.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"recipe {path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"recipe {path} is not valid TOML: {error}") from None
    for override in overrides:
        _apply(document, override)
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "recipe"
        raise RecipeError(f"recipe {path}: {where}: {first['msg']}") from None


def _apply(document: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise RecipeError(f"--set {override}: expected key=value, such as distillation.steps=100")
    *sections, last = key.strip().split(".")
    target = document
    for section in sections:
        target = target.setdefault(section, {})
        if not isinstance(target, dict):
            raise RecipeError(f"--set {override}: {section} is not a section")
    target[last] = _parse_value(value.strip())


def _parse_value(value: str) -> object:
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value
