"""07-export: write the ONNX graphs and check their parity.

Writes `fp32.onnx`, `int8.onnx`, `parity.json`.
"""

from dataclasses import asdict
from pathlib import Path

from model_build.common.atomic import write_json
from model_build.export.parity import export
from model_build.quantization.schemes import schemes_of
from model_build.run.context import Context
from model_build.run.stages.distillation import load_device_student


def inputs(context: Context) -> dict[str, object]:
    """The recipe's section, and its gates except for quality."""
    return context.recipe.export.model_dump(mode="json") | context.recipe.gates.model_dump(
        mode="json", exclude={"quality"}
    )


def run(context: Context, folder: Path) -> None:
    """Export; the parity gates must hold."""
    schemes = schemes_of(context.recipe.quantization)
    table = export(load_device_student(context), schemes, context.heldout_rows, context.recipe.gates, folder)
    write_json(folder / "parity.json", [asdict(row) for row in table])
