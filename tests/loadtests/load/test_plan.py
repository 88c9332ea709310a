import json
from pathlib import Path

import pytest

from loadtests.load.shape import Figure
from loadtests.load.traffic import traffic
from service.feature_store.items.catalogue import CatalogueError
from tests.loadtests.load.plans import plan


def bounds(*arguments: str) -> dict[tuple[str, Figure], float | None]:
    return {
        (bound.phase, bound.figure): bound.most if bound.least is None else bound.least
        for bound in plan(*arguments).shape.bounds
    }


def test_the_gates_are_the_shapes_own_but_for_those_that_are_said() -> None:
    own, said = bounds(), bounds("--gate-p99-ms", "70", "--gate-failed", "0.01", "--gate-sent", "0.5")
    assert own["steady", Figure.P99_MS] == 50
    assert said["steady", Figure.P99_MS] == 70
    assert ("warming", Figure.P99_MS) not in said
    assert {value for (_, figure), value in said.items() if figure is Figure.FAILED} == {0.01}
    assert {value for (_, figure), value in said.items() if figure is Figure.SENT} == {0.5}
    assert {value for (_, figure), value in said.items() if figure is Figure.REFUSED} == {0.0}


def test_the_seed_decides_traffic_and_bodies() -> None:
    def written(*arguments: str) -> list[bytes]:
        one = plan("--duration", "3", "--rate", "20", *arguments)
        writer = one.writer()
        return [writer.body(request) for request in traffic(one.arrivals, 3)]

    assert written("--seed", "1") == written("--seed", "1")
    assert written("--seed", "1") != written("--seed", "2")


def test_a_catalogue_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text(json.dumps({"id": "tea", "title": "Green tea", "category": "drinks"}))
    assert plan("--catalogue", str(file)).catalogue.item(0).title == "Green tea"
    with pytest.raises(CatalogueError):
        _ = plan("--catalogue", str(tmp_path / "none")).catalogue


def test_into_a_cold_cache_candidates_bring_their_texts() -> None:
    one = plan("--shape", "cold", "--rate", "20", "--duration", "4")
    request = next(traffic(one.arrivals, 4))
    body = json.loads(one.writer().body(request))
    assert all("text" in candidate for candidate in body["candidates"])
