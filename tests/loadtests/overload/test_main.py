import json
import os
from pathlib import Path

import pytest

from loadtests.harness.closed_loop import Reply
from loadtests.overload.__main__ import GROUPS, Case, Stand, beyond, crowds, faults_of, large, requests_of
from loadtests.overload.crowd import PAUSE_S, Crowd

PATIENT, HURRIED = Case(8, (50, 50), 60_000, 0.95), Case(50, (1, 5), 100, 0.9)


def seen(answered: int, *, refused: int = 0, seconds: float = 0.05, slow: int = 0) -> Crowd:
    """The replies of ten seconds."""
    attempts = [Reply(200, seconds)] * answered + [Reply(429, 0.001)] * refused + [Reply(504, 9.0)] * slow
    return Crowd(attempts, elapsed_s=10.0)


def test_every_request_brings_texts_of_its_own() -> None:
    first, second = requests_of(Case(2, (3, 5), 250), seconds=0.01)
    requests = [next(first), next(second), next(first), next(first)]
    assert all(b"\r\nX-Request-Deadline-Ms: 250\r\n" in one for one in requests)
    bodies = [json.loads(one.partition(b"\r\n\r\n")[2]) for one in requests]
    texts = [one["text"] for body in bodies for one in body["candidates"]]
    assert len(set(texts)) == len(texts)
    assert all(3 <= len(body["candidates"]) <= 5 for body in bodies)
    assert b"Deadline" not in next(requests_of(Case(1, (1, 1), None), seconds=0.01)[0])


def test_another_seed_brings_other_texts() -> None:
    requests = [next(requests_of(Case(1, (5, 5), None), seconds=0.01, seed=seed)[0]) for seed in (1, 2)]
    first, second = ({one["text"] for one in json.loads(r.partition(b"\r\n\r\n")[2])["candidates"]} for r in requests)
    assert first.isdisjoint(second)


def test_a_service_allows_the_deadline_that_is_said() -> None:
    with Stand(frozenset(os.sched_getaffinity(0))).service(60.0) as service:
        environment = Path(f"/proc/{service.pid}/environ").read_bytes().split(b"\0")
    assert b"EDGE_RANK_DEADLINE_MS=60000" in environment


def test_beyond_are_the_clients_that_cannot_all_be_answered_within_the_deadline() -> None:
    # 300 a second: thirty within 100 ms; twenty of the fifty come again all the time.
    assert beyond(HURRIED, seen(3000), 10) == pytest.approx(20 * 10 / PAUSE_S)
    assert beyond(PATIENT, seen(10), 10) == 0


@pytest.mark.parametrize(
    ("case", "came", "faults"),
    [
        (PATIENT, seen(400), []),
        (PATIENT, seen(370), ["goodput"]),
        (PATIENT, seen(400, refused=1), ["refused"]),
        (HURRIED, seen(3700, refused=4000), []),
        (HURRIED, seen(3500, refused=4000), ["goodput"]),
        (HURRIED, seen(3700, slow=40), ["time"]),
        (HURRIED, seen(3700, seconds=0.11), ["goodput"]),
    ],
)
def test_what_must_hold(case: Case, came: Crowd, faults: list[str]) -> None:
    first = 40.0 if case is PATIENT else 400.0
    assert faults_of(case, came, first, 10) == faults


def test_the_groups_are_what_the_documentation_says() -> None:
    assert [[case.clients for case in group] for group in GROUPS] == [[1, 8, 16, 50], [1, 8, 16, 50], [12, 50]]
    assert GROUPS[1][3].name == "50 x 50, 5 s by default"
    assert [case.name for case in GROUPS[2]] == ["12 x 1 to 5, 100 ms", "50 x 1 to 5, 100 ms"]


@pytest.mark.slow
def test_a_crowd_and_a_large_request_on_a_real_service() -> None:
    cores = frozenset(os.sched_getaffinity(0))
    table, _ = crowds([[Case(3, (2, 2), 60_000)]], Stand(cores), seconds=0.5)
    assert len(table.rows) == 1
    table, _ = large(Stand(cores), seconds=0.5)
    assert len(table.rows) == 1
    assert frozenset(os.sched_getaffinity(0)) == cores
