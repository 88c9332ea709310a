"""03-vocabulary: prune the teacher's vocabulary, and compare attention with frequency.

Writes `vocab.txt`, `importance.npz`, `coverage.json`.
"""

from dataclasses import asdict
from pathlib import Path

from model_build.common.atomic import write_json
from model_build.run.context import Context
from model_build.run.estimate import check_fits, vocabulary_bytes
from model_build.vocabulary.coverage import coverage
from model_build.vocabulary.importance import measure_importance, save_importance
from model_build.vocabulary.pruning import prune, write_vocabulary


def inputs(context: Context) -> dict[str, object]:
    """The recipe's section, and the artifact that the student starts from."""
    return context.recipe.vocabulary.model_dump(mode="json") | initial_revision(context)


def run(context: Context, folder: Path) -> None:
    """Measure importance, prune, and measure the coverage of both methods."""
    recipe = context.recipe.vocabulary
    importance = measure_importance(
        context.teacher,
        context.corpus.texts[: recipe.sample_texts],
        max_length=context.recipe.teacher.max_length,
        batch_texts=context.recipe.teacher.batch_texts,
        journal=context.journal,
    )
    save_importance(importance, folder)
    pruned = {
        method: prune(context.candidate_tokens, scores, recipe.size) for method, scores in importance.orders.items()
    }
    unpruned = sorted(context.teacher.vocabulary, key=context.teacher.vocabulary.__getitem__)
    table = [
        coverage(method, tokens, context.corpus.heldout, context.rules)
        for method, tokens in {**pruned, "teacher": unpruned}.items()
    ]
    # The vocabulary's bytes are known now, and the long stages still follow.
    check_fits(context.recipe, context.sizes, sum(vocabulary_bytes(pruned[recipe.importance])))
    write_vocabulary(pruned[recipe.importance], folder / "vocab.txt")
    write_json(folder / "coverage.json", [asdict(row) for row in table])


def initial_revision(context: Context) -> dict[str, object]:
    """Name the artifact that the student starts from, for the inputs of a stage."""
    return {} if context.initial is None else {"init_from": context.initial.manifest.revision}
