"""The application `model-build`."""

import os

import typer

from model_build.cli.ablate import add_ablate_command
from model_build.cli.evaluate import add_evaluate_command
from model_build.cli.heads import add_heads_command
from model_build.cli.inspect import add_inspect_command
from model_build.cli.ranking import add_ranking_commands
from model_build.cli.report import add_report_commands
from model_build.cli.run import add_run_command

app = typer.Typer(
    help="Compress a BERT teacher into an int8 student of at most 1.91 MB.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
add_evaluate_command(app)
add_ranking_commands(app)
add_heads_command(app)
add_inspect_command(app)
add_report_commands(app)
add_run_command(app)
add_ablate_command(app)


@app.callback()
def _root() -> None:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")


def main() -> None:
    """The console script."""
    app()
