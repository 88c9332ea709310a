"""An artifact's device bytes by part."""

from dataclasses import dataclass

from service.artifact.artifact import MANIFEST, MODEL, Manifest


@dataclass(frozen=True)
class ByteRow:
    """A part of the model, or a file of the artifact, and its bytes on the device.

    The scheme is that of its quantization; anything but weights has 0 parameters.
    """

    part: str
    scheme: str
    parameters: int
    bytes: int


def byte_rows(manifest: Manifest) -> tuple[ByteRow, ...]:
    """List the modules, the rest of the graph and the other device files; they add up to the device bytes."""
    modules = [ByteRow(name, one.scheme, one.parameters, one.bytes) for name, one in manifest.quantization.items()]
    graph = manifest.files[MODEL].bytes - sum(row.bytes for row in modules)
    others = [ByteRow(name, "", 0, manifest.files[name].bytes) for name in manifest.device_files if name != MODEL]
    files = sum(manifest.files[name].bytes for name in manifest.device_files)
    return (
        *modules,
        ByteRow("graph structure", "", 0, graph),
        *others,
        ByteRow(MANIFEST, "", 0, manifest.device_bytes - files),
    )
