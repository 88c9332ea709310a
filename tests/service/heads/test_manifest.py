from typing import Any

import pytest
from pydantic import ValidationError

from service.heads.manifest import HeadManifest, width_of
from tests.service.heads.heads import TRAINING

REVISION = "a" * 64


def document(**changes: Any) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "name": "topics",
        "revision": "",
        "kind": "pair",
        "backbone": {"name": "tiny", "revision": REVISION, "dimension": 16},
        "classes": ("no", "yes"),
        "weights": {"bytes": 80, "sha256": REVISION},
        "training": TRAINING.model_dump(),
        **changes,
    }


def test_the_revision_depends_on_everything_else() -> None:
    first = HeadManifest(**document()).sealed()
    assert first.revision == first.expected_revision()
    assert first.label == f"topics@{first.revision[:12]}"
    turned = HeadManifest(**document(classes=("yes", "no"))).sealed()
    assert turned.revision != first.revision


def test_a_head_that_does_not_know_its_encoder_keeps_its_revision() -> None:
    plain = HeadManifest(**document()).sealed()
    assert (
        plain.revision == "6b83c69f8abd94c37bda4c6a8d6f9abc61eb907f2ef0d49b98f58cb3470c4c14"
    )  # of the code before that
    backbone = {**document()["backbone"], "encoder_revision": REVISION}
    assert HeadManifest(**document(backbone=backbone)).sealed().revision != plain.revision


def test_a_pair_has_twice_the_features_of_a_text() -> None:
    assert HeadManifest(**document()).width == 32
    assert width_of("text", 16) == 16


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"schema_version": 2}, "schema_version"),
        ({"name": "../other"}, "name"),
        ({"kind": "token"}, "kind"),
        ({"classes": ("alone",)}, "classes"),
        ({"classes": tuple(map(str, range(1001)))}, "classes"),
        ({"classes": ("a", "a")}, ""),
        ({"classes": ("a", "b\n")}, "classes"),
        ({"classes": ("a", "")}, "classes"),
        ({"backbone": {"name": "tiny", "revision": "short", "dimension": 16}}, "backbone"),
        ({"backbone": {"name": "tiny", "revision": REVISION, "dimension": 10**9}}, "backbone"),
        ({"more": 1}, "more"),
    ],
)
def test_anything_else_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        HeadManifest(**document(**changes))
    location = caught.value.errors()[0]["loc"]
    assert (location[0] if location else "") == field
