"""`model-build fit-ranker` and `model-build evaluate-ranking`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model_build.cli.errors import one_line_errors
from model_build.cli.output import console, make_folder_of
from service.artifact.artifact import Artifact, load_artifact

if TYPE_CHECKING:
    from model_build.common.systems import EmbeddingSystem
    from model_build.ranking.train import FittedRanker


def fit_ranker_command(
    artifact: Annotated[Path, typer.Argument(help="The artifact's folder.")],
    *,
    data: Annotated[Path | None, typer.Option(help="The folder that holds benchmark/, to learn from.")] = None,
    log: Annotated[
        Path | None,
        typer.Option(
            help="A folder with the service's ranking log, to learn from instead; surfaces with too few lists "
            "keep their weights."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to publish the artifact with its new weights. [ARTIFACT]")
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Folds that are held out in turn.")] = 5,
    max_bad_share: Annotated[
        float, typer.Option(min=0, max=1, help="Maximal share of the log's lines that can't be read.")
    ] = 0.01,
    json: Annotated[Path | None, typer.Option(help="Write weights and metrics to this file too.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draws, the folds and the bootstrap.")] = 0,
) -> None:
    """Learn the weights of the signals from public data or from a log, and publish the artifact with them."""
    with one_line_errors():
        # scipy and ONNX Runtime take a while to import; --help need not wait for them.
        from model_build.ranking.tables import fit_json, held_out_table, left_out_table, weights_table  # noqa: PLC0415
        from model_build.ranking.train import fit_public, publish_with  # noqa: PLC0415

        loaded = load_artifact(artifact)
        make_folder_of(json)
        if log is not None:
            fitted = _from_log(loaded, log, folds=folds, max_bad_share=max_bad_share, seed=seed)
        elif data is not None:
            fitted = fit_public(loaded, data, folds=folds, seed=seed)
        else:
            raise typer.BadParameter("name what to learn from", param_hint="--data or --log")
        terminal = console()
        terminal.print(weights_table(fitted))
        terminal.print(held_out_table(fitted))
        if fitted.weights.left_out:
            terminal.print(left_out_table(fitted))
        publish_with(loaded, fitted.weights, out or artifact)
        if json:
            json.write_text(fit_json(fitted), encoding="utf-8")
        typer.echo(f"{out or artifact}: published")


def evaluate_ranking_command(
    artifact: Annotated[Path, typer.Argument(help="The artifact's folder.")],
    *,
    data: Annotated[Path, typer.Option(help="The folder that holds benchmark/.")],
    teacher: Annotated[
        bool, typer.Option(help="Compare with the packaged all-MiniLM-L6-v2; it is the slow part.")
    ] = True,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Maximal number of examples per task, drawn with the seed.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write the metrics to this file too.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Keep the teacher's vectors in this folder between runs.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draws and the bootstrap.")] = 0,
) -> None:
    """Measure an artifact's ranking on search and behaviour, beside its teacher, BM25 and TF-IDF."""
    with one_line_errors():
        from model_build.ranking.evaluate import evaluate_ranking  # noqa: PLC0415
        from model_build.ranking.tables import (  # noqa: PLC0415
            comparisons_table,
            histories_table,
            ranking_json,
            rankings_table,
        )

        loaded = load_artifact(artifact)
        make_folder_of(json)
        compared = _teacher() if teacher else None
        result = evaluate_ranking(loaded, data, compared, limit=limit, seed=seed, cache=cache)
        terminal = console()
        for table in (rankings_table(result), histories_table(result), comparisons_table(result)):
            terminal.print(table)
        if json:
            json.write_text(ranking_json(result), encoding="utf-8")


def _from_log(artifact: Artifact, folder: Path, *, folds: int, max_bad_share: float, seed: int) -> "FittedRanker":
    from model_build.ranking.data.log import read_log  # noqa: PLC0415
    from model_build.ranking.train import LEAST_LISTS, fit_log  # noqa: PLC0415

    log = read_log(folder, max_bad_share=max_bad_share)
    if log.bad:
        typer.echo(f"{log.first_bad}; {log.bad:,} of {log.lines:,} lines are skipped", err=True)
    fitted = fit_log(artifact, log, folds=folds, seed=seed)
    kept = [surface for surface in fitted.weights.by_surface if surface not in fitted.fitted]
    if kept:
        typer.echo(
            f"{' and '.join(kept)}: fewer than {LEAST_LISTS:,} lists with an outcome; the weights stay as they were",
            err=True,
        )
    return fitted


def _teacher() -> "EmbeddingSystem | None":
    from model_build.teacher.system import load_system  # noqa: PLC0415

    teacher = load_system()
    if teacher is None:
        typer.echo("the packaged teacher is not installed: comparing without one", err=True)
    return teacher
