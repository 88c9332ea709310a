import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.releases.bucketing import bucket_of, takes_canary

IDS = [f"device-{number}" for number in range(20_000)]


@pytest.mark.parametrize(
    ("salt", "device_id", "number"),
    [
        ("en-2", "device-1", 2167805375),
        ("en-2", "device-2", 3895084315),
        ("ü", "gerät 7", 3265948434),
        ("", "", 3886811014),
    ],
)
def test_other_programs_draw_the_same(salt: str, device_id: str, number: int) -> None:
    assert bucket_of(salt, device_id) == number
    assert not takes_canary(salt, device_id, number / 2**32 * 100)
    assert takes_canary(salt, device_id, (number + 1) / 2**32 * 100)


@pytest.mark.parametrize("percent", [1, 10, 50])
def test_as_many_take_it_as_are_meant_to(percent: float) -> None:
    taken = sum(takes_canary("salt", device, percent) for device in IDS)
    assert taken / len(IDS) * 100 == pytest.approx(percent, abs=1)


def test_another_salt_draws_other_devices() -> None:
    first, second = ({one for one in IDS if takes_canary(salt, one, 10)} for salt in ("a", "b"))
    assert len(first & second) / len(IDS) * 100 == pytest.approx(1, abs=0.5)


@given(st.text(), st.text(), st.floats(0, 100), st.floats(0, 100))
def test_a_greater_share_loses_no_device(salt: str, device_id: str, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert takes_canary(salt, device_id, less) <= takes_canary(salt, device_id, more)
    assert not takes_canary(salt, device_id, 0)
    assert takes_canary(salt, device_id, 100)
