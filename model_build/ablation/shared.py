"""Inputs shared by all variants: corpus, teacher vectors, token importance and validation texts.

They are made by the first stages of a build of the recipe, with the recipe's own seed.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path

from model_build.common.log import Journal
from model_build.corpus.build import Corpus
from model_build.distillation.validation import Validator
from model_build.evaluation.validation_sets import load_probe, load_validation
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
class Reading:
    """The texts, tokenized with one vocabulary.

    Attributes:
        tokens: the vocabulary.
        rows: token ids of the training texts.
        measure: computes the metrics of a student; agreement is with the teacher before any adaptation.
    """

    tokens: list[str]
    rows: Sequence[Sequence[int]]
    measure: Validator


class SharedInputs:
    """The inputs that all variants share."""

    def __init__(self, recipe: Recipe, data: Path, folder: Path, journal: Journal) -> None:
        """Load the teacher and the validation examples, so that their errors come before anything is made.

        Raises:
            BuildError: the user must fix something first.
        """
        self._folder, self._journal = folder, journal
        self._context = Context(recipe, data, folder, journal)
        self._validation = load_validation(data) if self.measured else None
        self._probe = load_probe(data) if self.measured else None
        self._stages = stages_of(self._context)[: len(MADE)]
        self.reading = lru_cache(maxsize=1)(self._read)

    def make(self) -> str:
        """Run the stages that are not done. Returns the last one's fingerprint."""
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
        """The folder of the teacher's vectors and its projection."""
        return stage_folder(self._folder, NAMES, "teacher")

    def teacher(self, *, trained: bool) -> Teacher:
        """The unadapted teacher; with `trained`, a copy whose weights may change."""
        teacher = self._context.teacher
        return replace(teacher, model=copy.deepcopy(teacher.model)) if trained else teacher

    def tokens(self, recipe: VocabularyRecipe) -> list[str]:
        """The pruned vocabulary.

        Raises:
            RecipeError: its size is impossible.
        """
        scores = self._importance.orders[recipe.importance]
        return prune(self._context.teacher.vocabulary, scores, recipe.size)

    def _read(self, recipe: VocabularyRecipe, max_length: int, device_max_length: int) -> Reading:
        tokens, corpus = self.tokens(recipe), self.corpus
        tokenize = partial(self._tokenize, tokens, device_max_length)
        target = heldout_targets(self.teacher_folder, len(corpus.heldout))
        measure = Validator(tokenize(corpus.heldout), target, tokenize, self._validation, probe=self._probe)
        return Reading(tokens, self._tokenize(tokens, max_length, corpus.texts), measure)

    def _tokenize(self, tokens: Sequence[str], max_length: int, texts: Sequence[str]) -> list[list[int]]:
        return list(token_rows(tokens, self._context.rules, texts, max_length))

    @cached_property
    def _importance(self) -> Importance:
        return load_importance(stage_folder(self._folder, NAMES, "vocabulary"))
