import os
import re
from collections.abc import Iterator

import pytest

from loadtests.benchmarks import pings
from loadtests.benchmarks.extremes import MOST_BYTES, Extremes
from loadtests.harness.closed_loop import get


@pytest.fixture(autouse=True)
def same_cores() -> Iterator[None]:
    """Undo that the command pins its process to a core."""
    cores = os.sched_getaffinity(0)
    yield
    os.sched_setaffinity(0, cores)


def test_it_measures_pings_beside_a_kind_and_holds_a_goal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["pings", "--seconds", "0.3", "--only", "catalogue", "--goal-ms", "0.001"])
    with pytest.raises(SystemExit, match=r"over 0\.001 ms beside: catalogue, 1,000 items"):
        pings.main()
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split()[:3] == ["beside", "ping", "p50,"]
    figures = re.findall(r"[\d.]+(?=\s|$)", row.removeprefix("catalogue, 1,000 items").replace(",", ""))
    p50, p99, most, own_p50, own_most, requests, kilobytes, status = map(float, figures)
    assert 0 < p50 <= p99 <= most
    assert 0 < own_p50 <= own_most
    assert requests > 1
    assert kilobytes > 100
    assert status == 200


def test_every_kind_is_within_the_limit_of_bytes() -> None:
    extremes = Extremes(head="topics", revision="0" * 64, files=["index.html"])
    kinds = {one.name: next(one.requests) for one in extremes.all()}
    assert len(kinds) > 30
    assert max(map(len, kinds.values())) < MOST_BYTES + 1000
    assert kinds["a scrape"] == get("/metrics")
