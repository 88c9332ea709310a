"""`model-build inspect`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model_build.cli.errors import one_line_errors
from model_build.cli.output import console
from model_build.export.byte_table import byte_rows
from service.artifact.artifact import Manifest, load_artifact

if TYPE_CHECKING:
    from model_build.export.gates import Gate

WIDTH = 150


def inspect_command(
    folder: Annotated[Path, typer.Argument(help="The folder of an artifact or a head.", metavar="ARTIFACT")],
    *,
    recipe: Annotated[
        Path | None, typer.Option(help="The artifact's recipe: its quality gates are shown beside the metrics.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document instead of tables.")] = False,
) -> None:
    """Verify an artifact or a head, and print its bytes, modules, provenance and metrics."""
    with one_line_errors():
        # The report's modules take a second to import; --help need not wait for them.
        from model_build.cli.inspect_tables import artifact_tables, head_tables  # noqa: PLC0415
        from model_build.export.gates import gates_of  # noqa: PLC0415
        from model_build.recipe import load_recipe  # noqa: PLC0415
        from service.heads.loading import HEAD, load_head  # noqa: PLC0415

        if (folder / HEAD).is_file():
            head = load_head(folder).manifest
            document, tables = head.model_dump_json(indent=1), head_tables(head)
        else:
            manifest = load_artifact(folder).manifest
            gates = gates_of(manifest, None if recipe is None else load_recipe(recipe))
            document, tables = artifact_json(manifest, gates), artifact_tables(manifest, gates)
    if as_json:
        typer.echo(document)
        return
    out = console(WIDTH)
    for table in tables:
        out.print(table)


def artifact_json(manifest: Manifest, gates: "tuple[Gate, ...]") -> str:
    """The manifest with what is derived from it: the encoder's revision, the byte table and the gates."""
    document = {
        **manifest.model_dump(mode="json"),
        "encoder_revision": manifest.encoder_revision,
        "byte_table": [asdict(row) for row in byte_rows(manifest)],
        "gates": [asdict(gate) for gate in gates],
    }
    return json.dumps(document, indent=1, ensure_ascii=False)
