"""08-artifact: assemble the artifact, without figures and card.

Writes `artifact/`.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from model_build import __version__
from model_build.corpus.build import Corpus
from model_build.export.artifact import Contents, assemble
from model_build.quantization.schemes import module_schemes, schemes_of
from model_build.recipe import Recipe
from model_build.run.context import ARTIFACT, Context
from model_build.run.stages.distillation import load_device_student
from model_build.teacher.ensemble import AdditionalTeacher
from model_build.teacher.model import Teacher
from service.artifact.artifact import Artifact, Training, TrainingCompanion, TrainingSource


def inputs(context: Context) -> dict[str, object]:
    """The name."""
    return {"name": context.recipe.name}


def run(context: Context, folder: Path) -> None:
    """Assemble the artifact, within its byte budget."""
    recipe, device = context.recipe, load_device_student(context)
    contents = Contents(
        name=recipe.name,
        graph=context.folder_of("export") / "int8.onnx",
        tokens=context.tokens,
        rules=context.rules,
        config=device.encoder.config,
        dimension=device.head.out_features,
        quantization=module_schemes(device, schemes_of(recipe.quantization)),
        byte_budget=recipe.gates.byte_budget,
        training=training_record(recipe, context.teacher, context.ensemble, context.corpus, context.initial),
    )
    shutil.rmtree(folder / ARTIFACT, ignore_errors=True)  # left by an interrupted attempt
    manifest = assemble(contents, folder / ARTIFACT)
    context.journal.event("artifact", "assembled", device_bytes=manifest.device_bytes)


def training_record(
    recipe: Recipe, teacher: Teacher, ensemble: Sequence[AdditionalTeacher], corpus: Corpus, initial: Artifact | None
) -> Training:
    """Write the manifest's training record; the training of an initial artifact is part of it."""
    distillation = recipe.distillation
    halves = [
        name
        for name, on in (
            ("parameter integration", distillation.parameter_integration),
            ("mutual interplay", distillation.mutual_interplay),
        )
        if on
    ]
    method = f"cross-distillation ({' and '.join(halves)})" if halves else "one-way distillation"
    return Training(
        teacher=recipe.teacher.model,
        teacher_sha256=teacher.sha256,
        companions=tuple(
            TrainingCompanion(model=one.recipe.model, weight=one.recipe.weight, identity=one.system.identity)
            for one in ensemble
        ),
        objective=f"{method}, {distillation.steps} steps of {distillation.batch_texts} texts",
        start=f"{initial.manifest.revision[:12]}: {initial.manifest.training.objective}" if initial else None,
        seed=recipe.seed,
        tool=f"model-build {__version__}",
        sources=_sources(corpus, initial),
    )


def _sources(corpus: Corpus, initial: Artifact | None) -> tuple[TrainingSource, ...]:
    """Merge a corpus's files with those of an initial artifact; the texts of a file in both are added up."""
    table = {(one.name, one.sha256): one for one in (initial.manifest.training.sources if initial else ())}
    for one in corpus.sources:
        before = table.get((one.name, one.sha256))
        texts = one.texts + (before.texts if before else 0)
        table[one.name, one.sha256] = TrainingSource(name=one.name, texts=texts, sha256=one.sha256, licence=one.licence)
    return tuple(table.values())
