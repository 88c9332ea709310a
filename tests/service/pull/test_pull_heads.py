"""Heads, packs and task models that come with the model."""

import json
from pathlib import Path

import pytest

from service.heads.loading import ADAPTERS, HEAD, WEIGHTS, load_heads
from service.pull.model_store import ModelStore
from service.releases.bundle import Bundle
from service.releases.errors import (
    ChecksumError,
    FolderError,
    LackingHeadError,
    NothingToTakeError,
    ServiceError,
    TooNewError,
)
from service.releases.head_bundle import HeadBundle, read_head_bundle
from tests.service.heads.heads import build_head
from tests.service.pull.bundles import bundle
from tests.service.pull.head_bundles import head, model, pack, task_model
from tests.service.pull.shop import Shop
from tests.service.pull.test_pull import Device


@pytest.fixture
def device(shop: Shop, tmp_path: Path) -> Device:
    return Device(shop, ModelStore(tmp_path / "phone"))


@pytest.fixture
def one(tmp_path: Path) -> Bundle:
    return model(tmp_path / "one", "one")


@pytest.fixture
def two(tmp_path: Path) -> Bundle:
    """A model with another encoder."""
    return model(tmp_path / "two", "two", encoder=12)


@pytest.fixture
def for_one(tmp_path: Path, one: Bundle) -> HeadBundle:
    return pack(tmp_path / "for-one", one)


@pytest.fixture
def for_two(tmp_path: Path, two: Bundle) -> HeadBundle:
    return pack(tmp_path / "for-two", two)


def heads_of(device: Device) -> dict[str, str]:
    """The revisions of the heads that would serve with the device's model, by name."""
    current = device.store.current
    assert current is not None
    found = load_heads(device.store.folder / "heads", current.manifest)
    return {name: one.manifest.revision for name, one in found.items()}


def size(bundle: Bundle | HeadBundle) -> int:
    return sum(len(content) for content in bundle.contents.values())


def test_heads_come_with_the_model_if_they_are_asked_for(device: Device, one: Bundle, for_one: HeadBundle) -> None:
    device.shop.release(one, heads=(for_one,))
    outcome = device.pull("intents")
    assert (outcome.what, outcome.loaded_bytes, outcome.head_bytes) == (
        "taken",
        size(one) + size(for_one),
        size(for_one),
    )
    assert outcome.summary.endswith(
        f"with {for_one.listed.label} is in use now: {outcome.loaded_bytes:,} bytes loaded, "
        f"{size(for_one):,} of them for heads"
    )
    assert heads_of(device) == {"intents": for_one.revision}
    folder = device.store.folder / "heads" / "intents"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == for_one.contents
    assert device.pull().summary.endswith(f"with {for_one.listed.label} is in use already")
    assert device.shop.addresses()[-1] == ""


def test_nobody_who_does_not_ask_gets_any(device: Device, one: Bundle, for_one: HeadBundle) -> None:
    device.shop.release(one, heads=(for_one,))
    assert device.pull().loaded_bytes == size(one)
    assert heads_of(device) == {}


def test_all_are_all_that_fit(
    device: Device, one: Bundle, for_one: HeadBundle, for_two: HeadBundle, tmp_path: Path
) -> None:
    others = (head(tmp_path / "t", one), head(tmp_path / "b", one, "before", knows_encoder=False))
    tones = task_model(tmp_path / "tones")
    device.shop.release(one, heads=(for_one, for_two, *others, tones))
    assert device.pull("all").heads == tuple(sorted(one.listed.label for one in (for_one, *others, tones)))
    assert heads_of(device).keys() == {"intents", "topics", "before", "tones"}


def test_a_head_that_comes_later_is_loaded_alone(device: Device, one: Bundle, for_one: HeadBundle) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull()
    device.shop.asked.clear()
    assert device.pull("intents").loaded_bytes == size(for_one)
    assert device.shop.addresses() == ["", *(f"{for_one.revision}/{path}" for path in (HEAD, WEIGHTS, ADAPTERS))]
    assert heads_of(device) == {"intents": for_one.revision}


