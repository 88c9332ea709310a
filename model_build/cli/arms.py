"""`model-build ablate-tasks`."""

from pathlib import Path
from typing import Annotated

import typer

from model_build.cli.errors import one_line_errors
from model_build.cli.output import console


def ablate_tasks(
    plan: Annotated[Path, typer.Argument(help="The plan, a TOML file.")],
    *,
    data: Annotated[Path, typer.Option(help="The folder with the tables that the plan names.")],
    run_dir: Annotated[Path | None, typer.Option(help="Folder of the run. [runs/NAME]")] = None,
    override: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Replace a value of the plan; repeatable.")
    ] = None,
) -> None:
    """Train task models by every part of cross-distillation over several seeds; what is trained is not repeated."""
    with one_line_errors():
        from model_build.recipe.load import load_plan  # noqa: PLC0415
        from model_build.tasks.ablation import run_arms  # noqa: PLC0415
        from model_build.tasks.report import arms_table, write_arms  # noqa: PLC0415

        loaded = load_plan(plan, override or ())
        folder = run_dir or Path("runs") / loaded.name
        rows, teachers = run_arms(loaded, data, folder)
        write_arms(rows, teachers, folder)
        console().print(arms_table(rows))
