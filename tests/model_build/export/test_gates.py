import pytest

from model_build.common.errors import GateError
from model_build.export.gates import check_measured, check_quality


def test_a_gate_on_what_will_not_be_measured_is_told_before() -> None:
    check_measured({"stsb": 0.7}, ["stsb", "mrpc"])
    with pytest.raises(GateError, match=r"gates\.quality\.msrd asks for 0\.7, but what will be measured is stsb, mrpc"):
        check_measured({"msrd": 0.7}, ["stsb", "mrpc"])
    with pytest.raises(GateError, match=r"is nothing, for lack of evaluation\.tasks or of a benchmark"):
        check_measured({"msrd": 0.7}, [])


def test_a_gate_on_what_was_not_measured_stops_the_publication() -> None:
    check_quality({}, None, "student")
    with pytest.raises(GateError, match=r"gates\.quality\.stsb asks for 0\.5, but stsb was not measured"):
        check_quality({"stsb": 0.5}, None, "student")
