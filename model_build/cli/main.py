"""The application `model-build`."""

import os

import typer

from model_build.cli import ablate, arms, evaluate, heads, inspect, mine, ranking, report, run

app = typer.Typer(
    help="Compress a BERT teacher into an int8 student of at most 1.91 MB.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("evaluate")(evaluate.evaluate_command)
app.command("fit-ranker")(ranking.fit_ranker_command)
app.command("evaluate-ranking")(ranking.evaluate_ranking_command)
app.command("fit-head")(heads.fit_head_command)
app.command("ablate-tasks")(arms.ablate_tasks)
app.command("mine-pairs")(mine.mine_pairs)
app.command("task-table")(report.task_table)
app.command("name-weights")(report.name_weights)
app.command("inspect")(inspect.inspect_command)
for command in (report.report, report.family, report.card, report.retokenize, run.run, ablate.ablate):
    app.command()(command)


@app.callback()
def _root() -> None:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")


def main() -> None:
    """The console script."""
    app()
