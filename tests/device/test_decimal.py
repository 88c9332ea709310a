import ctypes
import math
import random
import struct
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def decimal(core: ctypes.CDLL) -> Any:
    core.er_decimal.argtypes, core.er_decimal.restype = [ctypes.c_char_p, ctypes.c_size_t], ctypes.c_double
    return core.er_decimal


def bits(number: float) -> bytes:
    return struct.pack("<d", number)


def differing(decimal: Any, literals: Iterator[str]) -> list[str]:
    return [one for one in literals if bits(decimal(one.encode(), len(one))) != bits(float(one))]


def any_double(draw: random.Random) -> float:
    while not math.isfinite(found := struct.unpack("<d", draw.randbytes(8))[0]):
        pass
    return float(found)


def test_what_python_writes_is_read_as_the_same_double(decimal: Any) -> None:
    draw = random.Random(1)

    assert not differing(decimal, (repr(any_double(draw)) for _ in range(20_000)))


def test_what_manifests_hold_is_read_as_the_same_double(decimal: Any) -> None:
    draw = random.Random(2)
    formats = ["{:.4g}", "{:.6f}", "{:.3e}", "{:.17g}", "{:.0f}", "{:.30f}"]
    numbers = (draw.choice(formats).format(draw.uniform(-2, 2) * 10 ** draw.randint(-6, 6)) for _ in range(20_000))

    assert not differing(decimal, numbers)


def test_any_digits_are_read_as_the_same_double(decimal: Any) -> None:
    draw = random.Random(3)

    def literal() -> str:
        digits = "".join(draw.choices("0123456789", k=draw.choice([1, 5, 17, 19, 25, 40, 90])))
        point = draw.randrange(len(digits))
        number = f"{int(digits[: point + 1])}" + (f".{digits[point + 1 :]}" if digits[point + 1 :] else "")
        exponent = draw.choice(["", f"e{draw.randint(-400, 400)}", f"E+{draw.randint(0, 30)}", "e-0"])
        return draw.choice(["", "-"]) + number + exponent

    assert not differing(decimal, (literal() for _ in range(20_000)))


def exact(numerator: int, exponent: int) -> str:
    """The digits of numerator * 2 ** exponent, exactly."""
    return f"{numerator * 5**-exponent}e{exponent}" if exponent < 0 else str(numerator << exponent)


def test_a_number_between_two_doubles_is_read_as_the_even_one(decimal: Any) -> None:
    draw = random.Random(4)
    halves = []
    for _ in range(1000):
        middle = draw.getrandbits(52) << 1 | 1 << 53 | 1  # a bit more than a mantissa has
        tie = exact(middle, draw.choice([-1074, -300, -60, -53, -1, 0, 10, 900]))
        digits, _, power = tie.partition("e")
        more = f"{digits}0001e{int(power or 0) - 4}"
        less = f"{int(digits) - 1}99e{int(power or 0) - 2}"
        halves += [one for one in (tie, more, less) if len(one) <= 800]
    assert len(halves) > 2000

    assert not differing(decimal, iter(halves))


def test_the_ends_of_the_range_are_read_as_the_same_double(decimal: Any) -> None:
    least, largest = exact(1, -1074), exact((1 << 53) - 1, 971)
    beyond = str(((1 << 54) - 1) << 970)  # halfway to what would be the next double
    # fmt: off
    literals = [
        "0", "-0", "0.0", "-0.000", "0e999", "-0e-999", "1", "1e22", "1e23", "9007199254740993", "0.1232", "-1.74",
        "0.001609", "1e6", "1e-5", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
        "1e309", "-1e400", "1e99999999999", "5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.47e-324",
        "1e-400", "1e-99999999999", "1e-323", "2.2250738585072014e-308", "2.2250738585072011e-308",
        "2.225073858507201e-308", "2.2250738585072009e-308", "0." + "0" * 700 + "123e700", "1" + "0" * 700 + "e-700",
        "0." + "9" * 700, "9" * 798, "1" * 300 + "." + "1" * 499,
        largest, beyond, str(int(beyond) - 1), str(int(beyond) + 1), least,
    ]
    # fmt: on

    assert not differing(decimal, iter([one for one in literals if len(one) <= 800]))
