"""Cross-distillation: teacher and student train together (EI-BERT, arXiv 2507.04636).

Two ideas, each of which can be switched off:

- *Parameter integration.* The teacher's fine-tuned task layer is the student's too, behind an adapter for the width;
  shared, or as a copy to start from.
- *Mutual interplay.* Both models train: the student at a large rate towards the teacher, the teacher at a small rate
  towards what the student can follow. Between them stand the distance of their vectors and the KL divergence of their
  similarity distributions, in both directions; each also has the ranking task, and the teacher an anchor to what it
  was. The teacher may adapt in the first part of the steps alone, or towards its task alone.

With both off, this is one-way distillation from a frozen teacher.

A teacher that was fine-tuned on labelled pairs gives lessons beside: batches of pairs, whose labels and whose
judgement by the teacher's head the student learns. Its head is integrated, and takes part in the interplay, as the
task layer does.

Nothing here draws a random number while it trains and a step's batch depends on the step alone, so that a run resumed
from a checkpoint ends with the weights of an undisturbed one.
"""

import copy
import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils import parametrize

from model_build.common.atomic import durable_file
from model_build.common.batches import BatchStream
from model_build.common.device import CPU, computing
from model_build.common.log import Journal
from model_build.distillation.data import Examples
from model_build.distillation.distributed import Processes
from model_build.distillation.losses import (
    distribution_loss,
    judgement_loss,
    neighbour_cosines,
    ranking_loss,
    representation_loss,
)
from model_build.pair_tasks import Lessons
from model_build.quantization.schemes import start_rounding, stop_rounding
from model_build.recipe import DistillationRecipe
from model_build.student.model import PAD_ID, Student
from model_build.teacher.model import pad

CHECKPOINT = "checkpoint.pt"
WEIGHT_DECAY = 0.01
Validate = Callable[[Student], Mapping[str, float]]


