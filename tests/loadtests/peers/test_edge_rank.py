from pathlib import Path

import pytest

from loadtests.peers.edge_rank import Encoder, KnowingService, Recommender, Service
from loadtests.peers.peer import Peer, Request
from service.artifact.artifact import load_artifact
from service.settings import Settings
from tests.loadtests.peers.fakes import place_in

BILL = Request("split a dinner bill", ["Train tickets. Book a journey.", "Split bill. Share a restaurant bill."])


@pytest.mark.parametrize("peer", [Service(), KnowingService(), Recommender(), Encoder()])
def test_each_of_ours_ranks(peer: Peer, tmp_path: Path) -> None:
    with peer.start(place_in(tmp_path)) as running:
        if peer.remembers:
            running.learn(BILL.texts)
        train, split = running.rank(BILL)
        assert split > train
        assert len(running.latencies_s([BILL] * 2)) == 2


def test_a_service_that_knows_is_asked_by_id_alone(tmp_path: Path) -> None:
    with KnowingService().start(place_in(tmp_path)) as running:
        unknown = running.rank(BILL)
        running.learn(BILL.texts)
        assert running.rank(BILL) != unknown


def test_its_bytes_are_those_of_the_device(tmp_path: Path) -> None:
    files = Service().files(place_in(tmp_path))
    assert sum(file.stat().st_size for file in files) == load_artifact(Settings().model).manifest.device_bytes
