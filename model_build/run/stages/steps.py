"""What each stage does: reads the stages before it, calls the module that knows how, writes its own folder."""

import json
import shutil
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import torch

from model_build.corpus import build as corpora
from model_build.distillation.projection import fine_tune_task_layer
from model_build.distillation.validation import Validator
from model_build.evaluation import EvaluationResult, evaluate, from_json, to_json
from model_build.evaluation.agreement import Agreement, measure_agreement
from model_build.evaluation.systems import registry as comparison
from model_build.evaluation.systems.artifact import load_artifact_system
from model_build.export import artifact as publication
from model_build.export import parity as export
from model_build.export.gates import check_quality
from model_build.pair_tasks import (
    TASKS,
    Examination,
    Lessons,
    PairTasks,
    fine_tuned,
    load_head,
    make_lessons,
)
from model_build.quantization import schemes as quantization
from model_build.report import VocabularyRow, render_model_card, save_report, write_card, write_report
from model_build.run.budget import check_fits, vocabulary_bytes
from model_build.run.context import ARTIFACT, NAMES, Materials
from model_build.run.stage import spent_seconds, write_json
from model_build.run.stages.pair_heads import PairReport
from model_build.run.stages.report import build_report, module_schemes, training_of, vocabulary_row
from model_build.student import init as training
from model_build.student import model as students
from model_build.student.fuse import DeviceStudent, fuse, shorten
from model_build.teacher import model as teachers
from model_build.teacher.embed import embed_texts
from model_build.teacher.ensemble import embed_companions
from model_build.teacher.system import TeacherSystem
from model_build.teacher.targets import load_features
from model_build.vocabulary import pruning as vocabulary
from model_build.vocabulary.coverage import coverage_curve
from service.artifact.artifact import Manifest

ENCODER = "encoder"
EVALUATED = "evaluated"


