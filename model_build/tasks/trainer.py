"""Cross-distillation of a classifier: the student's training, and its teacher's beside it where the recipe has it so.

A frozen teacher reads every example once. One whose last layer trains has its features cached; one that trains as a
whole reads every batch. Nothing is drawn at random but the order of batches, which the seed decides.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model_build.common.batches import BatchStream
from model_build.common.batching import PAD_ID, batches_by_length
from model_build.common.device import computing
from model_build.common.learning_rate import cosine_schedule
from model_build.common.log import Journal
from model_build.common.training_loop import optimize
from model_build.quantization.schemes import start_fake_quantization, stop_fake_quantization
from model_build.recipe.task import TaskDistillationRecipe
from model_build.student.fuse import DeviceStudent
from model_build.tasks.adapters import AdaptedEncoder, PackStudent, pack_width
from model_build.tasks.course import Course
from model_build.tasks.objective import Batch, objective
from model_build.tasks.outputs import Outputs
from model_build.tasks.rows import Tokens, padded
from model_build.tasks.student import Learner, TaskBody, TaskStudent
from model_build.tasks.target import Target, Values
from model_build.tasks.teacher import TaskTeacher
from service.text.pair_row import Row

_WEIGHT_DECAY = 0.01
_RIDGE = 1e-3
_READ_AT_ONCE = 256


@dataclass(frozen=True)
class Lessons:
    """What a student learns from.

    Attributes:
        rows: the student's tokens of the training examples.
        target: what the task asks for.
        values: `[labelled examples]`, what is right; the examples without labels are the last ones.
        teacher: the fine-tuned teacher; None for labels alone.
        teacher_rows: its tokens of the examples.
        outputs: what it says about them before it trains any further.
    """

    rows: Sequence[Row]
    target: Target
    values: Values
    teacher: TaskTeacher | None = None
    teacher_rows: Sequence[Row] = ()
    outputs: Outputs | None = None


Student = TypeVar("Student", bound=Learner)


def distil(
    body: TaskBody,
    lessons: Lessons,
    recipe: TaskDistillationRecipe,
    seed: int,
    journal: Journal,
    schemes: Mapping[str, str] | None = None,
    course: Course | None = None,
) -> TaskStudent:
    """Train a student of a task; `lessons` stay unchanged.

    Args:
        body: encoder and pooling to start from; they are copied.
        lessons: what it learns from.
        recipe: how.
        seed: of the batches and of fresh layers.
        journal: gets the course.
        schemes: the scheme of each module, to train with quantized weights; None for none.
        course: gets the losses.
    """
    encoder, pooling = copy.deepcopy(body.encoder), copy.deepcopy(body.pooling)

    def build(classifier: nn.Linear) -> TaskStudent:
        return TaskStudent(encoder, pooling, classifier)

    def start_rounding(student: TaskStudent) -> None:
        if schemes is not None:
            start_fake_quantization(student, schemes)

    student = _Distillation(build, pooling.width, start_rounding, lessons, recipe, seed, course).run(journal)
    stop_fake_quantization(student, keep_quantized=False)
    return student


def distil_pack(
    backbone: DeviceStudent,
    rank: int,
    lessons: Lessons,
    recipe: TaskDistillationRecipe,
    seed: int,
    journal: Journal,
    *,
    pairs: bool,
) -> PackStudent:
    """Train the adapters and the classifier of a pack; backbone and `lessons` stay unchanged.

    The rest is as in `distil`. Adapters are rounded where the recipe has quantized weights.
    """
    torch.manual_seed(seed)
    encoder = AdaptedEncoder(copy.deepcopy(backbone), rank)

    def build(classifier: nn.Linear) -> PackStudent:
        return PackStudent(encoder, classifier, pairs=pairs)

    width = pack_width(backbone, pairs=pairs)
    return _Distillation(build, width, PackStudent.start_rounding, lessons, recipe, seed).run(journal)


class _Distillation(Generic[Student]):
    def __init__(
        self,
        build: Callable[[nn.Linear], Student],
        width: int,
        start_rounding: Callable[[Student], None],
        lessons: Lessons,
        recipe: TaskDistillationRecipe,
        seed: int,
        course: Course | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self._course = course or Course()
        self._lessons, self._recipe = lessons, recipe
        self._start_rounding: Callable[[Student], None] = start_rounding
        self._teacher = copy.deepcopy(lessons.teacher) if recipe.needs_teacher else None
        self._outputs = lessons.outputs if recipe.needs_teacher else None
        self._student: Student = self._build(build, width)
        self._shadow = nn.Linear(width, lessons.target.outputs) if recipe.shadow_head else None
        self._stream = BatchStream([len(row.ids) for row in lessons.rows], recipe.batch_examples, seed)
        self._first_quantized = recipe.steps - round(recipe.qat_fraction * recipe.steps)
        self._variance = float(self._outputs.features.var(0).mean()) if self._outputs else 1.0
        self._freeze()

    def run(self, journal: Journal) -> Student:
        """Take all steps."""
        recipe, modules = self._recipe, self._modules()
        warmup = max(1, round(recipe.warmup_fraction * recipe.steps))
        for module in modules:
            module.eval()  # no dropout: both models' targets stand still within a step
        with computing(*modules), journal.bar("distillation", recipe.steps) as bar:
            optimize(
                self._optimizer(),
                self._loss,
                recipe.steps,
                schedule=lambda step: cosine_schedule(step, recipe.steps, warmup),
                clipped=self._student.parameters(),
                bar=bar,
            )
        self._student.eval()
        return self._student

    def _build(self, build: Callable[[nn.Linear], Student], width: int) -> Student:
        if self._recipe.classifier == "own":
            return build(nn.Linear(width, self._lessons.target.outputs))
        assert self._teacher is not None  # noqa: S101 (narrows the type)
        shared = self._recipe.classifier == "shared"
        classifier = self._teacher.classifier if shared else copy.deepcopy(self._teacher.classifier)
        student = build(classifier)
        if isinstance(student.adapter, nn.Linear) and self._outputs is not None:
            fit_adapter(student, student.adapter, self._lessons.rows, self._outputs.features)
        return student

    def _freeze(self) -> None:
        if self._recipe.classifier == "frozen":
            self._student.classifier.requires_grad_(requires_grad=False)
        if self._teacher is None:
            return
        self._teacher.requires_grad_(requires_grad=self._recipe.teacher_trains == "whole")
        trains = self._recipe.teacher_trains != "nothing"
        self._teacher.classifier.requires_grad_(requires_grad=trains)

    def _loss(self, step: int) -> Tensor:
        if step == self._first_quantized:
            self._start_rounding(self._student)
            self._course.rounded_from = step
        places = self._stream.at(step)
        device = self._student.classifier.weight.device
        with torch.autocast(device.type, torch.bfloat16, enabled=self._recipe.precision == "bfloat16"):
            pooled = self._student.pooled(padded([self._lessons.rows[place] for place in places], PAD_ID, device))
        student = self._student.classify(pooled)
        labelled = places < len(self._lessons.values)
        batch = Batch(
            student=student,
            teacher=self._teach(places, device) or student,
            labelled=torch.from_numpy(labelled).to(device),
            values=torch.from_numpy(self._lessons.values[places[labelled]]).to(device),
            feature_variance=self._variance,
            shadow=None if self._shadow is None else self._shadow(pooled),
        )
        loss = torch.stack(list(objective(batch, self._lessons.target, self._recipe).values())).sum()
        self._course.losses.append(loss.detach())
        return loss

    def _teach(self, places: NDArray[np.int64], device: torch.device) -> Outputs | None:
        if self._teacher is None or self._outputs is None:
            return None
        if self._recipe.teacher_trains == "whole":
            tokens = padded([self._lessons.teacher_rows[place] for place in places], self._teacher.pad_id, device)
            with torch.autocast(device.type, torch.bfloat16, enabled=self._recipe.precision == "bfloat16"):
                features = self._teacher.body(tokens)
            features = features.float()
        else:
            cached = self._outputs.at(places)
            if self._recipe.teacher_trains == "nothing":
                return Outputs(cached.features.to(device), cached.logits.to(device))
            features = cached.features.to(device)
        return Outputs(features, self._teacher.classifier(features))

    def _modules(self) -> list[nn.Module]:
        return [one for one in (self._student, self._teacher, self._shadow) if one is not None]

    def _optimizer(self) -> torch.optim.Optimizer:
        recipe = self._recipe
        teachers = [p for p in self._teacher.parameters() if p.requires_grad] if self._teacher is not None else []
        known = {id(parameter) for parameter in teachers}
        own = [p for p in self._student.parameters() if p.requires_grad and id(p) not in known]
        own += list(self._shadow.parameters()) if self._shadow is not None else []
        peak = recipe.student_learning_rate
        groups = [
            {"params": [p for p in own if p.ndim > 1], "peak": peak, "weight_decay": _WEIGHT_DECAY},
            {"params": [p for p in own if p.ndim <= 1], "peak": peak, "weight_decay": 0.0},
            {"params": teachers, "peak": recipe.teacher_learning_rate, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW([group for group in groups if group["params"]], lr=peak, betas=(0.9, 0.98), fused=True)


@torch.no_grad()
def fit_adapter(student: Learner, adapter: nn.Linear, rows: Sequence[Row], features: Tensor) -> None:
    """Fit a student's adapter to the teacher's features of the rows, `[rows, width]`, by ridge regression."""
    pooled = by_length(student.pooled, rows, student.width).double()
    centre, target = pooled.mean(0), features.double()
    products = (pooled - centre).T @ (pooled - centre)
    products.diagonal().add_(_RIDGE * products.diagonal().mean())
    weight = torch.linalg.solve(products, (pooled - centre).T @ (target - target.mean(0)))
    adapter.weight.copy_(weight.T)
    adapter.bias.copy_(target.mean(0) - centre @ weight)


@torch.inference_mode()
def logits_of(student: nn.Module, rows: Sequence[Row], outputs: int) -> NDArray[np.float64]:
    """A model's logits of rows, float64 `[rows, outputs]`, in order; it returns logits or `Outputs`."""

    def read(tokens: Tokens) -> Tensor:
        found = student(tokens)
        logits: Tensor = found.logits if isinstance(found, Outputs) else found
        return logits

    return by_length(read, rows, outputs).numpy().astype(np.float64)


def by_length(read: Callable[[Tokens], Tensor], rows: Sequence[Row], width: int) -> Tensor:
    """Apply a function of padded tokens to rows in batches of similar length: `[rows, width]`, in order."""
    found = torch.empty(len(rows), width)
    for batch in batches_by_length([len(row.ids) for row in rows], _READ_AT_ONCE):
        found[batch] = read(padded([rows[place] for place in batch], PAD_ID)).float()
    return found
