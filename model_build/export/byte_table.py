"""Where an artifact's device bytes go."""

from model_build.report.contents import ByteRow
from service.artifact.artifact import DEVICE_FILES, MANIFEST, MODEL, Manifest


def byte_rows(manifest: Manifest) -> tuple[ByteRow, ...]:
    """The modules, the rest of the graph, and the other files of the device; together the device bytes."""
    modules = [ByteRow(name, one.scheme, one.parameters, one.bytes) for name, one in manifest.quantization.items()]
    graph = manifest.files[MODEL].bytes - sum(row.bytes for row in modules)
    others = [ByteRow(name, "", 0, manifest.files[name].bytes) for name in DEVICE_FILES if name != MODEL]
    files = sum(manifest.files[name].bytes for name in DEVICE_FILES)
    return (
        *modules,
        ByteRow("graph structure", "", 0, graph),
        *others,
        ByteRow(MANIFEST, "", 0, manifest.device_bytes - files),
    )
