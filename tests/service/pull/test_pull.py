import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from service.artifact.artifact import MANIFEST, RANKER, VOCABULARY, ArtifactError
from service.heads.manifest import HeadError
from service.models.model import load_model
from service.pull.asked_heads import AskedHeads
from service.pull.model_store import ModelStore
from service.pull.pull import pull, roll_back
from service.pull.remote import Remote
from service.pull.result import PullResult
from service.pull.trial import Trial
from service.releases.bucketing import takes_canary
from service.releases.bundle import Bundle
from service.releases.errors import ChecksumError, NothingToTakeError, ServiceError, TooNewError
from tests.service.pull.bundles import bundle
from tests.service.pull.disks import files_of_at_most
from tests.service.pull.shop import Shop, sha256


def try_here(folder: Path) -> None:
    """As it is tried in a process of its own, which takes a second."""
    try:
        load_model(folder, run_tokens=256, on_run=lambda _: None, heads=folder / "heads")
    except HeadError as error:
        raise ArtifactError(str(error)) from None


@dataclass
class Device:
    """A device that updates from a shop."""

    shop: Shop
    store: ModelStore
    name: str = "device"
    try_out: Trial = try_here

    def pull(self, heads: str | None = None, *, again: bool = False) -> PullResult:
        with self.store.locked():
            return pull(
                Remote(self.shop.url),
                self.store,
                self.name,
                lambda *_: None,
                asked=None if heads is None else AskedHeads.parse(heads),
                again=again,
                try_out=self.try_out,
            )

    def roll_back(self) -> PullResult:
        with self.store.locked():
            return roll_back(self.store)

    def has_model(self, wanted: Bundle) -> bool:
        """True if the model in use is that one, whatever heads it has."""
        current = self.store.current
        return current is not None and current.manifest.revision == wanted.revision

    def has(self, wanted: Bundle) -> bool:
        """True if the model in use is that one, to the byte."""
        folder = self.store.folder / "current"
        found = {path: (folder / path).read_bytes() for path in wanted.contents if (folder / path).exists()}
        return found == wanted.contents and len([path for path in folder.rglob("*") if path.is_file()]) == len(found)


@pytest.fixture
def device(shop: Shop, tmp_path: Path) -> Device:
    return Device(shop, ModelStore(tmp_path / "phone"))


def test_a_new_device_loads_every_file(device: Device, one: Bundle) -> None:
    device.shop.release(one)
    outcome = device.pull()
    assert (outcome.what, outcome.revision, outcome.by_delta) == ("taken", one.revision, False)
    assert outcome.loaded_bytes == sum(len(content) for content in one.contents.values())
    assert device.has(one)
    load_model(device.store.folder / "current", run_tokens=256, on_run=lambda _: None)
    assert device.pull().what == "kept"
    assert device.shop.addresses()[-1] == ""
    assert not list((device.store.folder / "partial").iterdir())


def test_a_device_that_has_a_revision_loads_the_delta_alone(device: Device, one: Bundle, two: Bundle) -> None:
    device.shop.release(one)
    device.pull()
    device.shop.release(two, one)
    device.shop.asked.clear()
    outcome = device.pull()
    delta = f"{two.revision}/delta/{one.revision}"
    assert outcome.by_delta
    assert outcome.loaded_bytes == len(device.shop.files[delta])
    assert device.shop.addresses() == ["", delta]
    assert device.has(two)


def test_without_a_delta_a_device_loads_what_changed(device: Device, one: Bundle, two: Bundle) -> None:
    device.shop.release(one)
    device.pull()
    device.shop.release(two)
    device.shop.asked.clear()
    assert device.pull().what == "taken"
    assert device.shop.addresses() == ["", f"{two.revision}/{MANIFEST}", f"{two.revision}/{RANKER}"]
    assert device.has(two)


