from dataclasses import replace

import pytest

from loadtests.sizing.sizing import Figure, Figures, sized

FIGURES = Figures(
    **{
        name: Figure(value, "of this test")
        for name, value in {
            "devices": 8_640_000.0,
            "sessions": 2.0,
            "requests": 5.0,
            "peak": 3.0,
            "core_ms": 2.0,
            "redis_core_ms": 0.1,
            "fullness": 0.5,
            "zones": 3.0,
            "process_mb": 150.0,
            "items": 1_000_000.0,
            "item_bytes": 500.0,
            "models": 2.0,
            "copies": 2.0,
            "redis_fullness": 0.8,
        }.items()
    }
)


def but(**values: float) -> Figures:
    return replace(FIGURES, **{name: Figure(value, "changed") for name, value in values.items()})


def test_a_sizing_by_hand() -> None:
    sizing = sized(FIGURES)
    assert sizing.requests_a_day == 86_400_000
    assert (sizing.mean_rate, sizing.peak_rate) == (1000, 3000)
    assert sizing.busy_cores == 6
    assert sizing.cores == 18  # 6 at half full are 12, in two zones 6 each, and a third zone
    assert sizing.memory_gb == pytest.approx(2.7)
    assert sizing.redis_gb == pytest.approx(2.5)  # 0.5 GB twice and twice, of which 80 % may be full
    assert sizing.redis_cores == 2  # 0.3 cores' time at half full is one core, in each copy
    assert sizing.month_cost is sizing.million_cost is None


def test_cost() -> None:
    sizing = sized(but(core_price=0.04, gb_price=0.005))
    month = 730 * (20 * 0.04 + (2.7 + 2.5) * 0.005)
    assert sizing.month_cost == pytest.approx(month)
    assert sizing.million_cost == pytest.approx(month / (86.4 * 730 / 24))


@pytest.mark.parametrize(("zones", "cores"), [(1, 12), (2, 24), (3, 18), (4, 16), (5, 15)])
def test_what_is_left_without_one_zone_carries_the_peak(zones: int, cores: int) -> None:
    assert sized(but(zones=zones)).cores == cores


def test_what_rounding_adds_is_no_core() -> None:
    assert sized(but(core_ms=0.1 + 0.2, peak=1.0, fullness=0.3, zones=1)).cores == 1


def test_a_zone_has_a_core_at_least() -> None:
    assert sized(but(devices=1.0)).cores == 3
