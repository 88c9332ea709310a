"""The tables that commands print."""

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from service.artifact.artifact import Manifest
from service.feature_store.items.item import Item
from service.ranking.explanation import SignalContribution
from service.recommender.answer import RankResponse


def ranking_table(response: RankResponse, items: Sequence[Item]) -> Table:
    """The results of a ranking of `items`, with explanations if there are any."""
    by_id = {item.id: item for item in items}
    explained = any(result.explanation for result in response.results)
    table = Table(caption=f"{response.model}, {response.timing_ms.total:.0f} ms", caption_justify="left")
    for heading in ("rank", "score"):
        table.add_column(heading, justify="right")
    for heading in ("title", "category", "id", *(["why"] if explained else [])):
        table.add_column(heading)
    for result in response.results:
        item = by_id[result.id]
        score = f"{result.score:.3f}" if result.status == "ok" else result.status
        # Text instead of str: square brackets in a title are not markup.
        cells: list[RenderableType] = [Text(item.title), Text(item.category or "", style="cyan"), Text(item.id)]
        if explained:
            cells.append(_reasons(result.explanation or {}))
        table.add_row(str(result.rank), score, *cells)
    return table


def _reasons(explanation: Mapping[str, SignalContribution]) -> Table:
    """The contributions of the signals, the strongest first; those of 0 are left out."""
    reasons = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    for alignment in ("left", "right", "left"):
        reasons.add_column(justify=alignment, no_wrap=True)
    added = [(name, one) for name, one in explanation.items() if one.contribution]
    for name, one in sorted(added, key=lambda part: -abs(part[1].contribution)):
        value = "the others' mean" if one.value is None else f"{one.value:.3f}"
        reasons.add_row(name.replace("_", " "), f"{one.contribution:+.3f}", f"= {one.weight:g} x {value}")
    return reasons


def model_table(manifest: Manifest) -> Table:
    """The essentials of a model."""
    shape = manifest.model
    table = Table(show_header=False)
    rows = [
        ("name", manifest.name),
        ("revision", manifest.revision),
        ("encoder revision", manifest.encoder_revision),
        ("bytes on a device", f"{manifest.device_bytes:,} of {manifest.byte_budget:,}"),
        ("layers", f"{shape.layers} of {shape.hidden_size} units, {shape.attention_heads} heads"),
        ("vocabulary", f"{shape.vocabulary_size:,} pieces"),
        outputs_row(manifest),
        ("reads", f"{shape.max_length} pieces of a text"),
        *((f"quantized: {name}", f"{one.scheme}, {one.bytes:,} bytes") for name, one in manifest.quantization.items()),
        *((f"{one.task} ({one.split})", f"{one.metric} {one.value:.4f}") for one in manifest.quality),
        ("teacher", manifest.training.teacher),
        ("trained on", ", ".join(f"{one.name} ({one.licence})" for one in manifest.training.sources)),
    ]
    for name, value in rows:
        table.add_row(Text(name, style="bold"), Text(value))
    return table


def outputs_row(manifest: Manifest) -> tuple[str, str]:
    """What a model gives."""
    if manifest.task is None:
        return "vectors", f"{manifest.model.dimension} numbers"
    if (grades := manifest.task.grades) is not None:
        return "grades", f"from {grades.low:g} to {grades.high:g} in the examples"
    return "classes", ", ".join(manifest.task.classes)
