"""06-quantization: measure the cost of each module's scheme.

Writes `sensitivity.json`.
"""

from dataclasses import asdict
from pathlib import Path

from model_build.common.atomic import write_json
from model_build.quantization.sensitivity import measure_sensitivity
from model_build.run.context import Context
from model_build.run.stages.distillation import load_device_student


def inputs(context: Context) -> dict[str, object]:
    """The recipe's section."""
    return context.recipe.quantization.model_dump(mode="json")


def run(context: Context, folder: Path) -> None:
    """Quantize each module alone and all together, and compare vectors on the held-out texts."""
    table = measure_sensitivity(load_device_student(context), context.recipe.quantization, context.heldout_rows)
    write_json(folder / "sensitivity.json", [asdict(row) for row in table])
    context.journal.event("quantization", "measured", mean_cosine=table[-1].mean_cosine)
