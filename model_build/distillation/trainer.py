"""Cross-distillation: teacher and student train together (EI-BERT, arXiv 2507.04636).

It has two halves, each of which can be switched off:

- *Parameter integration.* The student takes over the teacher's fitted projection, behind an adapter for the width:
  shared, or as a copy to start from.
- *Mutual interplay.* Both models train: the student at a large learning rate towards the teacher, the teacher at a
  small one towards the student (see `objective`), in all steps or in the first ones only.

With both off, this is one-way distillation from a frozen teacher.

A teacher that was fine-tuned on labelled pairs adds supervised pair batches. Its pair classifier is integrated, and
takes part in the interplay, as the projection does.

Training draws no random numbers, and a step's batch depends on the step alone: a run resumed from a checkpoint ends
with the weights of an undisturbed one.
"""

import copy
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
from model_build.common.batching import PAD_ID, pad
from model_build.common.device import CPU, computing
from model_build.common.learning_rate import cosine_schedule, set_learning_rates
from model_build.common.log import Journal
from model_build.distillation.data import Examples
from model_build.distillation.distributed import Processes
from model_build.distillation.losses import neighbour_cosines
from model_build.distillation.objective import Batch, Labelled, objective, total
from model_build.distillation.pair_batches import SupervisedPairs
from model_build.quantization.schemes import start_fake_quantization, stop_fake_quantization
from model_build.recipe import DistillationRecipe
from model_build.student.model import Student

CHECKPOINT = "checkpoint.pt"
WEIGHT_DECAY = 0.01
Validate = Callable[[Student], Mapping[str, float]]


