"""Trains and measures one variant with one seed."""

import json
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from model_build.ablation.plan import Trial
from model_build.ablation.result import Record
from model_build.ablation.shared import Reading, SharedInputs
from model_build.common.atomic import write_json
from model_build.common.log import Journal
from model_build.quantization.schemes import quantized, schemes_of
from model_build.recipe import DistillationRecipe, Recipe
from model_build.run.stage import Mark, Stage, fingerprint, run_stage
from model_build.run.stages.distillation import cross_distillation, distillation_inputs
from model_build.student.fuse import DeviceStudent, fuse, lift, shorten
from model_build.student.init import new_student
from model_build.student.model import Student
from model_build.student.pretrain import pretrained_student
from model_build.teacher.targets import load_vectors

STARTS, VARIANTS = "starts", "variants"
FIGURES, STUDENT, PRETRAINING, ENCODER = "figures.json", "student.pt", "pretraining.json", "encoder"


class TrialRunner:
    """Runs trials; students of a seed with equal pre-training start from the same weights."""

    def __init__(self, shared: SharedInputs, folder: Path, journal: Journal, before: str) -> None:
        """Run in the ablation's folder; `before` is the fingerprint of the shared inputs."""
        self._shared, self._folder, self._journal, self._before = shared, folder, journal, before
        self._starts: dict[Path, Mark] = {}

    def run(self, trial: Trial, seed: int) -> Record:
        """Train and measure a trial, unless that is done. A student must be trained before a trial quantizes it."""
        student = trial.student or trial
        start = self._start(_uninterrupted(student.recipe, seed))
        trained = self._training(student, seed)
        place = self._place(trial, seed)
        if trial.student is None:
            run_stage(trained, place, self._journal, before=start.fingerprint)
        else:
            before = fingerprint(start.fingerprint, trained)
            run_stage(self._quantization(trial, trial.student, seed), place, self._journal, before=before)
        return Record(**json.loads((place / FIGURES).read_text(encoding="utf-8")))

    def _start(self, recipe: Recipe) -> Mark:
        place = self._start_place(recipe)
        if place not in self._starts:
            self._starts[place] = run_stage(self._pretraining(recipe), place, self._journal, before=self._before)
        return self._starts[place]

    def _pretraining(self, recipe: Recipe) -> Stage:
        inputs = {
            "vocabulary": {"size": recipe.vocabulary.size, "importance": recipe.vocabulary.importance},
            "student": recipe.student.model_dump(mode="json"),
            "batch_texts": recipe.distillation.batch_texts,
            "seed": recipe.seed,
        }
        return Stage(f"start, seed {recipe.seed}", inputs, partial(self._pretrain, recipe))

    def _training(self, trial: Trial, seed: int) -> Stage:
        recipe = _uninterrupted(trial.recipe, seed)
        inputs = {
            "distillation": distillation_inputs(recipe),
            "trainable_layers": recipe.teacher.trainable_layers,
            "device_max_length": recipe.device_max_length,
            "measured": self._shared.measured,
        }
        return Stage(f"{trial.variant.name}, seed {seed}", inputs, partial(self._train, recipe))

    def _quantization(self, trial: Trial, student: Trial, seed: int) -> Stage:
        recipe = _uninterrupted(trial.recipe, seed)
        inputs = recipe.quantization.model_dump(mode="json")
        run = partial(self._quantize, recipe, self._place(student, seed) / STUDENT)
        return Stage(f"{trial.variant.name}, seed {seed}", inputs, run)

    def _pretrain(self, recipe: Recipe, place: Path) -> None:
        reading, teacher = self._reading(recipe), self._shared.teacher(trained=False)
        started = time.perf_counter()
        model, _ = pretrained_student(recipe, teacher, reading.tokens, reading.rows, self._journal)
        seconds = time.perf_counter() - started
        model.electra.save_pretrained(place / ENCODER)
        texts = recipe.student.pretraining_steps * min(recipe.distillation.batch_texts, len(reading.rows))
        write_json(place / PRETRAINING, {"seconds": seconds, "texts": texts})

    def _train(self, recipe: Recipe, place: Path) -> None:
        reading, shared = self._reading(recipe), self._shared
        student_model = self._new_student(recipe)
        teacher = shared.teacher(trained=recipe.teacher.trainable_layers > 0)
        run = cross_distillation(recipe, student_model, teacher, shared.corpus, reading.rows, shared.teacher_folder)
        started = time.perf_counter()
        run.run(place, lambda _: {}, self._journal)
        seconds = time.perf_counter() - started
        before = json.loads((self._start_place(recipe) / PRETRAINING).read_text(encoding="utf-8"))
        texts = before["texts"] + texts_read(recipe.distillation, len(reading.rows), len(shared.corpus.pairs))
        torch.save(student_model.state_dict(), place / STUDENT)
        self._measure(place, reading, student_model, before["seconds"] + seconds, texts)

    def _quantize(self, recipe: Recipe, student: Path, place: Path) -> None:
        reading = self._reading(recipe)
        student_model = self._new_student(recipe)
        student_model.load_state_dict(torch.load(student, weights_only=True))
        student_model.eval()
        device = shorten(fuse(student_model), recipe.device_max_length)
        rounded = quantized(device, schemes_of(recipe.quantization))
        self._measure(place, reading, Lifted(rounded, lift(student_model)), seconds=0.0, texts=0)

    def _measure(self, place: Path, reading: Reading, model: nn.Module, seconds: float, texts: int) -> None:
        record = Record(seconds=round(seconds, 2), texts=texts, figures=reading.measure(model))
        write_json(place / FIGURES, asdict(record))
        trial = str(place.relative_to(self._folder / VARIANTS))
        self._journal.event("ablation", "measured", trial=trial, seconds=record.seconds, **record.figures)

    def _reading(self, recipe: Recipe) -> Reading:
        return self._shared.reading(recipe.vocabulary, recipe.student.max_length, recipe.device_max_length)

    def _new_student(self, recipe: Recipe) -> Student:
        width = load_vectors(self._shared.teacher_folder).dimension
        return new_student(self._start_place(recipe) / ENCODER, width, recipe)

    def _start_place(self, recipe: Recipe) -> Path:
        return self._folder / STARTS / fingerprint(self._before, self._pretraining(recipe))[:16]

    def _place(self, trial: Trial, seed: int) -> Path:
        return self._folder / VARIANTS / trial.variant.name / f"seed-{seed}"


class Lifted(nn.Module):
    """A device student whose vectors are mapped back into the teacher's space, to be compared with the teacher's."""

    def __init__(self, device: DeviceStudent, basis: Tensor) -> None:
        super().__init__()
        self._device, self._basis = device, basis

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Unit vectors `[batch, width of the teacher]`."""
        vectors: Tensor = self._device(ids, mask) @ self._basis.T
        return vectors


def texts_read(recipe: DistillationRecipe, texts: int, pairs: int) -> int:
    """The texts read in a distillation of so many texts and pairs, with repeats; a step on pairs reads two a pair."""
    on_pairs = recipe.steps // recipe.pair_every if pairs else 0
    return (recipe.steps - on_pairs) * min(recipe.batch_texts, texts) + on_pairs * 2 * min(recipe.batch_texts, pairs)


def _uninterrupted(recipe: Recipe, seed: int) -> Recipe:
    """The recipe with a trial's seed, without validation and checkpoints, so that durations are comparable."""
    steps = recipe.distillation.steps
    distillation = recipe.distillation.model_copy(update={"checkpoint_every": steps + 1, "validate_every": steps})
    return recipe.model_copy(update={"seed": seed, "distillation": distillation})