def test_files_that_are_not_the_device_s_come_beside_the_delta(device: Device, one: Bundle, tmp_path: Path) -> None:
    words = np.random.default_rng(1).bytes(5000)
    other = bundle(tmp_path / "other", "other", **{"notes.txt": words})
    device.shop.release(one)
    device.pull()
    device.shop.release(other, one)
    assert device.pull().by_delta
    assert device.has(other)


@pytest.mark.parametrize("spoilt", ["gone", "other bytes", "same length", "no delta"])
def test_where_a_delta_fails_files_are_loaded(device: Device, one: Bundle, two: Bundle, spoilt: str) -> None:
    device.shop.release(one)
    device.pull()
    device.shop.release(two, one)
    address = f"{two.revision}/delta/{one.revision}"
    delta = device.shop.files[address]
    if spoilt == "gone":
        del device.shop.files[address]
    elif spoilt == "other bytes":
        device.shop.files[address] = delta + b"more"
    elif spoilt == "same length":
        device.shop.files[address] = delta[:-1] + b"?"
    else:
        offered = json.loads(device.shop.files[""])
        content = b"ERDL" + bytes(60)
        offered["current"]["deltas"][0] |= {"bytes": len(content), "sha256": sha256(content)}
        device.shop.files |= {"": json.dumps(offered).encode(), address: content}
    outcome = device.pull()
    assert (outcome.what, outcome.by_delta) == ("taken", False)
    assert device.has(two)


def test_a_wrong_checksum_changes_nothing(device: Device, one: Bundle, two: Bundle) -> None:
    device.shop.release(one)
    device.pull()
    device.shop.release(two)
    device.shop.files[f"{two.revision}/{RANKER}"] = b"x" * len(two.contents[RANKER])
    with pytest.raises(ChecksumError):
        device.pull()
    assert device.has(one)
    assert len(list((device.store.folder / "revisions").iterdir())) == 1


@pytest.mark.parametrize(("path", "content"), [(MANIFEST, b"{}"), (RANKER, b"{}")])
def test_a_release_that_this_program_can_not_use_changes_nothing(
    device: Device, one: Bundle, tmp_path: Path, path: str, content: bytes
) -> None:
    device.shop.release(one)
    device.pull()
    bad = bundle(tmp_path / "bad", "bad", **({RANKER: content} if path == RANKER else {}))
    device.shop.release(bad)
    if path == MANIFEST:
        told = json.loads(device.shop.files[""])
        told["current"]["files"][0] |= {"bytes": len(content), "sha256": sha256(content)}
        device.shop.files |= {"": json.dumps(told).encode(), f"{bad.revision}/{MANIFEST}": content}
    with pytest.raises(ChecksumError, match="not a model that this program can use"):
        device.pull()
    assert device.has(one)


def test_another_revision_than_was_said_changes_nothing(device: Device, one: Bundle, two: Bundle) -> None:
    device.shop.release(one)
    told = json.loads(device.shop.files[""])
    told["current"]["revision"] = two.revision
    device.shop.files |= {f"{two.revision}/{path}": content for path, content in one.contents.items()}
    device.shop.files[""] = json.dumps(told).encode()
    with pytest.raises(ChecksumError, match="another revision"):
        device.pull()
    assert device.store.current is None


def test_a_later_kind_of_artifact_is_not_even_loaded(device: Device, one: Bundle) -> None:
    device.shop.release(one)
    told = json.loads(device.shop.files[""])
    told["current"]["schema_version"] = 2
    device.shop.files[""] = json.dumps(told).encode()
    with pytest.raises(TooNewError, match="manifest of version 2"):
        device.pull()
    assert device.shop.addresses() == [""]


def test_the_device_s_own_draw_decides(device: Device, one: Bundle, two: Bundle) -> None:
    device.shop.release(one, candidate=(two, 50))
    for name in map(str, range(8)):
        device.name = name
        assert device.pull().revision == (two if takes_canary("s", name, 50) else one).revision
    device.shop.release(one, candidate=(two, 0))
    assert device.pull().revision == one.revision