def test_names_are_remembered(
    device: Device, one: Bundle, two: Bundle, for_one: HeadBundle, for_two: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one, for_two))
    device.pull("intents")
    device.shop.release(two, one, heads=(for_one, for_two))
    outcome = device.pull()
    assert (outcome.what, outcome.by_delta) == ("taken", True)
    assert heads_of(device) == {"intents": for_two.revision}
    assert device.has_model(two)


def test_another_list_takes_the_place_of_the_first(
    device: Device, one: Bundle, for_one: HeadBundle, tmp_path: Path
) -> None:
    topics = head(tmp_path / "topics", one)
    device.shop.release(one, heads=(for_one, topics))
    device.pull("intents")
    outcome = device.pull("topics")
    assert outcome.without == {for_one.listed.label: "no longer asked for"}
    assert outcome.loaded_bytes == outcome.head_bytes == size(topics)
    assert heads_of(device).keys() == {"topics"}
    assert device.pull("none").what == "kept"
    assert heads_of(device) == {}
    device.pull()
    assert heads_of(device) == {}
    device.pull("all")
    assert heads_of(device).keys() == {"intents", "topics"}


def test_what_the_device_has_is_not_loaded_again(
    device: Device, one: Bundle, for_one: HeadBundle, tmp_path: Path
) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    same_encoder = model(tmp_path / "next", "next")
    device.shop.release(same_encoder, heads=(for_one,))
    device.shop.asked.clear()
    outcome = device.pull()
    assert (outcome.what, outcome.head_bytes) == ("taken", 0)
    assert not [address for address in device.shop.addresses() if address.startswith(for_one.revision)]
    assert heads_of(device) == {"intents": for_one.revision}
    another = pack(tmp_path / "another", one, classes=("a", "b"))  # of the same weights
    device.shop.release(same_encoder, heads=(another,))
    assert device.pull().loaded_bytes == len(another.contents[HEAD])
    assert heads_of(device) == {"intents": another.revision}


def test_a_head_of_the_model_before_is_not_loaded_again(
    device: Device, one: Bundle, two: Bundle, for_one: HeadBundle, for_two: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one, for_two))
    device.pull("intents")
    device.shop.release(two, heads=(for_one, for_two))
    device.pull()
    device.shop.release(one, heads=(for_one, for_two))
    assert device.pull().loaded_bytes == 0
    assert heads_of(device) == {"intents": for_one.revision}


