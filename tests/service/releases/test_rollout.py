from pathlib import Path

import pytest

from service.artifact.artifact import RANKER
from service.releases.rollout import RolloutError, RolloutFile, rollout_of
from tests.service.apps import settings
from tests.service.artifacts import build_artifact
from tests.service.pull.bundles import bundle


def test_it_names_models_and_shares(tmp_path: Path) -> None:
    old, new = bundle(tmp_path / "old", "old"), bundle(tmp_path / "new", "new")
    path = tmp_path / "rollout.toml"
    path.write_text(
        f'previous = ["old"]\nrevoked = ["{old.revision}"]\n[candidate]\nmodel = "new"\npercent = 2.5\nsalt = "s"\n'
    )
    found = RolloutFile(path, tmp_path).first
    assert found.canary is not None
    assert found.canary.identity == new.identity
    assert (found.percent, found.salt, found.revoked) == (2.5, "s", frozenset({old.revision}))
    assert [one.identity for one in found.previous] == [old.identity]


def test_the_candidate_s_revision_is_the_salt_if_none_is_said(tmp_path: Path) -> None:
    new = bundle(tmp_path / "new")
    (tmp_path / "rollout.toml").write_text('candidate = {model = "new", percent = 1}')
    assert RolloutFile(tmp_path / "rollout.toml", tmp_path).first.salt == new.revision


def test_an_empty_file_releases_what_serves_alone(tmp_path: Path) -> None:
    (tmp_path / "rollout.toml").touch()
    found = RolloutFile(tmp_path / "rollout.toml", tmp_path).first
    assert (found.canary, found.previous, found.revoked) == (None, (), frozenset())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[candidate", "is not TOML"),
        ("percent = 3", "percent: Extra inputs are not permitted"),
        ('candidate = {model = "good"}', "candidate.percent: Field required"),
        ('candidate = {model = "good", percent = 101}', "candidate.percent: Input should be less than"),
        ('candidate = {model = "good", percent = nan}', "candidate.percent"),
        ('candidate = {model = "../good", percent = 1}', "candidate.model: String should match"),
        ('candidate = {model = "none", percent = 1}', "candidate.model: .*none is not an artifact"),
        ('candidate = {model = "weights", percent = 1}', "candidate.model: .*ranker.json is not valid"),
        ('previous = ["none"]', "previous.0: .*none is not an artifact"),
        ('previous = ["a", "b", "c", "d", "e"]', "previous: List should have at most 4 items"),
        ('revoked = ["abc"]', "revoked.0: String should match"),
    ],
)
def test_what_is_wrong_is_reported_in_one_line(tmp_path: Path, content: str, told: str) -> None:
    bundle(tmp_path / "good")
    build_artifact(tmp_path / "weights", files={RANKER: b"{}"})
    path = tmp_path / "rollout.toml"
    path.write_text(content)
    with pytest.raises(RolloutError, match=told) as raised:
        RolloutFile(path, tmp_path)
    assert "\n" not in str(raised.value)


def test_a_candidate_that_is_revoked_is_refused(tmp_path: Path) -> None:
    revision = bundle(tmp_path / "good").revision
    path = tmp_path / "rollout.toml"
    path.write_text(f'revoked = ["{revision}"]\n[candidate]\nmodel = "good"\npercent = 1\n')
    with pytest.raises(RolloutError, match="has the candidate's revision"):
        RolloutFile(path, tmp_path)


def test_the_file_is_the_one_that_settings_name(tmp_path: Path) -> None:
    assert rollout_of(settings()) is None
    path = tmp_path / "rollout.toml"
    with pytest.raises(RolloutError, match="can't be read: No such file"):
        rollout_of(settings(rollout=path, models=tmp_path))
    path.touch()
    found = rollout_of(settings(rollout=path, models=tmp_path))
    assert isinstance(found, RolloutFile)
    assert not found.changed()
