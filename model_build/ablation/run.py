"""Trains and measures the variants of a plan, seed by seed.

    RUN/common/                   corpus, teacher, vocabulary: the first stages of a build
    RUN/starts/*/                 a pre-trained student, shared by the variants of a seed
    RUN/variants/NAME/seed-N/     student.pt, figures.json
    RUN/ablation.md, ablation.json

Each folder is a stage whose done-mark holds the fingerprint of its inputs: finished stages are skipped, changed ones
are repeated. An interrupted training starts again, so that its duration can be measured.
"""

from pathlib import Path

from model_build.ablation.plan import Plan
from model_build.ablation.report import write_ablation
from model_build.ablation.result import Ablation, Record, collect
from model_build.ablation.shared import SharedInputs
from model_build.ablation.trial import TrialRunner
from model_build.common.log import Journal
from model_build.run.estimate import estimate_bytes, vocabulary_bytes
from model_build.run.pipeline import JOURNAL, make_deterministic
from model_build.run.stage import refuse_earlier_run

COMMON = "common"


def run_ablation(plan: Plan, data: Path, folder: Path, *, resume: bool) -> Ablation:
    """Train and measure every variant with every seed, or with `resume` what is not done yet.

    Metrics need `benchmark/` in the data folder. `ablation.md` and `ablation.json` are written last.

    Raises:
        BuildError: the user must fix something first.
    """
    refuse_earlier_run(folder, resume=resume)
    make_deterministic(plan.recipe.threads)
    journal = Journal(folder / JOURNAL)
    shared = SharedInputs(plan.recipe, data, folder / COMMON, journal)
    journal.event("ablation", "started", recipe=plan.recipe.name, seeds=list(plan.seeds), variants=len(plan.trials))
    for name, reason in plan.left_out.items():
        journal.event("ablation", "left out", variant=name, reason=reason)
    runner = TrialRunner(shared, folder, journal, shared.make())
    # This prunes every vocabulary, so that an impossible size is an error before anything trains.
    sizes = {
        name: estimate_bytes(trial.recipe).graph + sum(vocabulary_bytes(shared.tokens(trial.recipe.vocabulary)))
        for name, trial in plan.trials.items()
    }
    records: dict[str, list[Record]] = {name: [] for name in plan.trials}
    done, total = 0, len(plan.seeds) * len(plan.trials)
    for seed in plan.seeds:
        for name, trial in plan.trials.items():
            records[name].append(runner.run(trial, seed))
            done += 1
            journal.event("ablation", "progress", done=done, of=total)
    ablation = collect(plan, records, sizes)
    write_ablation(ablation, folder)
    journal.event("ablation", "written", folder=str(folder))
    return ablation
