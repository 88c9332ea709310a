"""The whole recipe, and conditions between its sections."""

from pydantic import model_validator

from model_build.recipe.base import Count, Name, Positive, Section
from model_build.recipe.corpus import CorpusRecipe
from model_build.recipe.distillation import DistillationRecipe
from model_build.recipe.output import CardRecipe, EvaluationRecipe, ExportRecipe, GatesRecipe
from model_build.recipe.quantization import QuantizationRecipe
from model_build.recipe.student import StudentRecipe
from model_build.recipe.teacher import TeacherRecipe
from model_build.recipe.vocabulary import VocabularyRecipe


class Recipe(Section):
    """Everything that decides what a build makes.

    Attributes:
        name: what the model is called; lower-case letters, digits, dots, hyphens and underscores.
        seed: decides every draw.
        threads: CPU threads of a process; with another number the weights differ in their last bits.
    """

    name: Name
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
    card: CardRecipe = CardRecipe()

    @model_validator(mode="after")
    def _positions_suffice(self) -> "Recipe":
        if self.export.max_length is not None and self.export.max_length > self.student.max_length:
            raise ValueError("export.max_length must not exceed student.max_length")
        return self

    @model_validator(mode="after")
    def _measured_tasks_are_known(self) -> "Recipe":
        unknown = self.evaluation.pairs.keys() - {task.name for task in self.teacher.tasks}
        if unknown:
            raise ValueError(f"evaluation.pairs names {min(unknown)}, which is no task of teacher.tasks")
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
        """Most tokens of a text that the device reads."""
        return self.export.max_length or self.student.max_length
