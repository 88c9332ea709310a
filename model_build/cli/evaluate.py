"""`model-build evaluate`: an artifact on the benchmark, beside its fp32 reference, teachers and simple baselines."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from model_build.cli.errors import one_line_errors
from model_build.cli.output import console, make_folder_of, progress_bars
from model_build.common.systems import System
from model_build.evaluation.evaluate import evaluate
from model_build.evaluation.result import to_json
from model_build.evaluation.tables import family_table, fp32_table, quality_table, teacher_table
from model_build.evaluation.tasks.registry import DEFAULT_TASKS

# Characters of a line if the output is not a terminal: for the tasks' names, and for each system.
LABELS, COLUMN = 60, 22


def evaluate_command(
    artifact: Annotated[Path, typer.Argument(help="The artifact's folder.")],
    *,
    data: Annotated[Path, typer.Option(help="The folder that holds benchmark/.")],
    task: Annotated[
        list[str] | None, typer.Option(help=f"A task; repeatable. Without any: {', '.join(DEFAULT_TASKS)}.")
    ] = None,
    fp32: Annotated[
        Path | None,
        typer.Option(help="The fp32 graph of the artifact's student, as a build leaves it: RUN/07-export/fp32.onnx."),
    ] = None,
    teacher: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FOLDER[:cls|:mean]",
            help="A teacher's Hugging Face folder, and its pooling if its configuration has none; repeatable. "
            "Percentages refer to the first. Without any: the packaged all-MiniLM-L6-v2.",
        ),
    ] = None,
    no_teacher: Annotated[
        bool, typer.Option("--no-teacher", help="Leave the teacher out; it is the slow part.")
    ] = False,
    bfloat16: Annotated[
        bool, typer.Option("--bfloat16", help="Load teachers in bfloat16: faster on some processors.")
    ] = False,
    static: Annotated[list[Path] | None, typer.Option(help="A model2vec folder to compare with; repeatable.")] = None,
    baselines: Annotated[bool, typer.Option(help="Compare with WordLlama, BM25 and random vectors.")] = True,
    json: Annotated[Path | None, typer.Option(help="Write the metrics to this file too.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Keep vectors in this folder between runs.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Maximal number of examples per task, drawn with the seed.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draws and the bootstrap.")] = 0,
) -> None:
    """Measure an artifact on search, behaviour, similarity and language tasks, beside teachers and baselines."""
    progress = progress_bars()
    make_folder_of(json)
    with one_line_errors():
        systems = _systems(
            artifact,
            fp32=fp32,
            teachers=None if no_teacher else teacher or (),
            bfloat16=bfloat16,
            static=static or (),
            baselines=baselines,
            seed=seed,
        )
        with progress:
            result = evaluate(
                systems, data, task or DEFAULT_TASKS, seed=seed, limit=limit, cache=cache, progress=progress
            )
    out = console(LABELS + COLUMN * len(result.systems))
    for table in (quality_table(result), teacher_table(result), fp32_table(result), family_table(result)):
        if table:
            out.print(table)
    if json:
        json.write_text(to_json(result), encoding="utf-8")


def _systems(
    artifact: Path,
    *,
    fp32: Path | None,
    teachers: Sequence[str] | None,
    bfloat16: bool,
    static: Sequence[Path],
    baselines: bool,
    seed: int,
) -> list[System]:
    """Load the systems; `teachers` is None for no teacher, and empty for the packaged one."""
    # They bring torch, scikit-learn and their weights: --help need not wait for these.
    from model_build.evaluation.systems.registry import systems  # noqa: PLC0415
    from model_build.teacher.system import load_system  # noqa: PLC0415

    asked: Sequence[str | None] = () if teachers is None else teachers or (None,)
    loaded = [load_system(one, bfloat16=bfloat16) for one in asked]
    if None in loaded:
        typer.echo(
            "the packaged teacher is not installed: comparing without one; name a folder with --teacher", err=True
        )
    known = [one for one in loaded if one is not None]
    return systems(artifact, fp32=fp32, teachers=known, static=static, baselines=baselines, seed=seed)
