"""What `inspect --json` prints."""

import json
from dataclasses import asdict

from model_build.export.gates import Gate
from model_build.report import byte_rows
from service.artifact.artifact import Manifest


def artifact_json(manifest: Manifest, gates: tuple[Gate, ...]) -> str:
    """The manifest, and what can be worked out of it: the encoder's revision, the byte table and the gates."""
    document = {
        **manifest.model_dump(mode="json"),
        "encoder_revision": manifest.encoder_revision,
        "byte_table": [asdict(row) for row in byte_rows(manifest)],
        "gates": [asdict(gate) for gate in gates],
    }
    return json.dumps(document, indent=1, ensure_ascii=False)
