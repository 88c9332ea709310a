"""`model-build fit-head`."""

from pathlib import Path
from typing import Annotated

import typer

from model_build.cli.errors import one_line_errors
from model_build.cli.output import console, progress_bars
from service.artifact.artifact import load_artifact

WIDTH = 150


def fit_head_command(
    artifact: Annotated[Path, typer.Argument(help="The artifact's folder.")],
    *,
    train: Annotated[
        Path,
        typer.Option(
            help="Examples: a table with the columns label and text, or label, text_a and text_b, "
            "separated by tabs, plain or as .xz or .gz."
        ),
    ],
    dev: Annotated[
        Path | None, typer.Option(help="Examples to choose the regularisation on. Without any: folds of TRAIN.")
    ] = None,
    test: Annotated[Path | None, typer.Option(help="Examples to measure the head on.")] = None,
    name: Annotated[str, typer.Option(help="The head's name in requests.")],
    to: Annotated[Path, typer.Option(help="The head's folder; an older head there is replaced.")],
    teacher: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL[:cls|:mean]",
            help="Fit a probe to this model's vectors in the same way, to compare with: a Hugging Face folder, or "
            "package:NAME/PATH.",
        ),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Folds of TRAIN that are held out in turn.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Of the folds and the bootstrap.")] = 0,
) -> None:
    """Fit a classifier of texts or of pairs to an artifact's vectors, and publish it as a head of a few kilobytes."""
    with one_line_errors():
        # scikit-learn and ONNX Runtime take a while to import; --help need not wait for them.
        from model_build.heads.fit import fit_head, read_data  # noqa: PLC0415
        from model_build.heads.publish import check_name, check_place, publish_head  # noqa: PLC0415
        from model_build.heads.table import fit_table, summary  # noqa: PLC0415
        from model_build.teacher.system import open_system  # noqa: PLC0415

        check_name(name)
        check_place(to)
        loaded = load_artifact(artifact)
        data = read_data(train, dev, test)
        beside = None if teacher is None else open_system(teacher)
        with progress_bars() as progress:
            fitted = fit_head(loaded, data, name, teacher=beside, folds=folds, seed=seed, progress=progress)
        head = publish_head(
            to,
            loaded.manifest,
            fitted.weights,
            name=name,
            kind=data.train.kind,
            classes=fitted.probe.fit.head.classes,
            training=fitted.training,
            figures=fitted.figures,
        )
    out = console(WIDTH)
    out.print(fit_table(fitted))
    out.print(summary(fitted), highlight=False)
    typer.echo(f"{to}: published as {head.label}, {len(head.classes)} classes")
