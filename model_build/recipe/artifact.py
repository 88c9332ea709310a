"""What becomes of the trained student: how it is rounded, what the device gets, what it must reach."""

from typing import Annotated, Literal

from pydantic import Field

from model_build.recipe.base import Count, Fraction, Positive, Rate, Scheme, Section, Switch


class QuantizationRecipe(Section):
    """A scheme for each module (see `quantization`), and quantization-aware tuning.

    Attributes:
        embeddings, attention, feed_forward, head: the scheme of this module: `int8` (a scale for each row),
            `int8-tensor` (one scale), `int4` or `float32`.
        tuning_steps: steps with weights rounded in the forward pass, taken when the quantized model's vectors agree
            with fp32's by less than `tuning_threshold` (mean cosine on held-out texts; 1 always tunes).
        tuning_target: whose vectors are learnt: the fp32 student's, or the teacher's, with distillation's own losses,
            so that distillation goes on.
        tuning_threshold: the mean cosine with fp32 below which the student is tuned.
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


class ExportRecipe(Section):
    """What the device gets of the student.

    Attributes:
        max_length: most pieces of a text that the device reads, marks included; at most the student's, which is
            the default. A small student's mean over a long text says little: measure on validation splits what is best.
    """

    max_length: Annotated[int, Field(ge=8, strict=True)] | None = None


class GatesRecipe(Section):
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


class CardRecipe(Section):
    """What the model card says that nothing else tells.

    Attributes:
        language: the texts' language, as hubs have it: `en`, `zh`.
        licence: the model's, as hubs have it, where the texts that trained it allow any use (see `licences`); where
            they do not, the card says `other` and why.
    """

    added_since = ("language", "licence")

    language: Literal["en", "zh"] = "en"
    licence: str = "apache-2.0"


class EvaluationRecipe(Section):
    """Which benchmarks report, where the data folder has them.

    Attributes:
        tasks: names of benchmark tasks.
        baselines: whether baselines and the teacher are measured beside the artifact.
        pairs: tables below the data folder on which a task of the teacher is measured, by its name; they train nothing.
    """

    added_since = ("pairs",)

    tasks: tuple[str, ...] = ()
    baselines: Switch = True
    pairs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
