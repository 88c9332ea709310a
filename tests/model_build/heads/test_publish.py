from pathlib import Path

import numpy as np
import pytest

from model_build.common.errors import BuildError
from model_build.heads.logistic import LinearHead
from model_build.heads.publish import as_rounded, check_name, check_place, publish_head, rounded
from service.heads.loading import load_head
from service.heads.manifest import HeadError, HeadManifest
from service.heads.weights import QuantizedWeights
from tests.service.artifacts import DIMENSION, manifest_of
from tests.service.heads.heads import TRAINING, random_weights

BACKBONE = manifest_of({})


def publish(place: Path, *, weights: QuantizedWeights | None = None, name: str = "topics") -> HeadManifest:
    return publish_head(
        place,
        BACKBONE,
        weights or random_weights(2, DIMENSION),
        name=name,
        kind="text",
        classes=("a|b", "c"),
        training=TRAINING,
    )


def test_what_is_published_can_be_served(tmp_path: Path) -> None:
    manifest = publish(tmp_path / "heads" / "topics")
    assert load_head(tmp_path / "heads" / "topics").manifest == manifest
    card = (tmp_path / "heads" / "topics" / "README.md").read_text()
    assert manifest.backbone.encoder_revision == BACKBONE.encoder_revision
    assert BACKBONE.revision in card
    assert BACKBONE.encoder_revision in card
    assert "- a\\|b\n- c\n" in card


def test_an_older_head_is_replaced_whole(tmp_path: Path) -> None:
    place = tmp_path / "topics"
    publish(place)
    (place / "leftover.txt").write_text("old")
    publish(place, name="other")
    assert load_head(place).manifest.name == "other"
    assert not (place / "leftover.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["topics"]


def test_what_can_not_be_served_is_not_published(tmp_path: Path) -> None:
    place = tmp_path / "topics"
    before = publish(place)
    with pytest.raises(HeadError):
        publish(place, weights=random_weights(2, 3))
    assert load_head(place).manifest == before
    assert [path.name for path in tmp_path.iterdir()] == ["topics"]


def test_what_is_no_head_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    (tmp_path / "empty").mkdir()
    check_place(tmp_path / "empty")
    for place in (tmp_path / "mine", tmp_path / "mine" / "thesis.txt"):
        with pytest.raises(BuildError, match="exists and is not a head"):
            publish(place)
    with pytest.raises(BuildError, match="can't be written"):
        publish(tmp_path / "mine" / "thesis.txt" / "below")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "../up", "a b", ".hidden", "x" * 65, "a\n"])
def test_a_name_that_no_request_could_ask_for(name: str) -> None:
    with pytest.raises(BuildError, match="is no name of a head"):
        check_name(name)


def test_no_weight_moves_by_more_than_half_a_step() -> None:
    rng = np.random.default_rng(0)
    head = LinearHead(("a", "b", "c"), rng.standard_normal((3, 50)) * [[1], [10], [0.01]], rng.standard_normal(3))
    weights = rounded(head)
    near = as_rounded(head, weights)
    assert np.all(np.abs(near.matrix - head.matrix) <= weights.scales[:, None] * 0.5001)
    assert np.abs(weights.codes).max(axis=1).tolist() == [127, 127, 127]
    np.testing.assert_allclose(near.biases, head.biases, rtol=1e-6)


def test_a_row_of_zeros_stays_one() -> None:
    head = LinearHead(("a", "b"), np.array([[0.0, 0.0], [1.0, -1.0]]), np.zeros(2))
    assert rounded(head).codes.tolist() == [[0, 0], [127, -127]]
    assert as_rounded(head, rounded(head)).matrix[0].tolist() == [0.0, 0.0]
