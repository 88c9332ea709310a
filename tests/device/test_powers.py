"""Powers and logarithms of the core, beside those of C's library."""

import ctypes
import math

import numpy as np
import pytest


def of(core: ctypes.CDLL, name: str, value: float, *others: int) -> float:
    function = getattr(core, name)
    function.restype = ctypes.c_double
    return float(function(ctypes.c_double(value), *others))


def test_powers_of_two(core: ctypes.CDLL) -> None:
    rng = np.random.default_rng(1)
    values = [*rng.uniform(-30, 30, 2000), *rng.uniform(-1080, 1024, 2000), *rng.normal(0, 1e-6, 100)]
    for value in values:
        wanted = 2.0**value
        assert abs(of(core, "er_exp2", value) - wanted) <= 1.5 * math.ulp(wanted), value
    for whole in range(-1100, 1024):
        assert of(core, "er_exp2", whole) == 2.0**whole
    assert of(core, "er_exp2", 1024) == math.inf
    assert of(core, "er_exp2", math.inf) == math.inf
    assert of(core, "er_exp2", -math.inf) == of(core, "er_exp2", -1e308) == 0
    assert math.isnan(of(core, "er_exp2", math.nan))


@pytest.mark.parametrize("base", [0.8, 0.5, 1.7])
def test_whole_powers(core: ctypes.CDLL, base: float) -> None:
    for exponent in range(500):
        assert of(core, "er_pow", base, exponent) == pytest.approx(base**exponent, rel=2.3e-16 * (exponent + 1))
    assert of(core, "er_pow", 0.8, 2**32 - 1) == 0


def test_logarithms(core: ctypes.CDLL) -> None:
    rng = np.random.default_rng(2)
    values = [*np.exp(rng.uniform(-700, 700, 2000)), *rng.uniform(0.5, 2, 1000), 1.0, 5e-324, 1.7e308]
    for value in values:
        assert abs(of(core, "er_log", value) - math.log(value)) <= math.ulp(math.log(value)), value
    assert of(core, "er_log", 0) == -math.inf
    assert math.isnan(of(core, "er_log", -1))
    assert of(core, "er_log", math.inf) == math.inf
    for value in [*np.exp(rng.uniform(-700, 700, 2000)), 0.0, 5e-324, 1.7e308, math.inf]:
        assert (
            abs(of(core, "er_log1p", value) - (wanted := math.log1p(value))) <= 2 * math.ulp(wanted)
            or wanted == math.inf
        )


def test_rounding(core: ctypes.CDLL) -> None:
    rng = np.random.default_rng(3)
    for value in [
        *rng.normal(0, 1e6, 1000),
        *(np.arange(-9, 9) / 2),
        0.49999999999999994,
        2.0**52 - 0.5,
        2.0**53,
        1e300,
    ]:
        assert of(core, "er_rint", value) == of(core, "er_rint", np.rint(value)) == np.rint(value), value
        assert of(core, "er_rint", -value) == np.rint(-value), value
