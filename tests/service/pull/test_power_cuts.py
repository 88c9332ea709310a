"""The power goes, at every step of an update in turn.

Before each change that an update makes to the disk, the device's folder is copied: that is what would be left. In every
copy, a model must be in use with heads that were fitted to it, and the next pull must go on from there.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from service.artifact.artifact import load_artifact
from service.files import durable
from service.heads.loading import load_heads
from service.pull.model_store import ModelStore
from service.releases.bundle import Bundle
from service.releases.errors import NothingToTakeError
from service.releases.head_bundle import HeadBundle
from tests.service.pull.head_bundles import model, pack, task_model
from tests.service.pull.shop import Shop
from tests.service.pull.test_pull import Device

State = tuple[str, frozenset[str]]
"""The revision of a model, and those of its heads."""

_CHANGES = ("mkdir", "rename", "replace", "symlink", "unlink", "rmdir", "truncate")


@contextmanager
def copied_at_each_step(folder: Path, copies: Path) -> Iterator[list[Path]]:
    """Copy a folder before each change in it."""
    made: list[Path] = []

    def before(change: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(change)
        def copying(*arguments: Any, **named: Any) -> Any:
            if active and folder.exists():
                active.clear()  # copying changes the disk, too
                made.append(copies / str(len(made)))
                shutil.copytree(folder, made[-1], symlinks=True)
                active.append(True)
            return change(*arguments, **named)

        return copying

    active = [True]
    with pytest.MonkeyPatch.context() as patch:
        for name in _CHANGES:
            patch.setattr(os, name, before(getattr(os, name)))
        patch.setattr(shutil, "copyfile", before(shutil.copyfile))
        patch.setattr(durable, "flush", before(durable.flush))
        yield made
        active.clear()


def state_of(folder: Path) -> State | None:
    """What would serve from a device's folder, as `edge-rank serve` would load it."""
    current = folder / "current"
    if not os.path.lexists(current):
        return None
    artifact = load_artifact(current)
    heads = load_heads(folder / "heads", artifact.manifest) if os.path.lexists(folder / "heads") else {}
    return artifact.manifest.revision, frozenset(one.manifest.revision for one in heads.values())


def state(bundle: Bundle, *heads: HeadBundle) -> State:
    return bundle.revision, frozenset(one.revision for one in heads)


def check_all(
    shop: Shop, folder: Path, copies: Path, may_be: set[State | None], ends_as: State, act: Callable[[Device], object]
) -> None:
    """Do something to a device, and check what each step leaves, and what the next pull makes of it."""
    with copied_at_each_step(folder, copies) as made:
        act(Device(shop, ModelStore(folder)))
    assert state_of(folder) == ends_as
    assert len(made) > 3
    seen = set()
    for copy in made:
        left = state_of(copy)
        assert left in may_be, f"at step {copy.name} of {len(made)}"
        seen.add(left)
        Device(shop, ModelStore(copy)).pull()
        assert state_of(copy) == ends_as, f"after step {copy.name} of {len(made)}"
        assert not [one for one in (copy / "heads").iterdir() if one.name.startswith(".")]
    assert len(seen) > 1, "all copies are of the same moment"


@pytest.fixture
def one(tmp_path: Path) -> Bundle:
    return model(tmp_path / "one", "one")


@pytest.fixture
def two(tmp_path: Path) -> Bundle:
    return model(tmp_path / "two", "two", encoder=12)


@pytest.fixture
def heads(tmp_path: Path, one: Bundle, two: Bundle) -> tuple[HeadBundle, HeadBundle, HeadBundle]:
    return pack(tmp_path / "for-one", one), pack(tmp_path / "for-two", two), task_model(tmp_path / "tones")


Heads = tuple[HeadBundle, HeadBundle, HeadBundle]


def test_the_first_update(shop: Shop, tmp_path: Path, one: Bundle, heads: Heads) -> None:
    shop.release(one, heads=heads)
    phone = tmp_path / "phone"
    ends_as = state(one, heads[0], heads[2])
    with copied_at_each_step(phone, tmp_path / "copies") as made:
        Device(shop, ModelStore(phone)).pull("all")
    assert state_of(phone) == ends_as
    for copy in made:
        assert state_of(copy) in (None, ends_as)
        Device(shop, ModelStore(copy)).pull("all")
        assert state_of(copy) == ends_as


def test_an_update_of_model_and_heads(shop: Shop, tmp_path: Path, one: Bundle, two: Bundle, heads: Heads) -> None:
    phone = tmp_path / "phone"
    shop.release(one, heads=heads)
    Device(shop, ModelStore(phone)).pull("all")
    shop.release(two, one, heads=heads)
    before, after = state(one, heads[0], heads[2]), state(two, heads[1], heads[2])
    check_all(shop, phone, tmp_path / "copies", {before, after}, after, lambda device: device.pull())


def test_an_update_of_heads_alone(shop: Shop, tmp_path: Path, one: Bundle, heads: Heads) -> None:
    phone = tmp_path / "phone"
    shop.release(one, heads=heads)
    Device(shop, ModelStore(phone)).pull("all")
    better = pack(tmp_path / "better", one, classes=("a", "b"))
    shop.release(one, heads=(better, heads[2]))
    before, after = state(one, heads[0], heads[2]), state(one, better, heads[2])
    check_all(shop, phone, tmp_path / "copies", {before, after}, after, lambda device: device.pull())


def test_the_removal_of_a_revoked_head(shop: Shop, tmp_path: Path, one: Bundle, heads: Heads) -> None:
    phone = tmp_path / "phone"
    shop.release(one, heads=heads)
    Device(shop, ModelStore(phone)).pull("all")
    shop.release(one, heads=heads[2:], revoked=(heads[0].revision,))
    before, after = state(one, heads[0], heads[2]), state(one, heads[2])
    check_all(shop, phone, tmp_path / "copies", {before, after}, after, lambda device: device.pull())


def test_the_way_back(shop: Shop, tmp_path: Path, one: Bundle, two: Bundle, heads: Heads) -> None:
    phone = tmp_path / "phone"
    for released in (one, two):
        shop.release(released, heads=heads)
        Device(shop, ModelStore(phone)).pull("all")
    before, after = state(two, heads[1], heads[2]), state(one, heads[0], heads[2])
    with copied_at_each_step(phone, tmp_path / "copies") as made:
        Device(shop, ModelStore(phone)).roll_back()
    assert state_of(phone) == after
    found = [state_of(copy) for copy in made]
    assert set(found) == {before, after}
    for copy, left in zip(made, found, strict=True):
        if left == before:
            assert Device(shop, ModelStore(copy)).roll_back().what == "rolled back"
        else:
            with pytest.raises(NothingToTakeError):
                Device(shop, ModelStore(copy)).roll_back()
        assert state_of(copy) == after
        assert Device(shop, ModelStore(copy)).pull().what == "blocked"
