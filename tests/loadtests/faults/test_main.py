import pytest

from loadtests.faults.__main__ import run_fault, table_of
from loadtests.faults.catalogue import FAULTS


@pytest.mark.parametrize("name", ["Redis killed", "Redis answering garbage"])
async def test_a_fault_fails_no_request(name: str) -> None:
    (fault,) = (one for one in FAULTS if one.name == name)
    before, during, after = phases = await run_fault(fault, rate=20, seconds=1.2)
    assert [phase.failed for phase in phases] == [0, 0, 0]
    assert [phase.sent for phase in phases] == [phase.answered for phase in phases] == [24, 24, 24]
    assert before.degraded == 0
    assert during.degraded > 0
    assert after.degraded < 24
    assert len(table_of({name: phases}).rows) == 1