def test_a_model_that_lacks_a_head_of_the_device_is_not_taken(
    device: Device, one: Bundle, two: Bundle, for_one: HeadBundle, for_two: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    device.shop.release(two, heads=(for_one,))
    for asked in (None, "intents", "all"):
        device.shop.asked.clear()
        with pytest.raises(LackingHeadError, match=f"^two@{two.revision[:12]} is released without intents, which"):
            device.pull(asked)
        assert device.shop.addresses() == [""]
    assert device.has_model(one)
    assert heads_of(device) == {"intents": for_one.revision}
    device.shop.release(two, heads=(for_one, for_two))
    device.pull()
    assert heads_of(device) == {"intents": for_two.revision}


def test_who_does_without_a_head_says_so(device: Device, one: Bundle, two: Bundle, for_one: HeadBundle) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    device.shop.release(two, heads=(for_one,))
    assert device.pull("none").what == "taken"
    assert device.has_model(two)
    assert heads_of(device) == {}


def test_a_revoked_model_is_left_even_without_its_heads(
    device: Device, one: Bundle, two: Bundle, for_one: HeadBundle, for_two: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    device.shop.release(two, heads=(for_one,), revoked=(one.revision,))
    assert device.pull().without == {for_one.listed.label: "not released for this model"}
    assert device.has_model(two)
    assert device.pull().without == {"intents": "not released for this model"}
    device.shop.release(two, heads=(for_two,), revoked=(one.revision,))
    assert device.pull().loaded_bytes > 0
    assert heads_of(device) == {"intents": for_two.revision}


@pytest.mark.parametrize("gone", ["revoked", "removed"])
def test_a_head_that_is_released_no_more_goes(device: Device, one: Bundle, for_one: HeadBundle, gone: str) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    device.shop.release(one, heads=(), revoked=(for_one.revision,) if gone == "revoked" else ())
    outcome = device.pull("intents")
    why = "revoked" if gone == "revoked" else "no longer released"
    assert (outcome.what, outcome.without) == ("kept", {for_one.listed.label: why})
    assert heads_of(device) == {}
    assert not list((device.store.folder / "heads").iterdir())
    assert device.pull("intents").without == {"intents": "no longer released"}
    device.shop.release(one, heads=(for_one,))
    device.pull()
    assert heads_of(device) == {"intents": for_one.revision}


def test_a_head_that_is_released_no_more_keeps_no_model_away(
    device: Device, one: Bundle, two: Bundle, for_one: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    device.shop.release(two, heads=())
    assert device.pull().without == {for_one.listed.label: "no longer released"}
    assert device.has_model(two)


def test_a_revoked_head_is_replaced_by_the_next(
    device: Device, one: Bundle, for_one: HeadBundle, tmp_path: Path
) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    better = pack(tmp_path / "better", one, classes=("a", "b"))
    device.shop.release(one, heads=(better,), revoked=(for_one.revision,))
    assert device.pull().what == "taken"
    assert heads_of(device) == {"intents": better.revision}
    device.roll_back()
    assert heads_of(device) == {}, "it went back to a revoked head"


def test_a_head_of_a_model_that_stays_stays_until_its_name_goes(
    device: Device, one: Bundle, for_one: HeadBundle, for_two: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    device.shop.release(one, heads=(for_two,))
    assert device.pull().what == "kept"
    assert heads_of(device) == {"intents": for_one.revision}


def test_a_service_that_says_nothing_of_heads_takes_none_away(
    device: Device, one: Bundle, two: Bundle, for_one: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    device.shop.release(one)
    assert device.pull().what == "kept"
    assert heads_of(device) == {"intents": for_one.revision}
    device.shop.release(two)
    with pytest.raises(LackingHeadError, match="released without intents"):
        device.pull()
    assert device.has_model(one)


def test_a_service_of_before_is_pulled_from_as_before(device: Device, one: Bundle) -> None:
    device.shop.release(one)
    told = json.loads(device.shop.files[""])
    del told["current"]["encoder_revision"]
    assert "heads" not in told
    device.shop.files[""] = json.dumps(told).encode()
    with pytest.raises(LackingHeadError, match="releases no heads, so not intents either"):
        device.pull("intents")
    assert device.store.current is None
    assert device.pull().what == "taken"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("nothing", r"^the service releases no head called nothing$"),
        ("intents", r"^intents is released, but not for one@.*, the model that this device is to have$"),
    ],
)
def test_what_can_not_be_had_is_reported_before_anything_is_loaded(
    device: Device, one: Bundle, for_two: HeadBundle, asked: str, told: str
) -> None:
    device.shop.release(one, heads=(for_two,))
    with pytest.raises(LackingHeadError, match=told):
        device.pull(asked)
    assert device.shop.addresses() == [""]
    assert device.store.current is None
    assert device.pull().what == "taken", "what was asked for in vain is not remembered"


@pytest.mark.parametrize("changes", [{"type": "tree"}, {"schema_version": 2}])
def test_a_head_of_a_later_kind_is_passed_over_unless_it_is_asked_for(
    device: Device, one: Bundle, for_one: HeadBundle, changes: dict[str, object]
) -> None:
    device.shop.release(one, heads=(for_one,))
    told = json.loads(device.shop.files[""])
    told["heads"][0] |= changes
    device.shop.files[""] = json.dumps(told).encode()
    with pytest.raises(TooNewError, match="intents is of a kind of which this program knows nothing"):
        device.pull("intents")
    assert device.pull("all").what == "taken"
    assert heads_of(device) == {}


def test_a_canary_comes_with_its_heads(
    device: Device, one: Bundle, two: Bundle, for_one: HeadBundle, for_two: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one, for_two))
    device.pull("intents")
    device.shop.release(one, candidate=(two, 100), heads=(for_one, for_two))
    device.pull()
    assert device.has_model(two)
    assert heads_of(device) == {"intents": for_two.revision}
    device.shop.release(one, candidate=(two, 0), heads=(for_one, for_two))
    device.pull()
    assert heads_of(device) == {"intents": for_one.revision}


def test_the_way_back_is_of_model_and_heads(
    device: Device, one: Bundle, two: Bundle, for_one: HeadBundle, for_two: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one, for_two))
    device.pull("intents")
    device.shop.release(two, heads=(for_one, for_two))
    device.pull()
    assert device.roll_back().summary.startswith(f"one@{one.revision[:12]} with {for_one.listed.label} is in use again")
    assert device.has_model(one)
    assert heads_of(device) == {"intents": for_one.revision}
    assert device.pull().what == "blocked"
    assert heads_of(device) == {"intents": for_one.revision}
    assert device.pull(again=True).what == "taken"
    assert heads_of(device) == {"intents": for_two.revision}


def test_heads_alone_are_gone_back_from_and_blocked(
    device: Device, one: Bundle, for_one: HeadBundle, tmp_path: Path
) -> None:
    worse, better = (pack(tmp_path / name, one, classes=(name, "other")) for name in ("worse", "better"))
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    device.shop.release(one, heads=(worse,))
    device.pull()
    device.roll_back()
    assert heads_of(device) == {"intents": for_one.revision}
    assert device.pull().what == "blocked"
    assert heads_of(device) == {"intents": for_one.revision}
    device.shop.release(one, heads=(better,))
    assert device.pull().what == "taken"
    assert heads_of(device) == {"intents": better.revision}
    device.shop.release(one, heads=(worse,))
    assert device.pull().what == "taken", "it is blocked until something else is released, and that was"


def test_what_is_blocked_keeps_no_revoked_head(
    device: Device, one: Bundle, two: Bundle, for_one: HeadBundle, for_two: HeadBundle
) -> None:
    for released in (one, two):
        device.shop.release(released, heads=(for_one, for_two))
        device.pull("intents")
    device.roll_back()
    device.shop.release(two, heads=(for_two,), revoked=(for_one.revision,))
    outcome = device.pull()
    assert (outcome.what, outcome.without) == ("blocked", {for_one.listed.label: "revoked"})
    assert device.has_model(one)
    assert heads_of(device) == {}


def test_a_blocked_head_takes_the_place_of_a_revoked_one(
    device: Device, one: Bundle, for_one: HeadBundle, tmp_path: Path
) -> None:
    worse = pack(tmp_path / "worse", one, classes=("a", "b"))
    for released in (for_one, worse):
        device.shop.release(one, heads=(released,))
        device.pull("intents")
    device.roll_back()
    device.shop.release(one, heads=(worse,), revoked=(for_one.revision,))
    assert device.pull().what == "taken"
    assert heads_of(device) == {"intents": worse.revision}


def test_a_damaged_head_is_mended_or_left_behind(
    device: Device, one: Bundle, two: Bundle, for_one: HeadBundle, for_two: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one, for_two))
    device.pull("intents")
    place = device.store.folder / "heads" / "intents" / ADAPTERS
    place.write_bytes(b"x")
    outcome = device.pull()
    assert (outcome.what, outcome.loaded_bytes) == ("taken", size(for_one))
    assert heads_of(device) == {"intents": for_one.revision}
    device.shop.release(two, heads=(for_one, for_two))
    device.pull()
    (device.store.folder / "previous" / "heads" / "intents" / WEIGHTS).write_bytes(b"x")
    assert device.roll_back().heads == ()
    assert heads_of(device) == {}
    (device.store.folder / "heads" / "left").mkdir()
    device.shop.release(one, heads=())
    device.pull()
    assert not list((device.store.folder / "heads").iterdir())


