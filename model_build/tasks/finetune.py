"""Fine-tune a task's teacher, whole, on its labelled examples; the epoch with the best validation metric is kept."""

import copy
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from model_build.common.atomic import durable_file
from model_build.common.batches import BatchStream
from model_build.common.device import computing
from model_build.common.learning_rate import linear_schedule, set_learning_rates
from model_build.common.log import Journal
from model_build.recipe.task import FineTuningRecipe
from model_build.tasks.data import Task
from model_build.tasks.rows import padded
from model_build.tasks.target import Target, Values
from model_build.tasks.teacher import TaskTeacher
from service.text.pair_row import Row

FINE_TUNED = "fine_tuned.pt"
EARLY = "early.pt"
_WEIGHT_DECAY, _WARMUP_SHARE, _LARGEST_NORM = 0.01, 0.1, 1.0
_CLASSIFIER_FACTOR = 10.0  # the new layer's learning rate in the encoder's: it starts from nothing


@dataclass(frozen=True)
class FineTuned:
    """The course of a fine-tuning: validation metric after each epoch, and the epoch that was kept, from 1."""

    curve: tuple[float, ...]
    epoch: int


def fine_tune(
    teacher: TaskTeacher,
    task: Task,
    target: Target,
    max_length: int,
    recipe: FineTuningRecipe,
    seed: int,
    folder: Path,
    journal: Journal,
) -> FineTuned:
    """Fine-tune a teacher in place.

    The seed decides batches and dropout. Writes the kept weights to `fine_tuned.pt`, and those after the first epoch to
    `early.pt`, in `folder`.
    """
    rows, dev = teacher.rows(task.train, max_length), teacher.rows(task.dev, max_length)
    values, expected = target.values(task.train.labels), target.values(task.dev.labels)
    stream = BatchStream([len(row.ids) for row in rows], recipe.batch_examples, seed)
    epoch_steps = max(1, len(rows) // recipe.batch_examples)
    steps = recipe.epochs * epoch_steps
    torch.manual_seed(seed)
    optimizer = _optimizer(teacher, recipe.learning_rate)
    best, kept, curve = -1.0, copy.deepcopy(teacher.state_dict()), []
    with computing(teacher) as device, journal.bar("fine-tuning", steps) as bar:
        for step in range(steps):
            teacher.train()
            set_learning_rates(optimizer, linear_schedule(step, steps, max(1, round(_WARMUP_SHARE * steps)), steps))
            places = stream.at(step)
            loss = _loss(teacher, [rows[place] for place in places], target, values[places], device, recipe.precision)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(teacher.parameters(), _LARGEST_NORM)
            optimizer.step()
            bar.advance(note=f"loss {loss.item():.3f}")
            if (step + 1) % epoch_steps == 0:
                teacher.eval()
                logits = teacher.read(dev, journal).logits
                teacher.to(device)
                curve.append(target.quality(logits.numpy(), expected))
                journal.event("fine-tuning", "epoch", epoch=len(curve), dev=curve[-1])
                if len(curve) == 1:
                    save(teacher, folder / EARLY)
                if curve[-1] > best:
                    best, kept = curve[-1], copy.deepcopy(teacher.state_dict())
    teacher.load_state_dict(kept)
    save(teacher.eval(), folder / FINE_TUNED)
    return FineTuned(tuple(curve), int(np.argmax(curve)) + 1)


@torch.no_grad()
def start_comparing(teacher: TaskTeacher, target: Target, features: Tensor, values: Values) -> None:
    """Start the last layer of a teacher that reads pairs apart, in place, as a regression on the cosine alone.

    Args:
        teacher: its features are products, whose sum is the cosine times the root of their number.
        target: what the task asks for.
        features: float32 `[examples, width]`.
        values: what is right.
    """
    root = math.sqrt(teacher.width)
    slopes, biases = target.regress((features.sum(1) / root).double().numpy(), values)
    teacher.classifier.weight.copy_(torch.from_numpy(slopes / root)[:, None].expand(-1, teacher.width))
    teacher.classifier.bias.copy_(torch.from_numpy(biases))


def save(teacher: TaskTeacher, path: Path) -> None:
    """Write a teacher's weights for `restore`."""
    with durable_file(path) as file:
        torch.save(teacher.state_dict(), file)


def restore(teacher: TaskTeacher, path: Path) -> TaskTeacher:
    """Fill a teacher, in place, with weights that `fine_tune` wrote."""
    teacher.load_state_dict(torch.load(path, weights_only=True))
    return teacher.eval()


def _loss(
    teacher: TaskTeacher, rows: list[Row], target: Target, values: Values, device: torch.device, precision: str
) -> Tensor:
    tokens = padded(rows, teacher.pad_id, device)
    with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
        logits = teacher(tokens).logits
    return target.loss(logits.float(), torch.from_numpy(values).to(device))


def _optimizer(teacher: TaskTeacher, rate: float) -> torch.optim.Optimizer:
    body = list(teacher.body.parameters())
    groups = [
        {"params": [p for p in body if p.ndim > 1], "peak": rate, "weight_decay": _WEIGHT_DECAY},
        {"params": [p for p in body if p.ndim <= 1], "peak": rate, "weight_decay": 0.0},
        {"params": list(teacher.classifier.parameters()), "peak": _CLASSIFIER_FACTOR * rate, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, fused=True)
