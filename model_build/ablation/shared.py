"""What all variants read, made once: the corpus, the teacher's vectors, the tokens' importance, the validation texts.

It is made by the first stages of an ordinary build of the recipe, with the recipe's own seed.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path

from torch import nn

from model_build.common.log import Journal
from model_build.corpus.build import Corpus
from model_build.distillation.data import Tokenize
from model_build.distillation.validation import StudentSystem, Validator
from model_build.evaluation import load_validation
from model_build.evaluation.ablation_probe import FIGURE, load_probe
from model_build.evaluation.tasks.language import LanguageProblem
from model_build.recipe import Recipe, VocabularyRecipe
from model_build.run.context import NAMES, Context
from model_build.run.pipeline import stages_of
from model_build.run.stage import run_stages, stage_folder
from model_build.teacher.model import Teacher
from model_build.teacher.targets import heldout_targets
from model_build.vocabulary.importance import Importance, load_importance
from model_build.vocabulary.pruning import prune, token_rows

MADE = NAMES[:3]  # corpus, teacher, vocabulary


@dataclass(frozen=True)
class Measure:
    """Gives a student's validation figures; the teacher among them is the one that has not adapted.

    Attributes:
        validator: agreement with the teacher, and the figures that a build has.
        tokenize: gives the student's token ids.
        probe: measured too, where there is one.
    """

    validator: Validator
    tokenize: Tokenize
    probe: LanguageProblem | None

    def __call__(self, model: nn.Module) -> Mapping[str, float]:
        """The figures by name."""
        figures = dict(self.validator(model))
        if self.probe is not None:
            (outcome,) = self.probe.measure(StudentSystem(model, self.tokenize))
            figures[FIGURE] = outcome.value
        return figures


@dataclass(frozen=True)
class Reading:
    """The texts under one vocabulary.

    Attributes:
        tokens: the vocabulary.
        rows: token ids of the training texts.
        measure: gives the figures of a student that reads this vocabulary.
    """

    tokens: list[str]
    rows: Sequence[Sequence[int]]
    measure: Measure


class Common:
    """What all variants read."""

    def __init__(self, recipe: Recipe, data: Path, folder: Path, journal: Journal) -> None:
        """Load the teacher and the validation examples: what is amiss with them is told before anything is made.

        Raises:
            BuildError: something must be mended first.
        """
        self._folder, self._journal = folder, journal
        self._context = Context(recipe, data, folder, journal)
        self._validation = load_validation(data) if self.measured else None
        self._probe = load_probe(data) if self.measured else None
        self._stages = stages_of(self._context)[: len(MADE)]
        self.reading = lru_cache(maxsize=1)(self._read)

    def make(self) -> str:
        """Make what is not yet there. Returns the fingerprint of it all."""
        return run_stages(self._stages, self._folder, self._journal)[MADE[-1]].fingerprint

    @property
    def corpus(self) -> Corpus:
        """The training texts."""
        return self._context.corpus

    @property
    def measured(self) -> bool:
        """Whether the data folder has evaluation sets."""
        return self._context.has_benchmark

    @property
    def teacher_folder(self) -> Path:
        """Where the teacher's vectors and its task layer lie."""
        return stage_folder(self._folder, NAMES, "teacher")

    def teacher(self, *, trained: bool) -> Teacher:
        """The teacher, as it came; a copy of its own for who trains it."""
        teacher = self._context.teacher
        return replace(teacher, model=copy.deepcopy(teacher.model)) if trained else teacher

    def tokens(self, recipe: VocabularyRecipe) -> list[str]:
        """The pruned vocabulary.

        Raises:
            RecipeError: its size can't be.
        """
        scores = self._importance.orders[recipe.importance]
        return prune(self._context.teacher.vocabulary, scores, recipe.size)

    def _read(self, recipe: VocabularyRecipe, max_length: int, device_max_length: int) -> Reading:
        tokens, corpus = self.tokens(recipe), self.corpus
        tokenize = partial(self._tokenize, tokens, device_max_length)
        target = heldout_targets(self.teacher_folder, len(corpus.heldout))
        validator = Validator(tokenize(corpus.heldout), target, tokenize, self._validation)
        return Reading(
            tokens=tokens,
            rows=self._tokenize(tokens, max_length, corpus.texts),
            measure=Measure(validator, tokenize, self._probe),
        )

    def _tokenize(self, tokens: Sequence[str], max_length: int, texts: Sequence[str]) -> list[list[int]]:
        return list(token_rows(tokens, self._context.rules, texts, max_length))

    @cached_property
    def _importance(self) -> Importance:
        return load_importance(stage_folder(self._folder, NAMES, "vocabulary"))
