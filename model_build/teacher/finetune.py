"""Fine-tune the teacher on labelled pairs: encoder and pair classifier, end to end.

The token embeddings are frozen: the student's start from them, and most tokens occur in no pair. An interrupted
fine-tuning starts anew; a finished one is not repeated.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from model_build.common.atomic import durable_file
from model_build.common.batches import BatchStream
from model_build.common.batching import pad
from model_build.common.device import computing
from model_build.common.learning_rate import linear_schedule
from model_build.common.log import Journal
from model_build.common.training_loop import optimize
from model_build.corpus.pairs import PairTasks
from model_build.recipe import TeacherRecipe
from model_build.teacher.model import Teacher, tokenize, top_layers
from model_build.teacher.pair_classifier import PairClassifier, pair_metrics

FINE_TUNED = "fine_tuned.pt"
CLASSIFIER_LEARNING_RATE = 5e-3
_WEIGHT_DECAY, _WARMUP_SHARE = 0.01, 0.1
_CALIBRATION_PAIRS = 1_000  # of each task, that scale the initial classifier


def fine_tuned(
    teacher: Teacher, tasks: PairTasks, recipe: TeacherRecipe, seed: int, folder: Path, journal: Journal
) -> Teacher:
    """Return a fine-tuned copy of a teacher, loaded from `folder` where an earlier call left encoder and classifier.

    The seed decides batches and dropout. The journal has the validation metrics before and after.

    Raises:
        TeacherError: the recipe trains more layers than the teacher has.
    """
    copied = replace(teacher, model=copy.deepcopy(teacher.model))
    classifier = PairClassifier(len(tasks.names), teacher.dimension)
    if not (folder / FINE_TUNED).exists():
        with computing(copied.model):
            _FineTuning(copied, classifier, tasks, recipe, seed).run(journal)
        with durable_file(folder / FINE_TUNED) as file:
            torch.save({"encoder": copied.model.state_dict(), "classifier": classifier.state_dict()}, file)
    copied.model.load_state_dict(torch.load(folder / FINE_TUNED, weights_only=True)["encoder"])
    copied.model.eval()  # type: ignore[no-untyped-call]
    return copied


def load_classifier(folder: Path) -> PairClassifier:
    """Load the classifier that a fine-tuning left in `folder`."""
    state = torch.load(folder / FINE_TUNED, weights_only=True)["classifier"]
    classifier = PairClassifier(*state["weight"].shape)
    classifier.load_state_dict(state)
    return classifier


@dataclass
class _FineTuning:
    teacher: Teacher
    classifier: PairClassifier
    tasks: PairTasks
    recipe: TeacherRecipe
    seed: int

    def __post_init__(self) -> None:
        self._rows = tokenize(self.teacher, self.tasks.texts, self.recipe.max_length)

    def run(self, journal: Journal) -> None:
        """Train the teacher's top layers and the classifier."""
        settings, tasks = self.recipe.fine_tuning, self.tasks
        trained = top_layers(self.teacher, settings.layers, "teacher.fine_tuning.layers")
        torch.manual_seed(self.seed)
        self._calibrate()
        lengths = [max(len(self._rows[index]) for index in pair) for pair in tasks.pairs[: tasks.training]]
        stream = BatchStream(lengths, settings.batch_pairs, self.seed)
        steps = settings.epochs * max(1, tasks.training // settings.batch_pairs)
        warmup = max(1, round(_WARMUP_SHARE * steps))
        journal.event("fine-tuning", "started", steps=steps, **self._validation_metrics())
        self.teacher.model.train()

        def loss_at(step: int) -> Tensor:
            indices = stream.at(step)
            logits = self.classifier(*self._vectors(tasks.pairs[indices]), torch.from_numpy(tasks.tasks[indices]))
            return F.binary_cross_entropy_with_logits(logits, torch.from_numpy(tasks.labels[indices]))

        with journal.bar("fine-tuning", steps) as bar:
            optimize(
                self._optimizer(trained),
                loss_at,
                steps,
                schedule=lambda step: linear_schedule(step, steps, warmup, steps - warmup),
                clipped=trained.parameters(),
                bar=bar,
            )
        self.teacher.model.eval()  # type: ignore[no-untyped-call]
        # Without dropout the vectors lie closer together, and the logits need another scale.
        calibrate(self.classifier, tasks, *self._embed(tasks.pairs[tasks.training :]))
        journal.event("fine-tuning", "done", **self._validation_metrics())

    def _calibrate(self) -> None:
        tasks = self.tasks
        for number in range(len(tasks.names)):
            own = np.flatnonzero(tasks.tasks[: tasks.training] == number)[:_CALIBRATION_PAIRS]
            self.classifier.fit_scale(number, *self._embed(tasks.pairs[own]), tasks.labels[own])

    def _optimizer(self, trained: nn.Module) -> torch.optim.Optimizer:
        peak = self.recipe.fine_tuning.learning_rate
        groups = [
            {"params": list(trained.parameters()), "peak": peak, "weight_decay": _WEIGHT_DECAY},
            {"params": list(self.classifier.parameters()), "peak": CLASSIFIER_LEARNING_RATE, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=peak, fused=True)

    def _vectors(self, pairs: NDArray[np.int64]) -> Sequence[Tensor]:
        """Unit vectors of the first and of the second texts of pairs."""
        rows = [self._rows[index] for index in pairs.T.ravel()]
        model = self.teacher.model
        ids, mask = pad(rows, self.teacher.tokenizer.pad_token_id, model.device)
        with torch.autocast(model.device.type, torch.bfloat16, enabled=self.recipe.precision == "bfloat16"):
            hidden = model(ids, attention_mask=mask).last_hidden_state
        vectors = F.normalize(self.teacher.pooling(hidden.float(), mask), dim=-1)
        return torch.tensor_split(vectors.cpu(), 2)  # the classifier is small and stays on the processor

    @torch.no_grad()
    def _embed(self, pairs: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Do the same for many pairs, in batches of similar length; the result is in the order given."""
        order = np.argsort([max(len(self._rows[index]) for index in pair) for pair in pairs], kind="stable")
        size = max(1, self.recipe.batch_texts // 2)
        parts = [self._vectors(pairs[order[start : start + size]]) for start in range(0, len(order), size)]
        back = torch.from_numpy(np.argsort(order))
        first, second = (torch.cat(side)[back] for side in zip(*parts, strict=True))
        return first, second

    @torch.no_grad()
    def _validation_metrics(self) -> Mapping[str, float]:
        tasks = self.tasks
        split = slice(tasks.training, None)
        logits = self.classifier(*self._embed(tasks.pairs[split]), torch.from_numpy(tasks.tasks[split]))
        return pair_metrics(tasks.names, logits.numpy(), tasks.labels[split], tasks.tasks[split])


def calibrate(classifier: PairClassifier, tasks: PairTasks, first: Tensor, second: Tensor) -> None:
    """Fit each task's scale and bias to the validation split, given its vectors: `[pairs, width]` twice."""
    labels, numbers = tasks.labels[tasks.training :], tasks.tasks[tasks.training :]
    for number in range(len(tasks.names)):
        own = numbers == number
        classifier.fit_scale(number, first[own], second[own], labels[own])