class CrossDistillation:
    """One training run; `run` brings it to its last step."""

    def __init__(
        self,
        student: Student,
        projection: nn.Linear,
        examples: Examples,
        recipe: DistillationRecipe,
        seed: int,
        schemes: Mapping[str, str] | None = None,
        supervised: SupervisedPairs | None = None,
        processes: Processes | None = None,
    ) -> None:
        """Join the two models.

        Args:
            student: trained in place.
            projection: the teacher's; trained in place with mutual interplay.
            examples: the training texts.
            recipe: switches, weights and learning rates.
            seed: decides the batches.
            schemes: of each module, for the steps of quantization-aware training.
            supervised: labelled pairs and the teacher's classifier, which is trained in place with mutual interplay.
            processes: that share each batch; by default this one alone.
        """
        self._processes = processes or Processes()
        self._schemes = schemes or {}
        self._first_quantized = recipe.steps - round(recipe.qat_fraction * recipe.steps)
        self._student, self._projection, self._examples, self._recipe = student, projection, examples, recipe
        self._seed = seed
        self._anchor_projection = copy.deepcopy(projection).requires_grad_(requires_grad=False)
        self._mutual_steps = round(recipe.mutual_fraction * recipe.steps) if recipe.mutual_interplay else 0
        projection.requires_grad_(requires_grad=recipe.mutual_interplay)
        if recipe.parameter_integration:
            shared = recipe.integration_shares
            student.projection = projection if shared else copy.deepcopy(projection).requires_grad_()
        self._supervised, self._device = supervised, CPU
        if supervised:
            self._integrate_classifier(supervised)
        self._teacher_trains = self._mutual_steps > 0
        self._teacher_parameters = self._trained_teacher_parameters()
        self._optimizer = self._build_optimizer()
        lengths = [len(row) for row in examples.rows]
        self._texts = BatchStream(lengths, recipe.batch_texts, seed)
        pair_lengths = [lengths[text] for _, text in examples.pairs]
        self._pairs = BatchStream(pair_lengths, recipe.batch_texts, seed + 1) if pair_lengths else None

    def run(self, folder: Path, validate: Validate, journal: Journal) -> list[dict[str, float]]:
        """Train to the recipe's last step, from the folder's checkpoint where there is one.

        Returns:
            The learning curve: a point every `validate_every` steps, of mean losses and validation metrics.
        """
        with computing(*self._modules()) as self._device:
            return self._run(folder / CHECKPOINT, validate, journal)

    def _run(self, checkpoint: Path, validate: Validate, journal: Journal) -> list[dict[str, float]]:
        step, curve, sums = self._restore(checkpoint)
        recipe = self._recipe
        with journal.bar("cross-distillation", recipe.steps, step) as bar:
            while step < recipe.steps:
                if step == self._first_quantized:
                    start_fake_quantization(self._student, self._schemes)
                losses = self._step(step)
                step += 1
                for name, value in losses.items():
                    sums[name] = sums.get(name, 0.0) + value
                bar.advance(note=f"loss {losses['loss']:.3f}")
                since = (step - 1) % recipe.validate_every + 1
                if step % recipe.validate_every == 0 or step == recipe.steps:
                    self._student.eval()
                    point = {"step": float(step)} | {name: value / since for name, value in sums.items()}
                    metrics = validate(self._student) if self._processes.is_leader else {}
                    curve.append(point | dict(metrics))
                    self._student.train()
                    journal.event("cross-distillation", "validated", **curve[-1])
                    sums = {}
                if step % recipe.checkpoint_every == 0 and self._processes.is_leader:
                    self._save(checkpoint, step, curve, sums)
        self._student.eval()
        stop_fake_quantization(self._student, keep_quantized=False)
        return curve

    def _step(self, step: int) -> dict[str, float]:
        recipe = self._recipe
        self._teacher_trains = step < self._mutual_steps
        set_learning_rates(self._optimizer, cosine_schedule(step, recipe.steps, recipe.warmup_steps))
        if self._teacher_parameters and not self._teacher_trains:
            self._optimizer.param_groups[-1]["lr"] = 0.0
        with parametrize.cached():  # a pair's two sides share matrices that were quantized once
            losses = self._losses(step)
            loss = total(losses)
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
        self._processes.average_gradients(one for group in self._optimizer.param_groups for one in group["params"])
        nn.utils.clip_grad_norm_(self._student.parameters(), 1.0)
        self._optimizer.step()
        return {"loss": loss.item()} | {name: value.item() for name, value in losses.items()}

    def _losses(self, step: int) -> dict[str, Tensor]:
        """Compute the weighted losses of a step's batches."""
        recipe = self._recipe
        on_pairs = self._pairs is not None and (step + 1) % recipe.pair_every == 0
        batch = self._pair_batch(step) if on_pairs else self._text_batch(step)
        losses = objective(batch, recipe, teacher_trains=self._teacher_trains)
        if self._supervised and (step + 1) % recipe.supervised_every == 0:
            labelled = self._labelled_batch(step // recipe.supervised_every, self._supervised)
            more = objective(labelled, recipe, teacher_trains=self._teacher_trains)
            losses |= {f"supervised_{name}": loss for name, loss in more.items()}
        return losses

    def _text_batch(self, step: int) -> Batch:
        indices = self._texts.at(step - step // self._recipe.pair_every if self._pairs else step)
        student, teacher, anchor = self._vectors(indices, self._examples)
        return Batch(
            student, teacher, anchor, similarities=lambda: (neighbour_cosines(student), neighbour_cosines(teacher))
        )

    def _pair_batch(self, step: int) -> Batch:
        assert self._pairs is not None  # noqa: S101 (narrows the type)
        pairs = self._examples.pairs[self._pairs.at(step // self._recipe.pair_every)]
        queries, texts = (self._vectors(pairs[:, side], self._examples) for side in (0, 1))
        student, teacher, anchor = (torch.cat(sides) for sides in zip(queries, texts, strict=True))
        return Batch(
            student,
            teacher,
            anchor,
            similarities=lambda: (queries[0] @ texts[0].T, queries[1] @ texts[1].T),
            ranked=True,
        )

    def _labelled_batch(self, number: int, supervised: SupervisedPairs) -> Batch:
        indices = self._supervised_stream.at(number)
        pairs = supervised.examples.pairs[indices]
        tasks = torch.from_numpy(supervised.tasks[indices]).to(self._device)
        labels = torch.from_numpy(supervised.labels[indices]).to(self._device)
        teachers = supervised.classifier if self._teacher_trains else self._anchor_classifier
        labelled = Labelled(
            labels,
            student=lambda vectors: self._student.pair_logits(vectors, tasks),
            teacher=lambda vectors: teachers(*vectors.chunk(2), tasks),
        )
        return Batch(*self._vectors(pairs.T.ravel(), supervised.examples), labelled=labelled)

    def _integrate_classifier(self, supervised: SupervisedPairs) -> None:
        recipe, classifier = self._recipe, supervised.classifier
        self._anchor_classifier = copy.deepcopy(classifier).requires_grad_(requires_grad=False)
        classifier.requires_grad_(requires_grad=recipe.mutual_interplay)
        if recipe.parameter_integration:
            shared = recipe.integration_shares
            self._student.pair_classifier = classifier if shared else copy.deepcopy(classifier).requires_grad_()
        self._supervised_stream = supervised.stream(recipe.batch_texts // 2, self._seed + 2)

    def _vectors(self, indices: NDArray[np.int64], examples: Examples) -> tuple[Tensor, Tensor, Tensor]:
        """Unit vectors of texts: the student's, the teacher's, and the teacher's before it adapted."""
        own = [examples.rows[index] for index in self._processes.shard(indices)]
        ids, mask = pad(own, PAD_ID, self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._recipe.precision == "bfloat16"):
            student = self._student(ids, mask)
        student = self._processes.gathered(F.normalize(student.float(), dim=-1))
        with torch.no_grad():
            anchor = F.normalize(self._anchor_projection(examples.anchor(indices).to(self._device)), dim=-1)
        if not self._teacher_trains:
            return student, anchor, anchor
        teacher = F.normalize(self._projection(examples.vectors(indices).to(self._device)), dim=-1)
        return student, teacher, anchor

    def _modules(self) -> list[nn.Module]:
        """Every module that computes."""
        classifiers = [self._supervised.classifier, self._anchor_classifier] if self._supervised else []
        return [
            self._student,
            self._projection,
            self._anchor_projection,
            *classifiers,
            *self._examples.vectors.modules,
        ]

    def _trained_teacher_parameters(self) -> list[nn.Parameter]:
        if not self._recipe.mutual_interplay:
            return []
        classifier = self._supervised.classifier.parameters() if self._supervised else ()
        return [*self._projection.parameters(), *classifier, *self._examples.vectors.parameters()]

    def _build_optimizer(self) -> torch.optim.Optimizer:
        shared = {id(parameter) for parameter in self._teacher_parameters}
        own = [p for p in self._student.parameters() if p.requires_grad and id(p) not in shared]
        peak, teacher_peak = self._recipe.student_learning_rate, self._recipe.teacher_learning_rate
        groups = [
            {"params": [p for p in own if p.ndim > 1], "peak": peak, "weight_decay": WEIGHT_DECAY},
            {"params": [p for p in own if p.ndim <= 1], "peak": peak, "weight_decay": 0.0},
            {"params": self._teacher_parameters, "peak": teacher_peak, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW([group for group in groups if group["params"]], lr=peak, betas=(0.9, 0.98), fused=True)

    def _save(self, path: Path, step: int, curve: list[dict[str, float]], sums: dict[str, float]) -> None:
        state = {
            "step": step,
            "curve": curve,
            "sums": sums,
            "student": self._student.state_dict(),
            "projection": self._projection.state_dict(),
            "teacher": self._examples.vectors.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        if self._supervised:
            state["pair_classifier"] = self._supervised.classifier.state_dict()
        with durable_file(path) as file:
            torch.save(state, file)

    def _restore(self, path: Path) -> tuple[int, list[dict[str, float]], dict[str, float]]:
        if not path.exists():
            return 0, [], {}
        state = torch.load(path, weights_only=True, map_location=self._device)
        # Fake quantization starts with that step: a checkpoint from before it holds plain matrices.
        if state["step"] > self._first_quantized:
            start_fake_quantization(self._student, self._schemes)
        self._student.load_state_dict(state["student"])
        self._projection.load_state_dict(state["projection"])
        self._examples.vectors.load_state_dict(state["teacher"])
        if self._supervised:
            self._supervised.classifier.load_state_dict(state["pair_classifier"])
        self._optimizer.load_state_dict(state["optimizer"])
        return int(state["step"]), list(state["curve"]), dict(state["sums"])
