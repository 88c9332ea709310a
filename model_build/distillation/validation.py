"""The figures that tell, while a student trains, how well it does. None of them is read off a test split."""

from collections.abc import Callable, Mapping, Sequence

from torch import nn

from model_build.common.systems import Vectors, unit_rows
from model_build.evaluation import Role, Validation
from model_build.pair_tasks import Examination
from model_build.student.model import Student, embed

Tokenize = Callable[[Sequence[str]], list[list[int]]]


class Validator:
    """Agreement with the teacher on held-out texts, and a benchmark's validation splits where there is one."""

    def __init__(
        self,
        rows: Sequence[Sequence[int]],
        target: Vectors,
        tokenize: Tokenize,
        benchmark: Validation | None,
        examination: Examination | None = None,
    ) -> None:
        """Prepare the figures.

        Args:
            rows: the student's token ids of the held-out texts.
            target: the teacher's unit vectors of them, `[texts, width]`.
            tokenize: gives the student's token ids.
            benchmark: its validation examples, or None.
            examination: the validation pairs of the teacher's tasks, or None.
        """
        self._rows, self._target, self._tokenize = rows, target, tokenize
        self._benchmark, self._examination = benchmark, examination

    def __call__(self, model: nn.Module) -> Mapping[str, float]:
        """The figures of a student, by name."""
        cosine = float((embed(model, self._rows) * self._target).sum(1).mean())
        figures = self._benchmark.metrics(Candidate(model, self._tokenize)) if self._benchmark else {}
        judged = self._examination(model) if self._examination and isinstance(model, Student) else {}
        return {"heldout cosine": cosine, **figures, **judged}


class Candidate:
    """A student in training, as an evaluation sees it."""

    name = identity = "student"
    role = Role.ARTIFACT
    bytes = 0

    def __init__(self, model: nn.Module, tokenize: Tokenize) -> None:
        self._model, self._tokenize = model, tokenize

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of texts."""
        return unit_rows(embed(self._model, self._tokenize(texts)))
