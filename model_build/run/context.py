"""What the stages of a run read: the teacher, the texts, and what earlier stages have made of them."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from model_build.common.errors import StartError
from model_build.common.log import Journal
from model_build.corpus import build as corpora
from model_build.distillation.distributed import Processes
from model_build.evaluation import Validation, evaluation_texts, load_validation
from model_build.evaluation.tasks.base import BENCHMARK
from model_build.pair_tasks import PairTasks, read_tasks, read_tests
from model_build.recipe import Recipe
from model_build.run.estimate import ByteEstimate, estimate_bytes
from model_build.run.stage import stage_folder
from model_build.teacher import model as teachers
from model_build.teacher.ensemble import Companion, load_companion
from model_build.teacher.workers import ThisProcess, Workers
from model_build.vocabulary import pruning as vocabulary
from service.artifact.artifact import Artifact, ArtifactError, TokenizerRules, load_artifact

ARTIFACT = "artifact"  # the folder, in that of a stage
NAMES = (
    "corpus",
    "teacher",
    "vocabulary",
    "student",
    "distillation",
    "quantization",
    "export",
    "artifact",
    "evaluation",
    "publication",
    "report",
)


class Materials:
    """What the stages of one run read. What several read is loaded once, when it is first asked for."""

    def __init__(
        self,
        recipe: Recipe,
        data: Path,
        folder: Path,
        journal: Journal,
        workers: Workers | None = None,
        processes: Processes | None = None,
    ) -> None:
        self.recipe, self.data, self.folder, self.journal = recipe, data, folder, journal
        self.workers, self.processes = workers or ThisProcess(), processes or Processes()

    @cached_property
    def teacher(self) -> teachers.Teacher:
        """The teacher, as it came."""
        return teachers.load_teacher(self.recipe.teacher.model)

    @cached_property
    def companions(self) -> tuple[Companion, ...]:
        """The teacher's companions."""
        return tuple(load_companion(one, self.recipe.teacher) for one in self.recipe.teacher.companions)

    @cached_property
    def start(self) -> Artifact | None:
        """The published artifact that the student starts with.

        Raises:
            StartError: it can't be loaded.
        """
        folder = self.recipe.student.start
        if folder is None:
            return None
        try:
            return load_artifact(Path(folder))
        except ArtifactError as error:
            raise StartError(f"student.start: {error}") from None

    @cached_property
    def excluded(self) -> set[str]:
        """Texts that measure or select, and so must not train."""
        return self._measuring | (self.tasks.validation_texts if self.tasks else set())

    @cached_property
    def tasks(self) -> PairTasks | None:
        """The pairs that the teacher is fine-tuned on."""
        recipes = self.recipe.teacher.tasks
        return read_tasks(recipes, self.data, self._measuring, self.recipe.seed) if recipes else None

    @cached_property
    def tests(self) -> PairTasks | None:
        """The pairs that the teacher's tasks are measured on."""
        return read_tests(self.recipe.teacher.tasks, self.recipe.evaluation.pairs, self.data)

    @cached_property
    def corpus(self) -> corpora.Corpus:
        """The training texts."""
        return corpora.load_corpus(self.place_of("corpus"))

    @cached_property
    def pieces(self) -> list[str]:
        """The pruned vocabulary."""
        return vocabulary.read_vocabulary(self.place_of("vocabulary") / "vocab.txt")

    @cached_property
    def rules(self) -> TokenizerRules:
        """How texts are split: as the teacher does it, symbols and compatibility forms aside."""
        lowercase = self.teacher.lowercase
        return TokenizerRules(lowercase=lowercase, strip_accents=lowercase, version=2)

    @cached_property
    def rows(self) -> list[list[int]]:
        """The student's token ids of the training texts."""
        return self.tokenize(self.corpus.texts, self.recipe.student.max_length)

    @cached_property
    def heldout_rows(self) -> list[list[int]]:
        """The student's token ids of the held-out texts, as the device will read them."""
        return self.tokenize(self.corpus.heldout, self.recipe.device_max_length)

    @cached_property
    def sizes(self) -> ByteEstimate:
        """What the device files will take."""
        return estimate_bytes(self.recipe)

    @cached_property
    def known_pieces(self) -> dict[str, int]:
        """The teacher's ids of the pieces that a vocabulary may have: of a start, only its own.

        Raises:
            StartError: the start's vocabulary is not the teacher's.
        """
        known = self.teacher.vocabulary
        if self.start is None:
            return known
        held = vocabulary.read_vocabulary(self.start.vocabulary_path)
        foreign = [piece for piece in held if piece not in known]
        if foreign:
            raise StartError(f"student.start has a piece that the teacher does not know: {foreign[0]!r}")
        return {piece: known[piece] for piece in held}

    @cached_property
    def validation(self) -> Validation | None:
        """The benchmark's validation examples, where it is measured on."""
        return load_validation(self.data) if self.measured else None

    @property
    def measured(self) -> bool:
        """Whether the artifact is measured on benchmark tasks."""
        return self.has_benchmark and bool(self.recipe.evaluation.tasks)

    @property
    def has_benchmark(self) -> bool:
        """Whether the data folder has evaluation sets."""
        return (self.data / BENCHMARK).is_dir()

    def place_of(self, name: str) -> Path:
        """The folder of a stage."""
        return stage_folder(self.folder, NAMES, name)

    def tokenize(self, texts: Sequence[str], max_length: int) -> list[list[int]]:
        """The student's token ids of texts."""
        return list(vocabulary.token_rows(self.pieces, self.rules, texts, max_length))

    @cached_property
    def _measuring(self) -> set[str]:
        """Texts of evaluation sets: of the benchmark, and of the recipe's excluded files."""
        benchmark = evaluation_texts(self.data) if self.has_benchmark else set()
        if self.tests:
            benchmark |= set(self.tests.texts)
        return benchmark | corpora.excluded_texts(self.recipe.corpus, self.data)
