"""An artifact and a head as tables for a terminal."""

from collections.abc import Iterator, Mapping

from rich.table import Table
from rich.text import Text

from model_build.common.format import percent
from model_build.common.tables import number, table
from model_build.export.byte_table import byte_rows
from model_build.export.gates import Gate
from service.artifact.artifact import Manifest
from service.cli.tables import outputs_row
from service.heads.manifest import HeadManifest

_DIGEST_CHARS = 12


def artifact_tables(manifest: Manifest, gates: tuple[Gate, ...]) -> Iterator[Table]:
    """All tables of an artifact, in their order."""
    yield _artifact_facts(manifest)
    yield _bytes(manifest)
    yield table(
        "Files that the manifest vouches for",
        ("file", number("bytes"), "on the device", "SHA-256"),
        (
            (Text(name), f"{entry.bytes:,}", "yes" if entry.device else "no", entry.sha256[:_DIGEST_CHARS])
            for name, entry in manifest.files.items()
        ),
    )
    yield _provenance(manifest)
    sources = manifest.training.sources
    yield table(
        f"Corpus: {sum(one.texts for one in sources):,} texts",
        ("source", number("texts"), "licence", "SHA-256"),
        ((Text(one.name), f"{one.texts:,}", Text(one.licence), one.sha256[:_DIGEST_CHARS]) for one in sources),
    )
    if manifest.quality:
        yield table(
            "Metrics",
            ("task", "metric", "split", number("examples"), number("value")),
            ((one.task, one.metric, one.split, f"{one.examples:,}", f"{one.value:.4f}") for one in manifest.quality),
        )
    yield table("Gates", ("gate", number("bound"), number("value"), "holds"), map(_gate, gates))


def head_tables(manifest: HeadManifest) -> Iterator[Table]:
    """All tables of a head, in their order."""
    yield _head_facts(manifest)
    if manifest.training.sources:
        yield table(
            "Examples",
            ("use", "file", number("rows"), number("left out"), "SHA-256"),
            (
                (one.use, Text(one.file), f"{one.rows:,}", f"{one.left_out:,}", one.sha256[:_DIGEST_CHARS])
                for one in manifest.training.sources
            ),
        )
    if manifest.figures:
        rows = []
        for one in manifest.figures:
            between = "" if one.low is None or one.high is None else f"{one.low:.4f} to {one.high:.4f}"
            rows.append((one.metric, one.split, f"{one.examples:,}", f"{one.value:.4f}", between))
        yield table("Metrics", ("metric", "split", *map(number, ("examples", "value", "95 % interval"))), rows)


def _facts(title: str, facts: Mapping[str, str]) -> Table:
    """A table of names and values. Values come from files, so their square brackets are not markup."""
    made = table(Text(title), (), ((Text(name, style="bold"), Text(value)) for name, value in facts.items()))
    made.show_header = False
    return made


def _artifact_facts(manifest: Manifest) -> Table:
    shape, rules = manifest.model, manifest.tokenizer
    given, what = outputs_row(manifest)
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
            given: what,
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
    total = manifest.device_bytes
    rows = (
        (
            row.part,
            row.scheme,
            f"{row.parameters:,}" if row.parameters else "",
            f"{row.bytes:,}",
            percent(row.bytes / total),
        )
        for row in byte_rows(manifest)
    )
    made = table("Bytes on a device", ("part", "scheme", *map(number, ("parameters", "bytes", "share"))), rows)
    made.add_section()
    made.add_row("total", "", "", f"{total:,}", percent(1.0))
    return made


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


def _gate(gate: Gate) -> tuple[str, ...]:
    sign, shown = ("at most", "{:,.0f}") if gate.name == "device bytes" else ("at least", "{:.4g}")
    value = "not measured" if gate.value is None else f"{gate.value:,}"
    return gate.name, f"{sign} {shown.format(gate.bound)}", value, "yes" if gate.holds else "no"
