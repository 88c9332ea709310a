"""Validation metrics of a student in training; none of them reads a test split."""

from collections.abc import Mapping, Sequence

from torch import nn

from model_build.common.batching import embed_rows
from model_build.common.systems import Role, Vectors, unit_rows
from model_build.distillation.data import Tokenize
from model_build.distillation.pair_batches import PairValidator
from model_build.evaluation.tasks.language import LanguageProblem
from model_build.evaluation.validation_sets import PROBE_METRIC, Validation
from model_build.student.model import Student


class Validator:
    """Measures agreement with the teacher on held-out texts, and a benchmark's validation splits where there is one."""

    def __init__(
        self,
        rows: Sequence[Sequence[int]],
        targets: Vectors,
        tokenize: Tokenize,
        benchmark: Validation | None,
        pairs: PairValidator | None = None,
        probe: LanguageProblem | None = None,
    ) -> None:
        """Prepare the metrics on held-out texts, given by the student's token ids and the teacher's unit vectors.

        The validation splits of a benchmark and of the teacher's tasks, and a probe's, are measured too, if given.
        """
        self._rows, self._targets, self._tokenize = rows, targets, tokenize
        self._benchmark, self._pairs, self._probe = benchmark, pairs, probe

    def __call__(self, model: nn.Module) -> Mapping[str, float]:
        """Measure a student: metrics by name."""
        system = StudentSystem(model, self._tokenize)
        cosine = float((embed_rows(model, self._rows) * self._targets).sum(1).mean())
        benchmark = self._benchmark.metrics(system) if self._benchmark else {}
        pairs = self._pairs(model) if self._pairs and isinstance(model, Student) else {}
        metrics = {"heldout cosine": cosine, **benchmark, **pairs}
        if self._probe is not None:
            (probe,) = self._probe.measure(system)
            metrics[PROBE_METRIC] = probe.value
        return metrics


class StudentSystem:
    """A student in training as a system of an evaluation."""

    name = identity = "student"
    role = Role.ARTIFACT
    bytes = 0

    def __init__(self, model: nn.Module, tokenize: Tokenize) -> None:
        self._model, self._tokenize = model, tokenize

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: float32 `[texts, width]`, unit rows."""
        return unit_rows(embed_rows(self._model, self._tokenize(texts)))
