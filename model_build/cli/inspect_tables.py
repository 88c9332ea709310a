"""An artifact as tables for a terminal."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from model_build.cli.inspect_facts import facts_table
from model_build.evaluation.tables import percent
from model_build.export.gates import Gate
from model_build.report import byte_rows
from service.artifact.artifact import Manifest

_DIGEST_CHARS = 12


def artifact_tables(manifest: Manifest, gates: tuple[Gate, ...]) -> Iterator[Table]:
    """All tables, in their order."""
    yield _facts(manifest)
    yield _bytes(manifest)
    yield _files(manifest)
    yield _provenance(manifest)
    yield _sources(manifest)
    if manifest.quality:
        yield _figures(manifest)
    yield _gates(gates)


def _facts(manifest: Manifest) -> Table:
    shape, rules = manifest.model, manifest.tokenizer
    folded = [name for name, on in (("case", rules.lowercase), ("accents", rules.strip_accents)) if on]
    return facts_table(
        manifest.name,
        {
            "revision": manifest.revision,
            "encoder revision": manifest.encoder_revision,
            "layers": f"{shape.layers} of {shape.hidden_size} units, {shape.attention_heads} heads, "
            f"{shape.intermediate_size} units between",
            "vocabulary": f"{shape.vocabulary_size:,} pieces of {shape.embedding_size} numbers; "
            f"{' and '.join(folded) or 'nothing'} folded",
            "vectors": f"{shape.dimension} numbers",
            "reads": f"{shape.max_length} pieces of a text",
        },
    )


def _bytes(manifest: Manifest) -> Table:
    table = Table(title="Bytes on a device", title_justify="left")
    for heading in ("part", "scheme"):
        table.add_column(heading)
    for heading in ("parameters", "bytes", "share"):
        table.add_column(heading, justify="right")
    total = manifest.device_bytes
    for row in byte_rows(manifest):
        parameters = f"{row.parameters:,}" if row.parameters else ""
        table.add_row(row.part, row.scheme, parameters, f"{row.bytes:,}", percent(row.bytes / total))
    table.add_section()
    table.add_row("total", "", "", f"{total:,}", percent(1.0))
    return table


def _files(manifest: Manifest) -> Table:
    table = Table(title="Files that the manifest vouches for", title_justify="left")
    table.add_column("file")
    table.add_column("bytes", justify="right")
    table.add_column("on the device")
    table.add_column("SHA-256")
    for name, entry in manifest.files.items():
        table.add_row(Text(name), f"{entry.bytes:,}", "yes" if entry.device else "no", entry.sha256[:_DIGEST_CHARS])
    return table


def _provenance(manifest: Manifest) -> Table:
    training = manifest.training
    companions = [f"{one.model}, weight {one.weight:g}" for one in training.companions]
    return facts_table(
        "Provenance",
        {
            "teacher": f"{training.teacher} ({training.teacher_sha256[:_DIGEST_CHARS]})",
            **({"companions" if len(companions) > 1 else "companion": "\n".join(companions)} if companions else {}),
            "method": training.objective,
            **({"started with": training.start} if training.start else {}),
            "seed": str(training.seed),
            "built by": training.tool,
        },
    )


def _sources(manifest: Manifest) -> Table:
    sources = manifest.training.sources
    table = Table(title=f"Corpus: {sum(one.texts for one in sources):,} texts", title_justify="left")
    table.add_column("source")
    table.add_column("texts", justify="right")
    table.add_column("licence")
    table.add_column("SHA-256")
    for one in sources:
        table.add_row(Text(one.name), f"{one.texts:,}", Text(one.licence), one.sha256[:_DIGEST_CHARS])
    return table


def _figures(manifest: Manifest) -> Table:
    table = Table(title="Figures", title_justify="left")
    for heading in ("task", "metric", "split"):
        table.add_column(heading)
    for heading in ("examples", "figure"):
        table.add_column(heading, justify="right")
    for one in manifest.quality:
        table.add_row(one.task, one.metric, one.split, f"{one.examples:,}", f"{one.value:.4f}")
    return table


def _gates(gates: tuple[Gate, ...]) -> Table:
    table = Table(title="Gates", title_justify="left")
    table.add_column("gate")
    for heading in ("bound", "value"):
        table.add_column(heading, justify="right")
    table.add_column("holds")
    for gate in gates:
        sign, shown = ("at most", "{:,.0f}") if gate.name == "device bytes" else ("at least", "{:.4g}")
        value = "not measured" if gate.value is None else f"{gate.value:,}"
        table.add_row(gate.name, f"{sign} {shown.format(gate.bound)}", value, "yes" if gate.holds else "no")
    return table