def test_heads_have_to_go_with_the_model(device: Device, one: Bundle, for_two: HeadBundle) -> None:
    device.shop.release(one)
    device.pull()
    device.shop.release(one, heads=(for_two,))
    told = json.loads(device.shop.files[""])
    told["heads"][0]["backbone"]["encoder_revision"] = one.manifest.encoder_revision
    device.shop.files[""] = json.dumps(told).encode()
    with pytest.raises(
        ChecksumError, match=r"not a head for one that this program can use: .*belongs to the model two"
    ):
        device.pull("intents")
    assert device.has_model(one)
    assert heads_of(device) == {}
    assert device.store.asked is None


def test_adapters_have_to_fit_the_graph(device: Device, one: Bundle, tmp_path: Path) -> None:
    device.shop.release(one)
    device.pull()
    build_head(tmp_path / "bad", one.manifest, name="bad", rank=2, layers=((3, 4),))
    device.shop.release(one, heads=(read_head_bundle(tmp_path / "bad"),))
    with pytest.raises(ChecksumError, match=r"not a model that this program can use: .*rank 2 takes \d+ in the 2"):
        device.pull("bad")
    assert heads_of(device) == {}


def test_what_is_released_may_change_while_heads_are_loaded(
    device: Device, one: Bundle, for_one: HeadBundle, tmp_path: Path
) -> None:
    better = pack(tmp_path / "better", one, classes=("a", "b"))
    device.shop.release(one, heads=(for_one,))
    device.pull()
    listing = device.shop.files[""]
    shop, answer = device.shop, device.shop.answer
    shop.files = {"": listing}

    def changing(handler: object) -> None:
        answer(handler)  # type: ignore[arg-type]
        shop.release(one, heads=(better,))

    shop.answer = changing  # type: ignore[method-assign]
    device.pull("intents")
    assert heads_of(device) == {"intents": better.revision}


