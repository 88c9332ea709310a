"""The teacher's fine-tuning on labelled pairs: two vectors and a head that judges them, end to end.

The token embeddings stay: the student's start from them, and most of them are of tokens that no pair has. A
fine-tuning that is stopped begins anew; one that is done is not done again.
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
from model_build.common.device import computing
from model_build.common.log import Journal
from model_build.corpus.pairs import PairTasks
from model_build.recipe import TeacherRecipe
from model_build.teacher.model import Teacher, pad, tokenize, top_layers
from model_build.teacher.pair_head import PairHead, pair_figures

FINE_TUNED = "fine_tuned.pt"
HEAD_RATE = 5e-3
_WEIGHT_DECAY, _WARMUP_SHARE = 0.01, 0.1
_FIRST_PAIRS = 1_000  # of each task, to which the head's start is fit


def fine_tuned(
    teacher: Teacher, tasks: PairTasks, recipe: TeacherRecipe, seed: int, place: Path, journal: Journal
) -> Teacher:
    """A fine-tuned copy of a teacher; what an earlier call has left in `place` is taken up.

    Args:
        teacher: stays as it is.
        tasks: what the copy learns.
        recipe: says how long and how fast, and in which precision.
        seed: decides batches and dropout.
        place: where encoder and head are kept.
        journal: shows progress; has the validation figures before and after.

    Raises:
        TeacherError: the recipe trains more layers than the teacher has.
    """
    learner = replace(teacher, model=copy.deepcopy(teacher.model))
    head = PairHead(len(tasks.names), teacher.dimension)
    if not (place / FINE_TUNED).exists():
        with computing(learner.model):
            _FineTuning(learner, head, tasks, recipe, seed).run(journal)
        with durable_file(place / FINE_TUNED) as file:
            torch.save({"encoder": learner.model.state_dict(), "head": head.state_dict()}, file)
    learner.model.load_state_dict(torch.load(place / FINE_TUNED, weights_only=True)["encoder"])
    learner.model.eval()  # type: ignore[no-untyped-call]
    return learner


def load_head(place: Path) -> PairHead:
    """The head that a fine-tuning has left in `place`."""
    state = torch.load(place / FINE_TUNED, weights_only=True)["head"]
    head = PairHead(*state["weight"].shape)
    head.load_state_dict(state)
    return head


@dataclass
class _FineTuning:
    teacher: Teacher
    head: PairHead
    tasks: PairTasks
    recipe: TeacherRecipe
    seed: int

    def __post_init__(self) -> None:
        self._rows = tokenize(self.teacher, self.tasks.texts, self.recipe.max_length)

    def run(self, journal: Journal) -> None:
        """Train the teacher's top layers and the head."""
        how, tasks = self.recipe.fine_tuning, self.tasks
        trained = top_layers(self.teacher, how.layers, "teacher.fine_tuning.layers")
        torch.manual_seed(self.seed)
        self._start_head()
        lengths = [max(len(self._rows[place]) for place in pair) for pair in tasks.pairs[: tasks.training]]
        stream = BatchStream(lengths, how.batch_pairs, self.seed)
        steps = how.epochs * max(1, tasks.training // how.batch_pairs)
        optimizer = self._optimizer(trained)
        journal.event("fine-tuning", "started", steps=steps, **self._figures())
        self.teacher.model.train()
        with journal.bar("fine-tuning", steps) as bar:
            for step in range(steps):
                scale = _triangle(step, steps)
                for group in optimizer.param_groups:
                    group["lr"] = group["peak"] * scale
                places = stream.at(step)
                logits = self.head(*self._vectors(tasks.pairs[places]), torch.from_numpy(tasks.tasks[places]))
                loss = F.binary_cross_entropy_with_logits(logits, torch.from_numpy(tasks.labels[places]))
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(trained.parameters(), 1.0)
                optimizer.step()
                bar.advance(note=f"loss {loss.item():.3f}")
        self.teacher.model.eval()  # type: ignore[no-untyped-call]
        # Dropout has moved the vectors apart: without it the same logits mean another thing.
        set_scales(self.head, tasks, *self._embed(tasks.pairs[tasks.training :]))
        journal.event("fine-tuning", "done", **self._figures())

    def _start_head(self) -> None:
        tasks = self.tasks
        for number in range(len(tasks.names)):
            own = np.flatnonzero(tasks.tasks[: tasks.training] == number)[:_FIRST_PAIRS]
            self.head.fit_scale(number, *self._embed(tasks.pairs[own]), tasks.labels[own])

    def _optimizer(self, trained: nn.Module) -> torch.optim.Optimizer:
        rate = self.recipe.fine_tuning.rate
        groups = [
            {"params": list(trained.parameters()), "peak": rate, "weight_decay": _WEIGHT_DECAY},
            {"params": list(self.head.parameters()), "peak": HEAD_RATE, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=rate, fused=True)

    def _vectors(self, pairs: NDArray[np.int64]) -> Sequence[Tensor]:
        """Unit vectors of the first and of the second texts of pairs."""
        rows = [self._rows[place] for place in pairs.T.ravel()]
        model = self.teacher.model
        ids, mask = pad(rows, self.teacher.tokenizer.pad_token_id, model.device)
        with torch.autocast(model.device.type, torch.bfloat16, enabled=self.recipe.precision == "bfloat16"):
            hidden = model(ids, attention_mask=mask).last_hidden_state
        vectors = F.normalize(self.teacher.pooling(hidden.float(), mask), dim=-1)
        return torch.tensor_split(vectors.cpu(), 2)  # the head is small, and stays on the processor

    @torch.no_grad()
    def _embed(self, pairs: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """The same of many pairs, the shortest first, in the order given."""
        order = np.argsort([max(len(self._rows[place]) for place in pair) for pair in pairs], kind="stable")
        size = max(1, self.recipe.batch_texts // 2)
        parts = [self._vectors(pairs[order[start : start + size]]) for start in range(0, len(order), size)]
        back = torch.from_numpy(np.argsort(order))
        first, second = (torch.cat(side)[back] for side in zip(*parts, strict=True))
        return first, second

    @torch.no_grad()
    def _figures(self) -> Mapping[str, float]:
        """Figures of the pairs that choose."""
        tasks = self.tasks
        chosen = slice(tasks.training, None)
        logits = self.head(*self._embed(tasks.pairs[chosen]), torch.from_numpy(tasks.tasks[chosen]))
        return pair_figures(tasks.names, logits.numpy(), tasks.labels[chosen], tasks.tasks[chosen])


def set_scales(head: PairHead, tasks: PairTasks, first: Tensor, second: Tensor) -> None:
    """Set each task's scale and bias on the pairs that choose, given their vectors: `[pairs, width]` twice."""
    labels, numbers = tasks.labels[tasks.training :], tasks.tasks[tasks.training :]
    for number in range(len(tasks.names)):
        own = numbers == number
        head.fit_scale(number, first[own], second[own], labels[own])


def _triangle(step: int, steps: int) -> float:
    """Linear warm-up, then linear decay, as a factor on the peak rate."""
    warmup = max(1, round(_WARMUP_SHARE * steps))
    return min((step + 1) / warmup, (steps - step) / max(1, steps - warmup))
