"""`model-build run`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from model_build.cli.errors import RESUME, one_line_errors
from model_build.cli.output import console

if TYPE_CHECKING:
    from model_build.recipe import Recipe
    from model_build.recipe.task import TaskRecipe
    from model_build.teacher.workers import Workers
    from service.artifact.artifact import Artifact


def run(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a TOML file.")],
    *,
    data: Annotated[Path, typer.Option(help="The folder with the texts that the recipe names.")],
    run_dir: Annotated[Path | None, typer.Option(help="Folder of the run. [runs/NAME]")] = None,
    artifact: Annotated[Path | None, typer.Option(help="Where to publish the artifact. [RUN_DIR/artifact]")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an earlier run.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Estimate bytes and time, and train nothing.")] = False,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Embed the corpus on this Ray cluster; `local` starts one here."),
    ] = None,
    override: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Replace a value of the recipe; repeatable.")
    ] = None,
) -> None:
    """Run a recipe: from texts and a teacher to a published artifact with its report."""
    with one_line_errors(when_full=RESUME):
        # torch and transformers take seconds to import; --help need not wait for them.
        from model_build.distillation.distributed import join_processes  # noqa: PLC0415
        from model_build.recipe import Recipe, load_any_recipe  # noqa: PLC0415
        from model_build.run.pipeline import follow_build, run_build  # noqa: PLC0415

        loaded = load_any_recipe(recipe, override or ())
        folder = run_dir or Path("runs") / loaded.name
        if not isinstance(loaded, Recipe):
            _run_task(loaded, data, folder, artifact or folder / "artifact", resume=resume, dry_run=dry_run, ray=ray)
            return
        if dry_run:
            _show_estimate(loaded, data, folder)
            return
        with join_processes() as processes:
            if not processes.is_leader:
                follow_build(loaded, data, folder, processes)
                return
            with _workers(ray, loaded.threads) as workers:
                made = run_build(
                    loaded,
                    data,
                    folder,
                    destination=artifact or folder / "artifact",
                    resume=resume,
                    workers=workers,
                    processes=processes,
                )
        _show(made)


def _run_task(
    recipe: "TaskRecipe", data: Path, folder: Path, destination: Path, *, resume: bool, dry_run: bool, ray: str | None
) -> None:
    from model_build.common.log import Journal  # noqa: PLC0415
    from model_build.run.pipeline import JOURNAL  # noqa: PLC0415
    from model_build.tasks.context import TaskContext  # noqa: PLC0415
    from model_build.tasks.pipeline import preflight, run_task_build  # noqa: PLC0415
    from model_build.tasks.report import ways_table  # noqa: PLC0415
    from model_build.tasks.stages.comparison import CLASSIFIERS, load_comparison  # noqa: PLC0415

    if ray is not None:
        raise typer.BadParameter("a task model is trained on this machine", param_hint="--ray")
    if dry_run:
        context = TaskContext(recipe, data, folder, Journal(folder / JOURNAL))
        preflight(context)
        task = context.task
        asked = f"{len(task.classes):,} classes" if recipe.task.labels == "classes" else "a grade"
        rare = f"; {task.rare:,} examples of rare classes are left out" if task.rare else ""
        typer.echo(
            f"{recipe.name}: {len(task.train):,} training and {len(task.dev):,} validation examples, "
            f"{asked} of a {task.kind}{rare}"
        )
        return
    made = run_task_build(recipe, data, folder, destination=destination, resume=resume)
    context = TaskContext(recipe, data, folder, Journal(folder / JOURNAL))
    place = context.folder_of("comparison")
    console().print(ways_table(recipe.name, load_comparison(place)))
    typer.echo(f"the report: {context.folder_of('report') / 'report.html'}")
    typer.echo(
        f"to serve them: EDGE_RANK_HEADS={place / CLASSIFIERS} edge-rank serve --model {recipe.student.init_from}"
    )
    _show(made)


def _show(made: "Artifact") -> None:
    typer.echo(f"{made.folder}: {made.manifest.device_bytes:,} device bytes, revision {made.manifest.revision[:12]}")


@contextmanager
def _workers(ray: str | None, threads: int) -> Iterator["Workers | None"]:
    """The workers of a Ray cluster for the block; None if no cluster was asked for."""
    if ray is None:
        yield None
        return
    from model_build.teacher.ray import RayWorkers  # noqa: PLC0415

    workers = RayWorkers(ray, threads)
    try:
        yield workers
    finally:
        workers.close()


def _show_estimate(recipe: "Recipe", data: Path, folder: Path) -> None:
    from model_build.common.log import Journal  # noqa: PLC0415
    from model_build.run.context import Context  # noqa: PLC0415
    from model_build.run.estimate import check_fits, estimate_seconds  # noqa: PLC0415
    from model_build.run.pipeline import JOURNAL, make_deterministic  # noqa: PLC0415
    from model_build.run.preflight import preflight  # noqa: PLC0415

    make_deterministic(recipe.threads)
    context = Context(recipe, data, folder, Journal(folder / JOURNAL))
    _ = context.files
    sizes = context.sizes
    table = Table("part", "scheme", "bytes", title=f"{recipe.name}: device bytes")
    for name, module in sizes.modules.items():
        table.add_row(name, module.scheme, f"{module.bytes:,}")
    structure = sizes.graph - sum(module.bytes for module in sizes.modules.values())
    for name, size in (
        ("graph structure", structure),
        ("vocab.txt (estimated)", sizes.vocabulary),
        ("ranker.json", sizes.ranker),
        ("manifest.json (estimated)", sizes.manifest),
    ):
        table.add_row(name, "", f"{size:,}")
    table.add_section()
    table.add_row("total", f"of {recipe.gates.byte_budget:,}", f"{sizes.total:,}")
    console = Console()
    console.print(table)
    preflight(context)
    for stage, seconds in estimate_seconds(recipe, context.teacher, context.ensemble, context.files).items():
        console.print(f"{stage:14} about {seconds / 60:6.1f} min")
    check_fits(recipe, sizes, sizes.vocabulary, manifest=sizes.manifest)