def test_a_device_s_id_is_not_sent(device: Device, one: Bundle, two: Bundle) -> None:
    device.shop.release(one, candidate=(two, 50))
    device.name = "a-name-of-its-own"
    device.pull()
    assert device.shop.asked
    assert device.name not in str(device.shop.asked)


def test_nothing_released_is_reported(device: Device) -> None:
    device.shop.release(None)
    with pytest.raises(NothingToTakeError):
        device.pull()


def test_a_device_goes_back_and_stays_there(device: Device, one: Bundle, two: Bundle, tmp_path: Path) -> None:
    device.shop.release(one)
    device.pull()
    device.shop.release(two, one)
    device.pull()
    assert device.roll_back().revision == one.revision
    assert device.has(one)
    assert device.pull().what == "blocked"
    assert device.has(one)
    assert device.pull(again=True).what == "taken"
    device.roll_back()
    three = bundle(tmp_path / "three", "three")
    device.shop.release(three, one)
    assert device.pull().what == "taken"
    assert device.has(three)
    device.shop.release(two)
    assert device.pull().what == "taken"


def test_there_is_no_way_back_from_the_first(device: Device, one: Bundle) -> None:
    for _ in range(2):
        with pytest.raises(NothingToTakeError, match="no earlier model"):
            device.roll_back()
        device.shop.release(one)
        device.pull()


def test_a_revoked_revision_is_left_and_not_gone_back_to(device: Device, one: Bundle, two: Bundle) -> None:
    device.shop.release(one)
    device.pull()
    device.shop.release(two, one, revoked=(one.revision,))
    assert device.pull().by_delta
    with pytest.raises(NothingToTakeError):
        device.roll_back()
    assert device.has(two)


def test_a_revision_that_is_revoked_later_is_not_gone_back_to(device: Device, one: Bundle, two: Bundle) -> None:
    for released in (one, two):
        device.shop.release(released)
        device.pull()
    device.shop.release(two, revoked=(one.revision,))
    assert device.pull().what == "kept"
    with pytest.raises(NothingToTakeError):
        device.roll_back()


def test_a_revoked_model_is_left_even_for_one_that_was_gone_back_from(device: Device, one: Bundle, two: Bundle) -> None:
    for released in (one, two):
        device.shop.release(released)
        device.pull()
    device.roll_back()
    device.shop.release(two, revoked=(one.revision,))
    assert device.pull().revision == two.revision


def test_what_is_released_may_change_meanwhile(device: Device, one: Bundle, two: Bundle) -> None:
    device.shop.release(one)
    listing = device.shop.files[""]
    device.shop.files = {"": listing}
    shop = device.shop
    answer = shop.answer

    def changing(handler: object) -> None:
        answer(handler)  # type: ignore[arg-type]
        shop.release(two)

    shop.answer = changing  # type: ignore[method-assign]
    assert device.pull().revision == two.revision


def test_a_listing_without_its_files_is_given_up(device: Device, one: Bundle) -> None:
    device.shop.release(one)
    device.shop.files = {"": device.shop.files[""]}
    with pytest.raises(ServiceError, match="does not give it"):
        device.pull()


def test_a_damaged_model_is_mended(device: Device, one: Bundle) -> None:
    device.shop.release(one)
    device.pull()
    (device.store.folder / "current" / VOCABULARY).write_text("other")
    assert device.pull().what == "taken"
    assert device.has(one)


def test_a_full_disk_changes_nothing(device: Device, one: Bundle, tmp_path: Path) -> None:
    device.shop.release(one)
    device.pull()
    large = bundle(tmp_path / "large", "large", **{"notes.txt": np.random.default_rng(1).bytes(200_000)})
    device.shop.release(large)
    with pytest.raises(Exception, match="can't be written: File too large"), files_of_at_most(100_000):
        device.pull()
    assert device.has(one)
    assert device.pull().loaded_bytes < 200_000, "what had come was loaded again"
    assert device.has(large)
