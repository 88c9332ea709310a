"""The inputs that several stages of a run share: recipe, data, teacher, and the outputs of earlier stages."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from model_build.common.errors import StartError
from model_build.common.log import Journal
from model_build.common.tsv import find_files
from model_build.corpus.build import Corpus, load_corpus
from model_build.corpus.dedup import excluded_texts
from model_build.corpus.pairs import PairTasks, read_tasks, read_tests
from model_build.distillation.distributed import Processes
from model_build.evaluation.leakage import evaluation_texts
from model_build.evaluation.tasks.base import BENCHMARK
from model_build.evaluation.validation_sets import Validation, load_validation
from model_build.recipe import Recipe
from model_build.run.estimate import ByteEstimate, estimate_bytes
from model_build.run.stage import stage_folder
from model_build.teacher.ensemble import AdditionalTeacher, load_additional
from model_build.teacher.model import Teacher, load_teacher
from model_build.teacher.workers import ThisProcess, Workers
from model_build.vocabulary.pruning import read_vocabulary, token_rows
from service.artifact.artifact import Artifact, ArtifactError, TokenizerRules, load_artifact

ARTIFACT = "artifact"  # a folder inside a stage's
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


class Context:
    """The shared inputs of one run's stages; each is loaded once, when it is first needed."""

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
    def files(self) -> list[Path]:
        """The training texts' files.

        Raises:
            CorpusError: a pattern matches none.
        """
        return find_files(self.recipe.corpus.files, self.data)

    @cached_property
    def teacher(self) -> Teacher:
        """The teacher, before fine-tuning."""
        return load_teacher(self.recipe.teacher.model)

    @cached_property
    def ensemble(self) -> tuple[AdditionalTeacher, ...]:
        """The additional teachers."""
        return tuple(load_additional(one, self.recipe.teacher) for one in self.recipe.teacher.ensemble)

    @cached_property
    def initial(self) -> Artifact | None:
        """The published artifact that the student starts from.

        Raises:
            StartError: it can't be loaded.
        """
        folder = self.recipe.student.init_from
        if folder is None:
            return None
        try:
            return load_artifact(Path(folder))
        except ArtifactError as error:
            raise StartError(f"student.init_from: {error}") from None

    @cached_property
    def excluded(self) -> set[str]:
        """Texts of validation and test sets, which must not train."""
        return self._evaluation_texts | (self.tasks.validation_texts if self.tasks else set())

    @cached_property
    def tasks(self) -> PairTasks | None:
        """The labelled pairs that the teacher is fine-tuned on."""
        recipes = self.recipe.teacher.tasks
        return read_tasks(recipes, self.data, self._evaluation_texts, self.recipe.seed) if recipes else None

    @cached_property
    def tests(self) -> PairTasks | None:
        """The labelled pairs that the teacher's tasks are tested on."""
        return read_tests(self.recipe.teacher.tasks, self.recipe.evaluation.pairs, self.data)

    @cached_property
    def corpus(self) -> Corpus:
        """The training texts."""
        return load_corpus(self.folder_of("corpus"))

    @cached_property
    def tokens(self) -> list[str]:
        """The pruned vocabulary."""
        return read_vocabulary(self.folder_of("vocabulary") / "vocab.txt")

    @cached_property
    def rules(self) -> TokenizerRules:
        """The tokenizer rules: the teacher's, except for symbols and compatibility forms."""
        lowercase = self.teacher.lowercase
        return TokenizerRules(lowercase=lowercase, strip_accents=lowercase, version=2)

    @cached_property
    def rows(self) -> list[list[int]]:
        """The student's token ids of the training texts."""
        return self.tokenize(self.corpus.texts, self.recipe.student.max_length)

    @cached_property
    def heldout_rows(self) -> list[list[int]]:
        """The student's token ids of the held-out texts, truncated as on the device."""
        return self.tokenize(self.corpus.heldout, self.recipe.device_max_length)

    @cached_property
    def sizes(self) -> ByteEstimate:
        """The estimated device bytes."""
        return estimate_bytes(self.recipe)

    @cached_property
    def candidate_tokens(self) -> dict[str, int]:
        """The teacher's ids of the tokens that may be kept: with an initial artifact, only those of its vocabulary.

        Raises:
            StartError: the initial artifact has a token that the teacher lacks.
        """
        known = self.teacher.vocabulary
        if self.initial is None:
            return known
        tokens = read_vocabulary(self.initial.vocabulary_path)
        foreign = [token for token in tokens if token not in known]
        if foreign:
            raise StartError(f"student.init_from has a token that the teacher does not know: {foreign[0]!r}")
        return {token: known[token] for token in tokens}

    @cached_property
    def validation(self) -> Validation | None:
        """The benchmark's validation examples; None where nothing is measured."""
        return load_validation(self.data) if self.is_measured else None

    @property
    def is_measured(self) -> bool:
        """True if the artifact is measured on benchmark tasks."""
        return self.has_benchmark and bool(self.recipe.evaluation.tasks)

    @property
    def has_benchmark(self) -> bool:
        """True if the data folder has evaluation sets."""
        return (self.data / BENCHMARK).is_dir()

    def folder_of(self, name: str) -> Path:
        """Return the folder of a stage."""
        return stage_folder(self.folder, NAMES, name)

    def tokenize(self, texts: Sequence[str], max_length: int) -> list[list[int]]:
        """Tokenize texts as the student does."""
        return list(token_rows(self.tokens, self.rules, texts, max_length))

    @cached_property
    def _evaluation_texts(self) -> set[str]:
        """Texts of the benchmark, of the tasks' tests, and of the recipe's excluded files."""
        found = evaluation_texts(self.data) if self.has_benchmark else set()
        if self.tests:
            found |= set(self.tests.texts)
        return found | excluded_texts(self.recipe.corpus, self.data)
