from pathlib import Path

import pytest

from service.metrics.registry import Metrics
from service.releases.bundle import Bundle
from service.releases.deltas import Deltas
from service.releases.release_set import ReleaseSet
from service.releases.rollout import Rollout
from tests.service.pull.bundles import bundle
from tests.service.pull.head_bundles import head, pack, task_model


@pytest.fixture
def three(tmp_path: Path) -> tuple[Bundle, Bundle, Bundle]:
    first, second, third = (bundle(tmp_path / name, name) for name in ("first", "second", "third"))
    return first, second, third


def names(released: ReleaseSet) -> set[tuple[str, str]]:
    return {(source.manifest.name, target.manifest.name) for source, target in released.pairs()}


async def test_devices_are_told_of_all_and_move_between_all(three: tuple[Bundle, Bundle, Bundle]) -> None:
    old, served, candidate = three
    released = ReleaseSet(served, Rollout(candidate, 10, "s", previous=(old,)))
    assert names(released) == {("first", "second"), ("first", "third"), ("second", "third"), ("third", "second")}
    deltas = Deltas(Metrics())
    deltas.want(released.pairs())
    for pair in released.pairs():
        await deltas.get(*pair)
    told = released.listing(deltas)
    assert told.current is not None
    assert told.candidate is not None
    assert (told.current.name, told.candidate.name, told.candidate.percent) == ("second", "third", 10)
    assert {delta.source for delta in told.current.deltas} == {old.revision, candidate.revision}
    assert released.bundle(old.revision) is old
    assert released.bundle("0" * 64) is None
    await deltas.close()


def test_a_candidate_that_serves_is_one_no_longer(three: tuple[Bundle, Bundle, Bundle]) -> None:
    old, served, _ = three
    released = ReleaseSet(served, Rollout(served, 10, "s", previous=(old, served)))
    assert released.canary is None
    assert names(released) == {("first", "second")}


async def test_what_is_revoked_is_given_to_nobody_but_left_by_delta(three: tuple[Bundle, Bundle, Bundle]) -> None:
    bad, served, candidate = three
    released = ReleaseSet(served, Rollout(previous=(bad,), revoked=frozenset({bad.revision})))
    assert released.bundle(bad.revision) is None
    assert names(released) == {("first", "second")}
    released = ReleaseSet(served, Rollout(candidate, 10, "s", revoked=frozenset({served.revision})))
    told = released.listing(Deltas(Metrics()))
    assert told.current is None
    assert told.candidate is not None
    assert told.revoked == (served.revision,)
    assert names(released) == {("second", "third")}


def test_a_model_without_files_releases_nothing() -> None:
    released = ReleaseSet(None, Rollout())
    assert released.current is None
    assert not list(released.pairs())


async def test_heads_are_listed_and_found_unless_they_are_revoked(
    three: tuple[Bundle, Bundle, Bundle], tmp_path: Path
) -> None:
    one, two, _ = three
    heads = (pack(tmp_path / "1", one), head(tmp_path / "2", two), task_model(tmp_path / "3"))
    released = ReleaseSet(two, Rollout(revoked=frozenset({heads[1].revision})), heads)
    told = released.listing(Deltas(Metrics()))
    assert told.heads == (heads[0].listed, heads[2].listed)
    assert [released.head(one.revision) for one in heads] == [heads[0], None, heads[2]]
    assert released.head("0" * 64) is None


async def test_a_service_without_a_folder_of_heads_does_not_say_that_there_are_none(
    three: tuple[Bundle, Bundle, Bundle],
) -> None:
    told = ReleaseSet(three[0], Rollout()).listing(Deltas(Metrics()))
    assert "heads" not in told.model_dump(mode="json")
    told = ReleaseSet(three[0], Rollout(), ()).listing(Deltas(Metrics()))
    assert told.model_dump(mode="json")["heads"] == []
