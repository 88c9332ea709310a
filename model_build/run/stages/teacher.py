"""02-teacher: compute the teacher's vectors and fit its projection.

Writes `vectors.npy`, `heldout/vectors.npy`, `projection.pt`; with an ensemble `ensemble-N/` in both folders; with tasks
`fine_tuned.pt` and `tasks/vectors.npy`. `teacher.targets` and `teacher.finetune` read them.
"""

from pathlib import Path

import torch

from model_build.common.tsv import find_files
from model_build.distillation.pair_batches import TASKS
from model_build.distillation.projection import fit_projection
from model_build.run.context import Context
from model_build.run.stages.corpus import hashes
from model_build.teacher.embed import embed_texts
from model_build.teacher.ensemble import embed_ensemble
from model_build.teacher.finetune import fine_tuned
from model_build.teacher.model import identity_projection
from model_build.teacher.targets import PROJECTION, load_vectors


def inputs(context: Context) -> dict[str, object]:
    """The recipe's section and the teachers' weights; with tasks their files, with a projection its temperature."""
    recipe = context.recipe
    found = recipe.teacher.model_dump(mode="json")
    found |= {"sha256": context.teacher.sha256, "pooling": context.teacher.pooling.value}
    found["identities"] = [one.system.identity for one in context.ensemble]
    if recipe.teacher.tasks:
        patterns = [pattern for task in recipe.teacher.tasks for pattern in task.files]
        found["task_files"] = hashes(find_files(patterns, context.data))
    if recipe.teacher.projection_steps:
        found["temperature"] = recipe.distillation.temperature
    return found


def run(context: Context, folder: Path) -> None:
    """Fine-tune the teacher where it has tasks, embed all texts, and fit the projection."""
    recipe, seed, journal, workers = context.recipe.teacher, context.recipe.seed, context.journal, context.workers
    texts, heldout, teacher = context.corpus.texts, context.corpus.heldout, context.teacher
    if context.tasks:
        teacher = fine_tuned(teacher, context.tasks, recipe, seed, folder, journal)
        embed_texts(teacher, context.tasks.texts_missing_in(texts), recipe, folder / TASKS, journal, workers)
    embed_texts(teacher, texts, recipe, folder, journal, workers)
    embed_texts(teacher, heldout, recipe, folder / "heldout", journal, workers)
    embed_ensemble(context.ensemble, context.teacher, recipe, texts, heldout, folder, journal, workers)
    vectors = load_vectors(folder)
    projection = identity_projection(vectors.dimension)
    if recipe.projection_steps:
        loss = fit_projection(
            projection,
            vectors,
            context.corpus.pairs,
            steps=recipe.projection_steps,
            temperature=context.recipe.distillation.temperature,
            seed=seed,
        )
        journal.event("teacher", "projection fitted", loss=loss)
    torch.save(projection.state_dict(), folder / PROJECTION)
