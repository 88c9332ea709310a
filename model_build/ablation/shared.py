"""Inputs shared by all variants: corpus, teacher vectors, token importance and validation texts.

They are made by the first stages of a build of the recipe, with the recipe's own seed.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path

from torch import nn

from model_build.common.log import Journal
from model_build.corpus.build import Corpus
from model_build.distillation.validation import Candidate, Tokenize, Validator
from model_build.evaluation import load_validation
from model_build.evaluation.tasks.language import LanguageProblem
from model_build.evaluation.validation_sets import PROBE_METRIC, load_probe
from model_build.recipe import Recipe, VocabularyRecipe
from model_build.run.context import NAMES
from model_build.run.pipeline import stages_of
from model_build.run.stage import run_stages, stage_folder
from model_build.run.stages.steps import Steps
from model_build.student.init import target_vectors
from model_build.teacher.model import Teacher
from model_build.vocabulary import pruning as vocabulary

MADE = NAMES[:3]  # corpus, teacher, vocabulary


@dataclass(frozen=True)
class Measure:
    """Computes a student's validation metrics; agreement is with the teacher before any adaptation.

    Attributes:
        validator: computes agreement with the teacher and a build's other validation metrics.
        tokenize: the student's tokenizer.
        probe: also measured, if given.
    """

    validator: Validator
    tokenize: Tokenize
    probe: LanguageProblem | None

    def __call__(self, model: nn.Module) -> Mapping[str, float]:
        """The metrics by name."""
        metrics = dict(self.validator(model))
        if self.probe is not None:
            (probe,) = self.probe.measure(Candidate(model, self.tokenize))
            metrics[PROBE_METRIC] = probe.value
        return metrics


@dataclass(frozen=True)
class Reading:
    """The texts, tokenized with one vocabulary.

    Attributes:
        pieces: tokens of the vocabulary.
        rows: token ids of the training texts.
        measure: computes the metrics of a student with this vocabulary.
    """

    pieces: list[str]
    rows: Sequence[Sequence[int]]
    measure: Measure


class SharedInputs:
    """The inputs that all variants share."""

    def __init__(self, recipe: Recipe, data: Path, folder: Path, files: list[Path], journal: Journal) -> None:
        """Load the teacher and the validation examples, so that their errors come before anything is made.

        Raises:
            BuildError: the user must fix something first.
        """
        self._folder, self._journal = folder, journal
        self._steps = Steps(recipe, data, folder, journal)
        self._validation = load_validation(data) if self.measured else None
        self._probe = load_probe(data) if self.measured else None
        self._stages = stages_of(recipe, self._steps, files)[: len(MADE)]
        self.reading = lru_cache(maxsize=1)(self._read)

    def make(self) -> str:
        """Run the stages that are not done. Returns the last one's fingerprint."""
        return run_stages(self._stages, self._folder, self._journal)[MADE[-1]].fingerprint

    @property
    def corpus(self) -> Corpus:
        """The training texts."""
        return self._steps.corpus

    @property
    def measured(self) -> bool:
        """Whether the data folder has evaluation sets."""
        return self._steps.has_benchmark

    @property
    def teacher_folder(self) -> Path:
        """The folder of the teacher's vectors and its projection."""
        return stage_folder(self._folder, NAMES, "teacher")

    def teacher(self, *, trained: bool) -> Teacher:
        """The unadapted teacher; with `trained`, a copy whose weights may change."""
        teacher = self._steps.teacher
        return replace(teacher, model=copy.deepcopy(teacher.model)) if trained else teacher

    def pieces(self, recipe: VocabularyRecipe) -> list[str]:
        """The pruned vocabulary.

        Raises:
            RecipeError: its size is impossible.
        """
        scores = self._importance.attention if recipe.importance == "attention" else self._importance.frequency
        return vocabulary.prune(self._steps.teacher.vocabulary, scores, recipe.size)

    def _read(self, recipe: VocabularyRecipe, max_length: int, device_max_length: int) -> Reading:
        pieces, corpus = self.pieces(recipe), self.corpus
        tokenize = partial(self._tokenize, pieces, device_max_length)
        target = target_vectors(self.teacher_folder, len(corpus.heldout))
        validator = Validator(tokenize(corpus.heldout), target, tokenize, self._validation)
        return Reading(
            pieces=pieces,
            rows=self._tokenize(pieces, max_length, corpus.texts),
            measure=Measure(validator, tokenize, self._probe),
        )

    def _tokenize(self, pieces: Sequence[str], max_length: int, texts: Sequence[str]) -> list[list[int]]:
        return list(vocabulary.token_rows(pieces, self._steps.rules, texts, max_length))

    @cached_property
    def _importance(self) -> vocabulary.Importance:
        return vocabulary.load_importance(stage_folder(self._folder, NAMES, "vocabulary"))
