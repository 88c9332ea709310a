"""`model-build evaluate`: an artifact on the benchmark, beside its teacher and simple baselines."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model_build.evaluation.errors import EvaluationError
from model_build.evaluation.evaluate import embedding_progress, evaluate
from model_build.evaluation.result import EvaluationResult, to_json
from model_build.evaluation.system import System
from model_build.evaluation.table import quality_table, teacher_table
from model_build.evaluation.tasks import DEFAULT_TASKS
from service.artifact import ArtifactError

WIDE = 200


def add_evaluate_command(app: typer.Typer) -> None:
    """Register `evaluate`."""
    app.command("evaluate")(evaluate_command)


def evaluate_command(
    artifact: Annotated[Path, typer.Argument(help="The artifact's folder.")],
    *,
    data: Annotated[Path, typer.Option(help="The folder that holds benchmark/.")],
    task: Annotated[
        list[str] | None, typer.Option(help=f"A task; repeatable. Without any: {', '.join(DEFAULT_TASKS)}.")
    ] = None,
    teacher: Annotated[
        Path | None, typer.Option(help="The teacher's Hugging Face folder. Without one: the packaged all-MiniLM-L6-v2.")
    ] = None,
    no_teacher: Annotated[
        bool, typer.Option("--no-teacher", help="Leave the teacher out; it is the slow part.")
    ] = False,
    static: Annotated[list[Path] | None, typer.Option(help="A model2vec folder to compare with; repeatable.")] = None,
    baselines: Annotated[bool, typer.Option(help="Compare with WordLlama, BM25 and chance.")] = True,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file too.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Keep vectors in this folder between runs.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most examples of a task, drawn with the seed.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draws and the bootstrap.")] = 0,
) -> None:
    """Measure an artifact on ranking, behaviour, similarity and language tasks, beside its teacher and baselines."""
    console = Console()
    progress = embedding_progress(visible=console.is_terminal)
    try:
        systems = [
            *_artifact(artifact),
            *([] if no_teacher else _teachers(teacher)),
            *(_static(static) if static else []),
            *(_baselines(seed) if baselines else []),
        ]
        with progress:
            result = evaluate(
                systems, data, task or DEFAULT_TASKS, seed=seed, limit=limit, cache=cache, progress=progress
            )
    except (EvaluationError, ArtifactError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    _show(result, console if console.is_terminal else Console(width=WIDE))
    if json:
        json.write_text(to_json(result), encoding="utf-8")


def _show(result: EvaluationResult, console: Console) -> None:
    console.print(quality_table(result))
    kept = teacher_table(result)
    if kept:
        console.print(kept)


# The systems bring torch, scikit-learn and their weights; they are imported when they are asked for.


def _artifact(folder: Path) -> list[System]:
    from model_build.evaluation.systems.artifact import load_artifact_system  # noqa: PLC0415

    return [load_artifact_system(folder)]


def _teachers(folder: Path | None) -> list[System]:
    from model_build.evaluation.systems.teacher import load_teacher  # noqa: PLC0415

    teacher = load_teacher(str(folder) if folder else None)
    if teacher is None:
        typer.echo(
            "the packaged teacher is not installed: comparing without one; name its folder with --teacher", err=True
        )
        return []
    return [teacher]


def _static(folders: Sequence[Path]) -> list[System]:
    from model_build.evaluation.systems.static import Model2VecSystem  # noqa: PLC0415

    return [Model2VecSystem(folder) for folder in folders]


def _baselines(seed: int) -> list[System]:
    from model_build.evaluation.systems.bm25 import BM25System  # noqa: PLC0415
    from model_build.evaluation.systems.random import RandomSystem  # noqa: PLC0415
    from model_build.evaluation.systems.static import WORDLLAMA_DIMENSIONS, WordLlamaSystem  # noqa: PLC0415

    static: list[System] = [WordLlamaSystem(dimension) for dimension in WORDLLAMA_DIMENSIONS]
    return [*static, BM25System(), RandomSystem(seed)]
