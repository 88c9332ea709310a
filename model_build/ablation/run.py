"""Carries out a plan, seed by seed and variant by variant.

    RUN/common/                   corpus, teacher, vocabulary: the first stages of a build
    RUN/starts/*/                 a pre-trained student, for all variants of a seed that start from it
    RUN/variants/NAME/seed-N/     student.pt, figures.json
    RUN/ablation.md, ablation.json

Each is a stage whose done-mark carries the fingerprint of all that went into it: what is done is skipped, what has
changed is made anew. A training that was stopped starts again, so that its seconds are of one stretch.
"""

from pathlib import Path

from model_build.ablation.plan import Plan
from model_build.ablation.result import Ablation, Record, collect
from model_build.ablation.shared import Common
from model_build.ablation.trial import Bench
from model_build.ablation.write import write_ablation
from model_build.common.log import Journal
from model_build.recipe import Recipe
from model_build.run.estimate import estimate_bytes
from model_build.run.pipeline import JOURNAL, make_deterministic
from model_build.run.stage import refuse_earlier_run

COMMON = "common"


def run_ablation(plan: Plan, data: Path, folder: Path, *, resume: bool) -> Ablation:
    """Train and measure every variant with every seed.

    Args:
        plan: what is to be done.
        data: the folder with the texts, and with `benchmark/` where its validation figures are wanted.
        folder: where everything lies; `ablation.md` and `ablation.json` are written last.
        resume: whether to go on with what `folder` holds.

    Raises:
        BuildError: something must be mended first.
    """
    refuse_earlier_run(folder, resume=resume)
    make_deterministic(plan.recipe.threads)
    journal = Journal(folder / JOURNAL)
    common = Common(plan.recipe, data, folder / COMMON, journal)
    journal.event("ablation", "started", recipe=plan.recipe.name, seeds=list(plan.seeds), variants=len(plan.trials))
    for name, reason in plan.left_out.items():
        journal.event("ablation", "left out", variant=name, reason=reason)
    bench = Bench(common, folder, journal, common.make())
    # This prunes every vocabulary: a size that can't be is told before anything trains.
    sizes = {name: _bytes(trial.recipe, common) for name, trial in plan.trials.items()}
    records: dict[str, list[Record]] = {name: [] for name in plan.trials}
    done, total = 0, len(plan.seeds) * len(plan.trials)
    for seed in plan.seeds:
        for name, trial in plan.trials.items():
            records[name].append(bench.run(trial, seed))
            done += 1
            journal.event("ablation", "progress", done=done, of=total)
    ablation = collect(plan, records, sizes)
    write_ablation(ablation, folder)
    journal.event("ablation", "written", folder=str(folder))
    return ablation


def _bytes(recipe: Recipe, common: Common) -> int:
    """Of graph and vocabulary on the device."""
    vocabulary = sum(len(token.encode()) + 1 for token in common.tokens(recipe.vocabulary))
    return estimate_bytes(recipe).graph + vocabulary