def test_a_cut_connection_of_a_head_is_gone_on_with(device: Device, one: Bundle, for_one: HeadBundle) -> None:
    device.shop.release(one, heads=(for_one,))
    device.shop.cuts[f"{for_one.revision}/{ADAPTERS}"] = [10, 20]
    assert device.pull("intents").loaded_bytes == size(one) + size(for_one)
    assert heads_of(device) == {"intents": for_one.revision}


def test_what_came_of_a_head_is_kept_for_the_next_try(device: Device, one: Bundle, for_one: HeadBundle) -> None:
    device.shop.release(one, heads=(for_one,))
    address = f"{for_one.revision}/{ADAPTERS}"
    device.shop.cuts[address], device.shop.statuses[address] = [10], [200, 503, 503, 503, 503, 503]
    with pytest.raises(ServiceError):
        device.pull("intents")
    assert device.store.current is None
    device.shop.statuses.clear()
    outcome = device.pull("intents")
    assert outcome.loaded_bytes == len(for_one.contents[ADAPTERS]) - 10
    assert heads_of(device) == {"intents": for_one.revision}


def test_the_folder_of_an_earlier_version_is_gone_on_with(
    device: Device, one: Bundle, two: Bundle, for_two: HeadBundle
) -> None:
    folder = device.store.folder
    for released in (one, two):
        device.shop.release(released, heads=())
        device.pull()
    for left in (folder / "current" / "heads", folder / "previous" / "heads"):
        left.rmdir()
    (folder / "heads").unlink()
    assert device.pull().what == "kept"
    assert heads_of(device) == {}
    device.shop.release(two, heads=(for_two,))
    device.pull("intents")
    assert heads_of(device) == {"intents": for_two.revision}


def test_something_else_in_the_place_of_the_link_is_left_alone(
    device: Device, one: Bundle, for_one: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one,))
    (device.store.folder / "heads").mkdir(parents=True)
    assert device.pull().what == "taken"
    with pytest.raises(FolderError, match="heads is not the link to current/heads that this program makes"):
        device.pull("intents")
    assert (device.store.folder / "heads").is_dir()


def test_a_note_of_names_that_is_damaged_is_reported_and_said_anew(
    device: Device, one: Bundle, for_one: HeadBundle
) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    (device.store.folder / "asked-heads").write_bytes(b"\xff ../x")
    with pytest.raises(FolderError, match="does not say which heads to have; --heads says it anew"):
        device.pull()
    assert heads_of(device) == {"intents": for_one.revision}
    assert device.pull("intents").what == "kept"
    assert device.pull().what == "kept"
    (device.store.folder / "asked-heads").unlink()
    assert device.pull().what == "kept"
    assert heads_of(device) == {"intents": for_one.revision}, "without the note, it keeps what it has"


def test_there_is_no_way_back_to_nothing(device: Device, one: Bundle, for_one: HeadBundle) -> None:
    device.shop.release(one, heads=(for_one,))
    device.pull("intents")
    with pytest.raises(NothingToTakeError):
        device.roll_back()


def test_a_model_with_files_in_the_place_of_heads_is_refused(device: Device, tmp_path: Path) -> None:
    bad = bundle(tmp_path / "bad", "bad", **{"Heads/evil/head.json": b"{}"})
    device.shop.release(bad)
    with pytest.raises(ChecksumError, match="has files where a device keeps heads"):
        device.pull()
    assert device.shop.addresses() == [""]
    assert device.store.current is None
