"""The sections for what follows training: `[export]`, `[gates]`, `[card]` and `[evaluation]`."""

from typing import Annotated, Literal

from pydantic import Field

from model_build.recipe.base import Fraction, Positive, Rate, Section, Switch


class ExportRecipe(Section):
    """The part of the student that the device gets.

    Attributes:
        max_length: most tokens of a text that the device reads, special tokens included; at most the student's, which
            is the default. A small student's mean over a long text says little: choose it on validation splits.
    """

    max_length: Annotated[int, Field(ge=8, strict=True)] | None = None


class GatesRecipe(Section):
    """Conditions for an artifact to be published.

    Attributes:
        byte_budget: most bytes of the device files.
        export_difference: greatest difference of a vector's component between ONNX and torch.
        quantized_cosine: least mean cosine of quantized and fp32 vectors, on held-out texts.
        quantized_rank_correlation: least Spearman correlation of their pair similarities.
        quality: least value of an evaluation task, such as `stsb = 0.74`.
    """

    byte_budget: Positive = 1_910_000
    export_difference: Rate = 1e-4
    quantized_cosine: Fraction = 0.99
    quantized_rank_correlation: Fraction = 0.99
    quality: dict[str, float] = Field(default_factory=dict)


class CardRecipe(Section):
    """Front matter of the model card, in the Hugging Face Hub's terms.

    Attributes:
        language: of the texts: `en`, `zh`.
        licence: of the model, where the licences of its training texts allow any use (see `export.licences`);
            otherwise the card has `other` and the reason.
    """

    language: Literal["en", "zh"] = "en"
    licence: str = "apache-2.0"


class EvaluationRecipe(Section):
    """The benchmarks that are reported, where the data folder has them.

    Attributes:
        tasks: names of benchmark tasks.
        baselines: measure baselines and the teacher beside the artifact.
        pairs: tables below the data folder that a task of the teacher is measured on, by its name; they train nothing.
    """

    tasks: tuple[str, ...] = ()
    baselines: Switch = True
    pairs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