class Steps(Materials):
    """The stages of one run."""

    @property
    def published(self) -> Path:
        """The finished artifact inside the run."""
        return self.place_of("publication") / ARTIFACT

    def corpus_stage(self, place: Path) -> None:
        """Collect the training texts."""
        corpus = corpora.build_corpus(self.recipe.corpus, self.data, self.excluded, self.recipe.seed)
        corpora.save_corpus(corpus, place)
        self.journal.event(
            "corpus", "collected", texts=len(corpus.texts), pairs=len(corpus.pairs), sources=len(corpus.sources)
        )

    def vocabulary_stage(self, place: Path) -> None:
        """Prune the vocabulary, and compare the two ways to do so."""
        recipe = self.recipe.vocabulary
        known = self.known_pieces
        importance = vocabulary.measure_importance(
            self.teacher,
            self.corpus.texts[: recipe.sample_texts],
            max_length=self.recipe.teacher.max_length,
            batch_texts=self.recipe.teacher.batch_texts,
            journal=self.journal,
        )
        vocabulary.save_importance(importance, place)
        chosen = {
            "attention": vocabulary.prune(known, importance.attention, recipe.size),
            "frequency": vocabulary.prune(known, importance.frequency, recipe.size),
        }
        everything = sorted(self.teacher.vocabulary, key=self.teacher.vocabulary.__getitem__)
        table = [
            vocabulary.coverage(method, pieces, self.corpus.heldout, self.rules)
            for method, pieces in {**chosen, "teacher": everything}.items()
        ]
        # Now its bytes are known, and the long part is still to come.
        check_fits(self.recipe, self.sizes, sum(vocabulary_bytes(chosen[recipe.importance])))
        vocabulary.write_vocabulary(chosen[recipe.importance], place / "vocab.txt")
        write_json(place / "coverage.json", [asdict(row) for row in table])

    def teacher_stage(self, place: Path) -> None:
        """Compute the teacher's vectors and fit its task layer."""
        recipe = self.recipe.teacher
        texts, heldout = self.corpus.texts, self.corpus.heldout
        teacher = self.teacher
        if self.tasks:
            teacher = fine_tuned(teacher, self.tasks, recipe, self.recipe.seed, place, self.journal)
            embed_texts(teacher, self.tasks.texts_beside(texts), recipe, place / TASKS, self.journal, self.workers)
        embed_texts(teacher, texts, recipe, place, self.journal, self.workers)
        embed_texts(teacher, heldout, recipe, place / "heldout", self.journal, self.workers)
        embed_companions(self.companions, self.teacher, recipe, texts, heldout, place, self.journal, self.workers)
        features = load_features(place)
        layer = teachers.identity_layer(features.dimension)
        if recipe.task_layer_steps:
            loss = fine_tune_task_layer(
                layer,
                features,
                self.corpus.pairs,
                steps=recipe.task_layer_steps,
                temperature=self.recipe.distillation.temperature,
                seed=self.recipe.seed,
            )
            self.journal.event("teacher", "task layer fitted", loss=loss)
        torch.save(layer.state_dict(), place / training.TASK_LAYER)

    def student_stage(self, place: Path) -> None:
        """Build the student and pre-train it, or take up a published one."""
        if self.start is not None:
            encoder, pooling = training.started_student(self.start, self.recipe, self.pieces)
            students.save_encoder(encoder, place / ENCODER)
            torch.save(pooling.state_dict(), place / training.POOLING)
            return
        model, loss = training.pretrained_student(self.recipe, self.teacher, self.pieces, self.rows, self.journal)
        students.save_encoder(model.electra, place / ENCODER)
        write_json(place / "pretraining.json", {"steps": self.recipe.student.pretraining_steps, "loss": loss})

    def distillation_stage(self, place: Path) -> None:
        """Train the student, and the teacher with it."""
        learner = self._new_student()
        if self.start is not None:
            training.fit_adapter(learner, self.rows, self.place_of("teacher"))
        teacher_folder, lessons = self.place_of("teacher"), self._lessons()
        run = training.cross_distillation(
            self.recipe, learner, self.teacher, self.corpus, self.rows, teacher_folder, lessons, self.processes
        )
        curve = run.run(place, self._validator(), self.journal)
        if not self.processes.leads:
            return
        torch.save(learner.state_dict(), place / "student.pt")
        write_json(place / "curve.json", curve)

    def quantization_stage(self, place: Path) -> None:
        """Fuse the head, measure what each module's scheme costs, tune where that is too much."""
        learner = self._distilled_student()
        device = fuse(learner)
        recipe = self.recipe.quantization
        table = quantization.measure_sensitivity(device, recipe, self.heldout_rows)
        if recipe.tuning_steps > 0 and table[-1].mean_cosine < recipe.tuning_threshold:
            tuned = training.tuned_student(
                self.recipe, learner, self.corpus, self.rows, self.place_of("teacher"), place, self.journal
            )
            table.append(quantization.measure_tuned(tuned, device, recipe, self.heldout_rows))
            device = tuned
        torch.save(device.state_dict(), place / "device.pt")
        write_json(place / "sensitivity.json", [asdict(row) for row in table])
        self.journal.event("quantization", "measured", mean_cosine=table[-1].mean_cosine)

    def export_stage(self, place: Path) -> None:
        """Write the graphs; the parity gates must hold."""
        schemes = quantization.schemes_of(self.recipe.quantization)
        fp32 = shorten(fuse(self._distilled_student()), self.recipe.device_max_length)
        table = export.export(fp32, self._device_student(), schemes, self.heldout_rows, self.recipe.gates, place)
        write_json(place / "parity.json", [asdict(row) for row in table])

    def artifact_stage(self, place: Path) -> None:
        """Put the artifact together, within its budget."""
        device = self._device_student()
        contents = publication.Contents(
            name=self.recipe.name,
            graph=self.place_of("export") / "int8.onnx",
            pieces=self.pieces,
            rules=self.rules,
            config=device.encoder.config,
            dimension=device.head.out_features,
            quantization=module_schemes(device, quantization.schemes_of(self.recipe.quantization)),
            byte_budget=self.recipe.gates.byte_budget,
            training=training_of(self.recipe, self.teacher, self.companions, self.corpus, self.start),
        )
        shutil.rmtree(place / ARTIFACT, ignore_errors=True)  # what a stopped attempt left
        manifest = publication.assemble(contents, place / ARTIFACT)
        self.journal.event("artifact", "assembled", device_bytes=manifest.device_bytes)

    def evaluation_stage(self, place: Path) -> None:
        """Measure the artifact on test splits, through the encoder that serves it, beside its fp32 reference."""
        if self.tasks:
            self._pair_report(self.tasks).measure(place)
        tasks = self.recipe.evaluation.tasks
        if not self.has_benchmark or not tasks:
            self.journal.event("evaluation", "left out", reason="no benchmark in the data folder, or no tasks named")
            write_json(place / "evaluation.json", None)
            return
        baselines = self.recipe.evaluation.baselines
        fp32 = self.place_of("export") / "fp32.onnx"
        systems = comparison.systems(
            self.place_of("artifact") / ARTIFACT,
            fp32=fp32 if fp32.is_file() else None,
            teachers=[self._teacher_system(), *(one.system for one in self.companions)] if baselines else [],
            baselines=baselines,
            seed=self.recipe.seed,
        )
        # What a stopped evaluation, or that of an earlier student, has embedded is not embedded again.
        result = evaluate(systems, self.data, tasks, seed=self.recipe.seed, cache=self.folder / EVALUATED)
        (place / "evaluation.json").write_text(to_json(result), encoding="utf-8")

    def publication_stage(self, place: Path) -> None:
        """Finish the artifact with its figures and card; the quality gates must hold."""
        result = self._evaluation()
        check_quality(self.recipe.gates.quality, result, self.recipe.name)
        shutil.rmtree(place / ARTIFACT, ignore_errors=True)  # what a stopped attempt left
        shutil.copytree(self.place_of("artifact") / ARTIFACT, place / ARTIFACT)
        manifest = Manifest.model_validate_json((place / ARTIFACT / "manifest.json").read_bytes())
        quality = result.figures(self.recipe.name) if result else ()
        if self.tasks:
            quality += self._pair_report(self.tasks).figures()
        manifest = manifest.model_copy(update={"quality": quality})
        report = build_report(self.recipe, self.place_of, manifest, result, {})
        write_card(place / ARTIFACT, manifest, render_model_card(manifest, report, self.recipe.card))
        manifest = publication.seal(place / ARTIFACT, manifest)
        if self.tasks:
            self._pair_report(self.tasks).publish(manifest, place)

    def report_stage(self, place: Path) -> None:
        """Measure how far the device agrees with its teacher, and write the report."""
        manifest = Manifest.model_validate_json((self.published / "manifest.json").read_bytes())
        report = build_report(
            self.recipe, self.place_of, manifest, self._evaluation(), spent_seconds(self.folder, NAMES)
        )
        report = replace(report, agreement=self._agreement(), coverage=self._coverage())
        save_report(report, place)
        write_report(report, place)

    def _agreement(self) -> Agreement:
        texts = self.corpus.heldout
        device = load_artifact_system(self.published)
        target = training.target_vectors(self.place_of("teacher"), len(texts))
        return measure_agreement(texts, device.embed(texts), target, seed=self.recipe.seed)

    def _coverage(self) -> tuple[VocabularyRow, ...]:
        importance = vocabulary.load_importance(self.place_of("vocabulary"))
        rows = coverage_curve(
            self.known_pieces, importance, self.recipe.vocabulary.size, self.corpus.heldout, self.rules
        )
        return tuple(vocabulary_row(asdict(row)) for row in rows)

    def _pair_report(self, tasks: PairTasks) -> PairReport:
        return PairReport(self, tasks, self._distilled_student())

    def _new_student(self) -> students.Student:
        width = load_features(self.place_of("teacher")).dimension
        return training.new_student(self.place_of("student") / ENCODER, width, self.recipe)

    def _distilled_student(self) -> students.Student:
        learner = self._new_student()
        learner.load_state_dict(torch.load(self.place_of("distillation") / "student.pt", weights_only=True))
        return learner.eval()

    def _device_student(self) -> DeviceStudent:
        device = fuse(self._new_student())
        device.load_state_dict(torch.load(self.place_of("quantization") / "device.pt", weights_only=True))
        return shorten(device, self.recipe.device_max_length)

    def _teacher_system(self) -> TeacherSystem:
        folder = teachers.folder_of(self.recipe.teacher.model)
        return TeacherSystem(folder, name="teacher", pooling=self.teacher.pooling)

    def _evaluation(self) -> EvaluationResult | None:
        text = (self.place_of("evaluation") / "evaluation.json").read_text(encoding="utf-8")
        return from_json(text) if json.loads(text) is not None else None

    def _validator(self) -> Validator:
        target = training.target_vectors(self.place_of("teacher"), len(self.corpus.heldout))
        tokenize = partial(self.tokenize, max_length=self.recipe.device_max_length)
        examination = Examination(self.tasks, tokenize) if self.tasks else None
        return Validator(self.heldout_rows, target, tokenize, self.validation, examination)

    def _lessons(self) -> Lessons | None:
        if not self.tasks:
            return None
        place = self.place_of("teacher")
        tokenize = partial(self.tokenize, max_length=self.recipe.student.max_length)
        return make_lessons(self.tasks, self.corpus.texts, tokenize, load_head(place), place)
