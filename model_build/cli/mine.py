"""`model-build mine-pairs`."""

from pathlib import Path
from typing import Annotated

import typer

from model_build.cli.errors import one_line_errors


def mine_pairs(
    artifact: Annotated[Path, typer.Argument(help="The artifact whose vectors say what is near.")],
    *,
    queries: Annotated[
        list[Path], typer.Option(help="A file of queries: a query a line, or a table with a column query; repeatable.")
    ],
    texts: Annotated[
        list[Path], typer.Option(help="A file of texts: a text a line, or a table with a column text; repeatable.")
    ],
    to: Annotated[Path, typer.Option(help="The table to write, with the columns text and text_b.")],
    most_queries: Annotated[int, typer.Option(min=1, help="Queries to draw, from each file as many.")] = 8_000,
    most_texts: Annotated[int, typer.Option(min=2, help="Texts to draw, from each file as many.")] = 60_000,
    near: Annotated[int, typer.Option(min=0, help="Pairs of a query with near texts.")] = 4,
    far: Annotated[int, typer.Option(min=0, help="Pairs of a query with any texts.")] = 2,
    depth: Annotated[int, typer.Option(min=1, help="How many texts are near.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Decides what is drawn.")] = 17,
) -> None:
    """Pair queries with texts, near ones and others, for a cross-encoder to grade (`task.labels = "teacher"`)."""
    with one_line_errors():
        from rich.progress import Progress  # noqa: PLC0415

        from model_build.evaluation.systems.artifact import artifact_system  # noqa: PLC0415
        from model_build.tasks.mining import (  # noqa: PLC0415 (numpy and onnxruntime take a second to import)
            Draw,
            sample_queries,
            sample_texts,
            write_pairs,
        )
        from model_build.tasks.mining import mine_pairs as mined  # noqa: PLC0415
        from service.artifact.artifact import load_artifact  # noqa: PLC0415

        system = artifact_system(load_artifact(artifact))
        asked, known = sample_queries(queries, most_queries, seed), sample_texts(texts, most_texts, seed)
        with Progress() as progress:
            count = write_pairs(mined(asked, known, system, Draw(near, far, depth, seed), progress), to)
        typer.echo(f"{to}: {count:,} pairs of {len(asked):,} queries and {len(known):,} texts")
