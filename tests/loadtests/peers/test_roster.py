from collections import Counter

from loadtests.peers.peer import Weights
from loadtests.peers.roster import PEERS, SYSTEMS


def test_titles_are_unique_and_systems_in_order() -> None:
    assert max(Counter(peer.label.title for peer in PEERS).values()) == 1
    assert SYSTEMS == ("ours", "infinity", "flashrank", "sentence-transformers", "model2vec", "wordllama")


def test_every_model_that_can_be_named_is_used() -> None:
    assert {peer.weights for peer in PEERS} == {*Weights, None}
