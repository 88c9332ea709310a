from dataclasses import replace
from pathlib import Path

import wordllama

from loadtests.peers.peer import Request
from loadtests.peers.wordllama import WordLlama
from tests.loadtests.peers.fakes import place_in


def test_it_ranks_with_what_its_package_carries(tmp_path: Path) -> None:
    place = replace(place_in(tmp_path), packages=Path(wordllama.__file__).parents[1])
    assert sum(file.stat().st_size for file in WordLlama().files(place)) > 10_000_000
    with WordLlama().start(place) as running:
        train, split = running.rank(Request("split a dinner bill", ["train tickets", "share a restaurant bill"]))
        assert split > train
        assert running.rank(Request("split a dinner bill", ["share a restaurant bill"])) == [split]
