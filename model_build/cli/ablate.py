"""`model-build ablate`."""

from pathlib import Path
from typing import Annotated

import typer

from model_build.cli.errors import RESUME, one_line_errors
from model_build.cli.output import console, make_folder_of


def ablate(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a TOML file.")],
    *,
    data: Annotated[Path, typer.Option(help="The folder with the texts that the recipe names.")],
    run_dir: Annotated[Path | None, typer.Option(help="Folder of the run. [runs/NAME-ablation]")] = None,
    seeds: Annotated[int, typer.Option(min=2, help="Number of seeds that each variant is trained with.")] = 3,
    variant: Annotated[
        list[str] | None,
        typer.Option(help="A variant, with those it is compared with; repeatable. Without any: all but slow ones."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an earlier run.")] = False,
    override: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Replace a value of the recipe; repeatable.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write the metrics to this file too.")] = None,
) -> None:
    """Train variants of a recipe at equal budget over several seeds, and measure what each part of the method adds."""
    with one_line_errors(when_full=RESUME):
        from model_build.ablation.plan import make_plan  # noqa: PLC0415
        from model_build.ablation.report import shown  # noqa: PLC0415
        from model_build.ablation.result import to_json  # noqa: PLC0415
        from model_build.ablation.run import run_ablation  # noqa: PLC0415

        plan = make_plan(recipe, override or (), seeds=seeds, chosen=variant or ())
        make_folder_of(json)
        ablation = run_ablation(plan, data, run_dir or Path("runs") / f"{plan.recipe.name}-ablation", resume=resume)
        terminal = console()
        for one in shown(ablation):
            terminal.print(one)
        if json:
            json.write_text(to_json(ablation), encoding="utf-8")
