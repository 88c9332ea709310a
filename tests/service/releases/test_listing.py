from typing import Any

import pytest
from pydantic import ValidationError

from service.releases.bucketing import takes_canary
from service.releases.listing import Listing

SHA, OTHER = "a" * 64, "b" * 64


def release(**changes: Any) -> dict[str, Any]:
    file = {"path": "vocab.txt", "bytes": 1, "sha256": SHA, "device": True}
    return {"schema_version": 1, "name": "m", "revision": SHA, "device_bytes": 1, "files": [file], **changes}


def listing(**changes: Any) -> Listing:
    return Listing.model_validate({"schema_version": 1, "current": release(), "candidate": None, **changes})


def test_a_device_takes_the_candidate_if_it_drew_it() -> None:
    candidate = release(name="new", percent=50, salt="s")
    told = listing(candidate=candidate)
    for number in range(20):
        found = told.release_for(str(number))
        assert found is not None
        assert (found.name == "new") == takes_canary("s", str(number), 50)


def test_without_a_release_a_device_takes_none() -> None:
    assert listing(current=None).release_for("device") is None


def test_what_a_later_service_adds_is_ignored() -> None:
    delta = {"from": SHA, "bytes": 7, "sha256": SHA, "colour": "red"}
    found = listing(current=release(deltas=[delta], more=1), more=2).current
    assert found is not None
    assert found.deltas[0].source == SHA
    assert '"from":"aaa' in found.model_dump_json(by_alias=True)


@pytest.mark.parametrize("path", ["/etc/passwd", "../up", "onnx/../../up", "", ".", "a\\..\\b", "a\0b"])
def test_a_file_outside_the_artifact_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="inside the artifact"):
        listing(current=release(files=[{"path": path, "bytes": 1, "sha256": SHA, "device": True}]))


@pytest.mark.parametrize("revision", ["", "..", "A" * 64, f"{SHA}\n"])
def test_a_revision_that_is_none_is_refused(revision: str) -> None:
    with pytest.raises(ValidationError):
        listing(current=release(revision=revision))


def head(**changes: Any) -> dict[str, Any]:
    file = {"path": "head.json", "bytes": 1, "sha256": SHA, "device": True}
    backbone = {"revision": SHA, "encoder_revision": OTHER}
    return {
        "type": "pack",
        "schema_version": 1,
        "name": "intents",
        "revision": SHA,
        "backbone": backbone,
        "classes": 2,
        "files": [file],
        **changes,
    }


def test_a_head_fits_the_models_with_its_encoder() -> None:
    (found,) = listing(heads=[head()]).heads or ()
    one = listing(current=release(encoder_revision=OTHER, revision=OTHER)).current
    two = listing(current=release(encoder_revision="c" * 64)).current
    before = listing(current=release()).current
    assert one is not None
    assert two is not None
    assert before is not None
    assert [found.fits(some) for some in (one, two, before)] == [True, False, False]
    (found,) = listing(heads=[head(backbone={"revision": SHA})]).heads or ()
    assert [found.fits(some) for some in (one, two, before)] == [False, True, True]
    (found,) = listing(heads=[head(backbone=None, type="model")]).heads or ()
    assert found.fits(one)


def test_a_listing_of_before_says_nothing_of_heads() -> None:
    told = listing()
    assert told.heads is None
    assert told.current is not None
    assert told.current.encoder_revision is None


def test_heads_of_a_later_kind_are_read() -> None:
    (found,) = listing(heads=[head(type="tree", schema_version=9, depth=7, colour="red")]).heads or ()
    assert not found.is_known


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../x"},
        {"name": ".x"},
        {"name": ""},
        {"revision": "x"},
        {"backbone": {"revision": "x"}},
        {"files": [{"path": "../x", "bytes": 1, "sha256": SHA, "device": True}]},
        {"files": [{"path": "x", "bytes": 10**15, "sha256": SHA, "device": True}]},
        {"classes": -1},
        {"type": "x\x1b[2J"},
    ],
)
def test_a_head_that_can_not_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        listing(heads=[head(**changes)])