class CrossDistillation:
    """One training run; `run` brings it to its last step."""

    def __init__(
        self,
        student: Student,
        task_layer: nn.Linear,
        examples: Examples,
        recipe: DistillationRecipe,
        seed: int,
        schemes: Mapping[str, str] | None = None,
        lessons: Lessons | None = None,
        processes: Processes | None = None,
    ) -> None:
        """Join the two models.

        Args:
            student: trained in place.
            task_layer: the teacher's fine-tuned task layer; trained in place with mutual interplay.
            examples: what both read.
            recipe: which halves of the idea are on, and the rates.
            seed: decides the batches.
            schemes: how each module of the student is rounded in the last steps, where the recipe has such steps.
            lessons: the labelled pairs and the head that a fine-tuned teacher judges them with, which is trained in
                place with mutual interplay.
            processes: that share each batch; this one alone where none are named.
        """
        self._processes = processes or Processes()
        self._schemes = schemes or {}
        self._first_rounded = recipe.steps - round(recipe.rounded_share * recipe.steps)
        self._student, self._task_layer, self._examples, self._recipe = student, task_layer, examples, recipe
        self._seed = seed
        self._anchor_layer = copy.deepcopy(task_layer).requires_grad_(requires_grad=False)
        self._adapting_steps = round(recipe.interplay_share * recipe.steps) if recipe.mutual_interplay else 0
        task_layer.requires_grad_(requires_grad=recipe.mutual_interplay)
        if recipe.parameter_integration:
            shared = recipe.integration_shares
            student.task_layer = task_layer if shared else copy.deepcopy(task_layer).requires_grad_()
        self._lessons, self._device = lessons, CPU
        if lessons:
            self._take_up(lessons)
        self._adapting = self._adapting_steps > 0
        self._teacher_parameters = self._trained_teacher_parameters()
        self._optimizer = self._build_optimizer()
        lengths = [len(row) for row in examples.rows]
        topics = examples.anchor.topics(recipe.topic_bits) if recipe.topic_bits else None
        self._texts = BatchStream(lengths, recipe.batch_texts, seed, topics)
        pair_lengths = [lengths[text] for _, text in examples.pairs]
        pair_topics = None if topics is None else topics[examples.pairs[:, 1]]
        self._pairs = BatchStream(pair_lengths, recipe.batch_texts, seed + 1, pair_topics) if pair_lengths else None

    def run(self, folder: Path, validate: Validate, journal: Journal) -> list[dict[str, float]]:
        """Train to the recipe's last step, from the folder's checkpoint where there is one.

        Returns:
            The learning curve: a point every `validate_every` steps, of mean losses and validation figures.
        """
        with computing(*self._modules()) as self._device:
            return self._run(folder / CHECKPOINT, validate, journal)

    def _run(self, checkpoint: Path, validate: Validate, journal: Journal) -> list[dict[str, float]]:
        step, curve, sums = self._restore(checkpoint)
        recipe = self._recipe
        with journal.bar("cross-distillation", recipe.steps, step) as bar:
            while step < recipe.steps:
                if step == self._first_rounded:
                    start_rounding(self._student, self._schemes)
                losses = self._step(step)
                step += 1
                for name, value in losses.items():
                    sums[name] = sums.get(name, 0.0) + value
                bar.advance(note=f"loss {losses['loss']:.3f}")
                since = (step - 1) % recipe.validate_every + 1
                if step % recipe.validate_every == 0 or step == recipe.steps:
                    self._student.eval()
                    point = {"step": float(step)} | {name: value / since for name, value in sums.items()}
                    figures = validate(self._student) if self._processes.leads else {}
                    curve.append(point | dict(figures))
                    self._student.train()
                    journal.event("cross-distillation", "validated", **curve[-1])
                    sums = {}
                if step % recipe.checkpoint_every == 0 and self._processes.leads:
                    self._save(checkpoint, step, curve, sums)
        self._student.eval()
        stop_rounding(self._student, keep_rounded=False)
        return curve

    def _step(self, step: int) -> dict[str, float]:
        scale = schedule(step, self._recipe.steps, self._recipe.warmup_steps)
        self._adapting = step < self._adapting_steps
        for group in self._optimizer.param_groups:
            group["lr"] = group["peak"] * scale
        if self._teacher_parameters and not self._adapting:
            self._optimizer.param_groups[-1]["lr"] = 0.0
        on_pairs = self._pairs is not None and (step + 1) % self._recipe.pair_every == 0
        with parametrize.cached():  # both sides of a pair read matrices that were rounded once
            losses = self._pair_losses(step) if on_pairs else self._text_losses(step)
            if self._lessons and (step + 1) % self._recipe.lesson_every == 0:
                losses |= self._lesson_losses(step // self._recipe.lesson_every, self._lessons)
            total = torch.stack(list(losses.values())).sum()
            self._optimizer.zero_grad()
            total.backward()  # type: ignore[no-untyped-call]
        self._processes.average_gradients(one for group in self._optimizer.param_groups for one in group["params"])
        nn.utils.clip_grad_norm_(self._student.parameters(), 1.0)
        self._optimizer.step()
        return {"loss": total.item()} | {name: value.item() for name, value in losses.items()}

    def _text_losses(self, step: int) -> dict[str, Tensor]:
        """Losses of a batch of texts: their vectors, and their similarities to each other."""
        places = self._texts.at(step - step // self._recipe.pair_every if self._pairs else step)
        student, teacher, anchor = self._vectors(places, self._examples)
        losses = self._representation_losses(student, teacher, anchor)
        return losses | self._distribution_losses(neighbour_cosines(student), neighbour_cosines(teacher))

    def _pair_losses(self, step: int) -> dict[str, Tensor]:
        """Losses of a batch of queries and their texts: vectors, similarities across, and the ranking task."""
        assert self._pairs is not None  # noqa: S101 (narrows the type)
        pairs = self._examples.pairs[self._pairs.at(step // self._recipe.pair_every)]
        sides = [self._vectors(pairs[:, side], self._examples) for side in (0, 1)]
        student, teacher, anchor = (torch.cat(vectors) for vectors in zip(*sides, strict=True))
        losses = self._representation_losses(student, teacher, anchor)
        ours = sides[0][0] @ sides[1][0].T
        theirs = sides[0][1] @ sides[1][1].T
        losses |= self._distribution_losses(ours, theirs)
        weight, temperature = self._recipe.task_weight, self._recipe.temperature
        losses["task"] = weight * ranking_loss(ours, temperature)
        if self._adapting:
            losses["teacher_task"] = weight * ranking_loss(theirs, temperature)
        return losses

    def _lesson_losses(self, lesson: int, lessons: Lessons) -> dict[str, Tensor]:
        """Losses of a batch of labelled pairs: vectors, the teacher's judgement through its head, and the labels."""
        places = self._lesson_stream.at(lesson)
        pairs, tasks = lessons.examples.pairs[places], torch.from_numpy(lessons.tasks[places]).to(self._device)
        labels = torch.from_numpy(lessons.labels[places]).to(self._device)
        both = self._vectors(pairs.T.ravel(), lessons.examples)
        found = self._representation_losses(*both)
        student, teacher = (torch.tensor_split(vectors, 2) for vectors in both[:2])
        ours = self._student.judge(student[0], student[1], tasks)
        theirs = (lessons.head if self._adapting else self._anchor_head)(teacher[0], teacher[1], tasks)
        label_weight, weight = self._recipe.label_weight, self._recipe.judgement_weight
        found["judgement"] = weight * judgement_loss(ours, theirs.detach())
        found["labels"] = label_weight * F.binary_cross_entropy_with_logits(ours, labels)
        if self._adapting:
            found["teacher_judgement"] = self._recipe.teacher_follows * weight * judgement_loss(theirs, ours.detach())
            found["teacher_labels"] = label_weight * F.binary_cross_entropy_with_logits(theirs, labels)
        return {f"lesson_{name}": loss for name, loss in found.items()}

    def _take_up(self, lessons: Lessons) -> None:
        recipe, head = self._recipe, lessons.head
        self._anchor_head = copy.deepcopy(head).requires_grad_(requires_grad=False)
        head.requires_grad_(requires_grad=recipe.mutual_interplay)
        if recipe.parameter_integration:
            self._student.pair_head = head if recipe.integration_shares else copy.deepcopy(head).requires_grad_()
        self._lesson_stream = lessons.stream(recipe.batch_texts // 2, self._seed + 2)

    def _vectors(self, places: NDArray[np.int64], examples: Examples) -> tuple[Tensor, Tensor, Tensor]:
        """Unit vectors of texts: the student's, the teacher's, and the teacher's as it was."""
        own = [examples.rows[place] for place in self._processes.part(places)]
        ids, mask = pad(own, PAD_ID, self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._recipe.precision == "bfloat16"):
            student = self._student(ids, mask)
        student = self._processes.joined(F.normalize(student.float(), dim=-1))
        with torch.no_grad():
            anchor = F.normalize(self._anchor_layer(examples.anchor(places).to(self._device)), dim=-1)
        if not self._adapting:
            return student, anchor, anchor
        teacher = F.normalize(self._task_layer(examples.features(places).to(self._device)), dim=-1)
        return student, teacher, anchor

    def _representation_losses(self, student: Tensor, teacher: Tensor, anchor: Tensor) -> dict[str, Tensor]:
        weight = self._recipe.representation_weight
        losses = {"representation": weight * representation_loss(student, teacher.detach())}
        if self._adapting:
            follows = self._recipe.teacher_follows
            losses["teacher_representation"] = follows * weight * representation_loss(teacher, student.detach())
            losses["teacher_anchor"] = self._recipe.anchor_weight * representation_loss(teacher, anchor)
        return losses

    def _distribution_losses(self, ours: Tensor, theirs: Tensor) -> dict[str, Tensor]:
        weight, temperature = self._recipe.distribution_weight, self._recipe.temperature
        losses = {"distribution": weight * distribution_loss(ours, theirs.detach(), temperature)}
        if self._adapting:
            follows = self._recipe.teacher_follows
            losses["teacher_distribution"] = follows * weight * distribution_loss(theirs, ours.detach(), temperature)
        return losses

    def _modules(self) -> list[nn.Module]:
        """All that computes."""
        heads = [self._lessons.head, self._anchor_head] if self._lessons else []
        return [self._student, self._task_layer, self._anchor_layer, *heads, *self._examples.features.modules]

    def _trained_teacher_parameters(self) -> list[nn.Parameter]:
        if not self._recipe.mutual_interplay:
            return []
        head = self._lessons.head.parameters() if self._lessons else ()
        return [*self._task_layer.parameters(), *head, *self._examples.features.parameters()]

    def _build_optimizer(self) -> torch.optim.Optimizer:
        shared = {id(parameter) for parameter in self._teacher_parameters}
        own = [p for p in self._student.parameters() if p.requires_grad and id(p) not in shared]
        recipe = self._recipe
        groups = [
            {"params": [p for p in own if p.ndim > 1], "peak": recipe.student_rate, "weight_decay": WEIGHT_DECAY},
            {"params": [p for p in own if p.ndim <= 1], "peak": recipe.student_rate, "weight_decay": 0.0},
            {"params": self._teacher_parameters, "peak": recipe.teacher_rate, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(
            [group for group in groups if group["params"]], lr=recipe.student_rate, betas=(0.9, 0.98), fused=True
        )

    def _save(self, path: Path, step: int, curve: list[dict[str, float]], sums: dict[str, float]) -> None:
        state = {
            "step": step,
            "curve": curve,
            "sums": sums,
            "student": self._student.state_dict(),
            "task_layer": self._task_layer.state_dict(),
            "features": self._examples.features.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        if self._lessons:
            state["pair_head"] = self._lessons.head.state_dict()
        with durable_file(path) as file:
            torch.save(state, file)

    def _restore(self, path: Path) -> tuple[int, list[dict[str, float]], dict[str, float]]:
        if not path.exists():
            return 0, [], {}
        state = torch.load(path, weights_only=True, map_location=self._device)
        # Rounding starts with that step: a checkpoint from before it holds plain matrices.
        if state["step"] > self._first_rounded:
            start_rounding(self._student, self._schemes)
        self._student.load_state_dict(state["student"])
        self._task_layer.load_state_dict(state["task_layer"])
        self._examples.features.load_state_dict(state["features"])
        if self._lessons:
            self._lessons.head.load_state_dict(state["pair_head"])
        self._optimizer.load_state_dict(state["optimizer"])
        return int(state["step"]), list(state["curve"]), dict(state["sums"])


def schedule(step: int, steps: int, warmup: int) -> float:
    """Linear warm-up, then cosine decay to nothing, as a factor on the peak rate."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1.0 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
