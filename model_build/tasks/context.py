"""What the stages of a task's build share: recipe, examples, teacher, the student's start, and earlier outputs."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from model_build.common.errors import StartError
from model_build.common.log import Journal
from model_build.export.from_onnx import restore
from model_build.heads.data import Examples
from model_build.recipe import StudentRecipe
from model_build.recipe.task import TaskRecipe
from model_build.run.stage import stage_folder
from model_build.student.fuse import DeviceStudent
from model_build.tasks.data import Task, read_task
from model_build.tasks.outputs import load_grades
from model_build.tasks.rows import rows_apart, rows_of
from model_build.tasks.target import Classes, Grades, Target, Values
from model_build.tasks.teacher import TaskTeacher, classifier_teacher, encoder_teacher, grading_teacher, is_classifier
from model_build.vocabulary.pruning import ids_of, read_vocabulary
from service.artifact.artifact import Artifact, ArtifactError, load_artifact
from service.text.cleaning import clean
from service.text.pair_row import Row
from service.text.wordpiece import END, START, build_tokenizer

NAMES = ("teacher", "vocabulary", "distillation", "artifact", "pack", "comparison", "report")


class TaskContext:
    """The shared inputs of one run's stages; each is loaded once, when it is first needed."""

    def __init__(self, recipe: TaskRecipe, data: Path, folder: Path, journal: Journal) -> None:
        self.recipe, self.data, self.folder, self.journal = recipe, data, folder, journal

    def folder_of(self, stage: str) -> Path:
        """A stage's folder."""
        return stage_folder(self.folder, NAMES, stage)

    @cached_property
    def task(self) -> Task:
        """The examples.

        Raises:
            BuildError: a table can't be read or used.
        """
        tables = self.recipe.task
        train, dev, test = (None if one is None else self.data / one for one in (tables.train, tables.dev, tables.test))
        assert train is not None  # noqa: S101 (narrows the type)
        return read_task(
            train,
            dev,
            test,
            dev_share=tables.dev_share,
            seed=self.recipe.seed,
            most_rows=tables.most_rows,
            labels=tables.labels,
            without_rare=tables.rare_classes == "leave_out",
            unlabelled=None if tables.unlabelled is None else self.data / tables.unlabelled,
        )

    @cached_property
    def target(self) -> Target:
        """What the task asks for; of a teacher's labels it is known after its stage."""
        if self.recipe.task.labels == "classes":
            return Classes(self.task.classes)
        return Grades.of(self.values("train"))

    def values(self, split: str) -> Values:
        """What is right for each example of a split."""
        if self.recipe.task.labels == "teacher":
            return load_grades(self.folder_of("teacher"), split)
        labels = self.task.splits[split].labels
        return labels.astype(float) if self.recipe.task.labels == "grades" else self.target.values(labels)

    @cached_property
    def has_classifier(self) -> bool:
        """Whether the teacher is a fine-tuned classifier already."""
        return is_classifier(self.recipe.teacher.model)

    @cached_property
    def teacher(self) -> TaskTeacher:
        """The teacher; an encoder is not fine-tuned yet.

        Raises:
            TeacherError: it can't be loaded, or its labels are not the task's.
        """
        model, graded = self.recipe.teacher.model, self.recipe.task.labels != "classes"
        if not self.has_classifier:
            apart = self.recipe.teacher.pairs == "apart"
            return encoder_teacher(model, 1 if graded else len(self.task.classes), apart=apart)
        return grading_teacher(model) if graded else classifier_teacher(model, self.task.classes)

    @cached_property
    def initial(self) -> Artifact:
        """The released encoder that the student starts from.

        Raises:
            StartError: it can't be read.
        """
        try:
            return load_artifact(Path(self.recipe.student.init_from))
        except ArtifactError as error:
            raise StartError(f"student.init_from: {error}") from None

    @cached_property
    def start(self) -> DeviceStudent:
        """The released encoder's weights."""
        return released_student(self.initial)

    @cached_property
    def released_tokens(self) -> list[str]:
        """The released encoder's vocabulary."""
        return read_vocabulary(self.initial.vocabulary_path)

    @cached_property
    def tokens(self) -> list[str]:
        """The student's vocabulary."""
        return read_vocabulary(self.folder_of("vocabulary") / "vocab.txt")

    def rows(self, *parts: Examples) -> list[Row]:
        """The student's tokens of examples; a pair is read jointly."""
        length = self.recipe.student.max_length
        return [row for one in parts for row in rows_of(*_tokenized(one, self.tokens, self.initial), length)]

    def pack_rows(self, *parts: Examples) -> list[Row]:
        """The released encoder's tokens of examples; it reads each text of a pair by itself."""
        length, tokens = self.initial.manifest.model.max_length, self.released_tokens
        return [row for one in parts for row in rows_apart(*_tokenized(one, tokens, self.initial), length)]


def _tokenized(
    examples: Examples, tokens: Sequence[str], released: Artifact
) -> tuple[list[list[list[int]]], tuple[int, int]]:
    """Token ids of each column, without special tokens, and the ids of `[CLS]` and `[SEP]`.

    The rules are a released encoder's, and the cleaning is the service's.
    """
    ids = ids_of(tokens)
    tokenizer = build_tokenizer(ids, released.manifest.tokenizer)
    columns = [
        [
            encoding.ids
            for encoding in tokenizer.encode_batch_fast([clean(text) for text in column], add_special_tokens=False)
        ]
        for column in examples.columns
    ]
    return columns, (ids[START], ids[END])


def released_student(artifact: Artifact) -> DeviceStudent:
    """Read the weights of a released encoder, whatever its shape.

    Raises:
        StartError: it can't be read back.
    """
    shape = artifact.manifest.model
    recipe = StudentRecipe(
        layers=shape.layers,
        hidden_size=shape.hidden_size,
        embedding_size=shape.embedding_size,
        intermediate_size=shape.intermediate_size,
        attention_heads=shape.attention_heads,
        max_length=shape.max_length,
    )
    return restore(artifact, recipe)
