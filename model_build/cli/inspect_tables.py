"""An artifact and a head as tables for a terminal."""

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from model_build.common.format import percent
from model_build.export.gates import Gate
from model_build.report import byte_rows
from service.artifact.artifact import Manifest
from service.heads.manifest import HeadManifest

_DIGEST_CHARS = 12


def artifact_tables(manifest: Manifest, gates: tuple[Gate, ...]) -> Iterator[Table]:
    """All tables of an artifact, in their order."""
    yield _artifact_facts(manifest)
    yield _bytes(manifest)
    yield _files(manifest)
    yield _provenance(manifest)
    yield _corpus(manifest)
    if manifest.quality:
        table = _table("Metrics", ("task", "metric", "split"), ("examples", "value"))
        for one in manifest.quality:
            table.add_row(one.task, one.metric, one.split, f"{one.examples:,}", f"{one.value:.4f}")
        yield table
    yield _gates(gates)


def head_tables(manifest: HeadManifest) -> Iterator[Table]:
    """All tables of a head, in their order."""
    yield _head_facts(manifest)
    if manifest.training.sources:
        table = _table("Examples", ("use", "file"), ("rows", "left out"))
        table.add_column("SHA-256")
        for source in manifest.training.sources:
            digest = source.sha256[:_DIGEST_CHARS]
            table.add_row(source.use, Text(source.file), f"{source.rows:,}", f"{source.left_out:,}", digest)
        yield table
    if manifest.figures:
        table = _table("Metrics", ("metric", "split"), ("examples", "value", "95 % interval"))
        for one in manifest.figures:
            between = "" if one.low is None or one.high is None else f"{one.low:.4f} to {one.high:.4f}"
            table.add_row(one.metric, one.split, f"{one.examples:,}", f"{one.value:.4f}", between)
        yield table


def _table(title: str, texts: Sequence[str], numbers: Sequence[str]) -> Table:
    """A table with columns of text, then of numbers."""
    table = Table(title=title, title_justify="left")
    for heading in texts:
        table.add_column(heading)
    for heading in numbers:
        table.add_column(heading, justify="right")
    return table


def _facts(title: str, facts: Mapping[str, str]) -> Table:
    """A table of names and values. Values come from files, so their square brackets are not markup."""
    table = Table(title=Text(title), title_justify="left", show_header=False)
    for name, value in facts.items():
        table.add_row(Text(name, style="bold"), Text(value))
    return table


def _artifact_facts(manifest: Manifest) -> Table:
    shape, rules = manifest.model, manifest.tokenizer
    folded = [name for name, on in (("case", rules.lowercase), ("accents", rules.strip_accents)) if on]
    return _facts(
        manifest.name,
        {
            "revision": manifest.revision,
            "encoder revision": manifest.encoder_revision,
            "layers": f"{shape.layers} of {shape.hidden_size} units, {shape.attention_heads} heads, "
            f"{shape.intermediate_size} units between",
            "vocabulary": f"{shape.vocabulary_size:,} tokens of {shape.embedding_size} numbers; "
            f"{' and '.join(folded) or 'nothing'} folded",
            "vectors": f"{shape.dimension} numbers",
            "reads": f"{shape.max_length} tokens of a text",
        },
    )


def _head_facts(manifest: HeadManifest) -> Table:
    training, backbone = manifest.training, manifest.backbone
    chosen = f", C = {training.regularisation:g} by {training.chosen_by}" if training.regularisation else ""
    encoder = "that revision's alone" if backbone.encoder_revision is None else f"revision {backbone.encoder_revision}"
    return _facts(
        manifest.name,
        {
            "revision": manifest.revision,
            "classifies": "texts" if manifest.kind == "text" else "pairs of texts",
            "backbone": f"{backbone.name}, revision {backbone.revision}",
            "encoder": encoder,
            "weights": f"{len(manifest.classes)} classes of {manifest.width} features; "
            f"{manifest.weights.scheme}; {manifest.weights.bytes:,} bytes",
            "method": f"{training.method}{chosen}",
            "temperature": f"{training.temperature:.3f}",
            "seed": str(training.seed),
            "built by": training.tool,
            "classes": ", ".join(manifest.classes),
        },
    )


def _bytes(manifest: Manifest) -> Table:
    table = _table("Bytes on a device", ("part", "scheme"), ("parameters", "bytes", "share"))
    total = manifest.device_bytes
    for row in byte_rows(manifest):
        parameters = f"{row.parameters:,}" if row.parameters else ""
        table.add_row(row.part, row.scheme, parameters, f"{row.bytes:,}", percent(row.bytes / total))
    table.add_section()
    table.add_row("total", "", "", f"{total:,}", percent(1.0))
    return table


def _files(manifest: Manifest) -> Table:
    table = _table("Files that the manifest vouches for", ("file",), ("bytes",))
    table.add_column("on the device")
    table.add_column("SHA-256")
    for name, entry in manifest.files.items():
        table.add_row(Text(name), f"{entry.bytes:,}", "yes" if entry.device else "no", entry.sha256[:_DIGEST_CHARS])
    return table


def _provenance(manifest: Manifest) -> Table:
    training = manifest.training
    companions = [f"{one.model}, weight {one.weight:g}" for one in training.companions]
    return _facts(
        "Provenance",
        {
            "teacher": f"{training.teacher} ({training.teacher_sha256[:_DIGEST_CHARS]})",
            **({f"additional teacher{'s' * (len(companions) > 1)}": "\n".join(companions)} if companions else {}),
            "method": training.objective,
            **({"initialised from": training.start} if training.start else {}),
            "seed": str(training.seed),
            "built by": training.tool,
        },
    )


def _corpus(manifest: Manifest) -> Table:
    sources = manifest.training.sources
    table = _table(f"Corpus: {sum(one.texts for one in sources):,} texts", ("source",), ("texts",))
    table.add_column("licence")
    table.add_column("SHA-256")
    for one in sources:
        table.add_row(Text(one.name), f"{one.texts:,}", Text(one.licence), one.sha256[:_DIGEST_CHARS])
    return table


def _gates(gates: tuple[Gate, ...]) -> Table:
    table = _table("Gates", ("gate",), ("bound", "value"))
    table.add_column("holds")
    for gate in gates:
        sign, shown = ("at most", "{:,.0f}") if gate.name == "device bytes" else ("at least", "{:.4g}")
        value = "not measured" if gate.value is None else f"{gate.value:,}"
        table.add_row(gate.name, f"{sign} {shown.format(gate.bound)}", value, "yes" if gate.holds else "no")
    return table
