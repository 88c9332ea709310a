from service.server.restart_backoff import RestartBackoff


def test_a_single_death_is_mended_at_once() -> None:
    deaths = RestartBackoff()
    deaths.record(None)
    assert deaths.delay_s == 0
    assert not deaths.is_exhausted


def test_workers_that_die_young_are_replaced_ever_later_and_in_the_end_not_at_all() -> None:
    deaths, delays = RestartBackoff(), []
    for ready_s in (None, 0.0, 9.9, None):
        deaths.record(ready_s)
        delays.append(deaths.delay_s)
    assert delays == sorted(delays)
    assert delays[0] < delays[-1] <= 10
    assert not deaths.is_exhausted
    deaths.record(None)
    assert deaths.is_exhausted
    for _ in range(2000):
        deaths.record(None)
    assert deaths.delay_s == 10


def test_a_worker_that_has_served_for_a_while_is_a_fresh_start() -> None:
    deaths = RestartBackoff()
    for ready_s in (None, None, None, None, 10.0):
        deaths.record(ready_s)
    assert deaths.delay_s == 0
    assert not deaths.is_exhausted
