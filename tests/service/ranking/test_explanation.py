import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.ranking.explanation import SignalContribution, explain
from service.ranking.scorer import score

NUMBERS = st.one_of(st.floats(-1, 1), st.just(math.nan), st.just(-0.0))


@given(st.data(), st.integers(1, 4), st.integers(1, 9))
def test_many_are_explained_as_each_by_itself(data: st.DataObject, signals: int, candidates: int) -> None:
    drawn = {
        f"s{one}": np.array(data.draw(st.lists(NUMBERS, min_size=candidates, max_size=candidates)))
        for one in range(signals)
    }
    weights = {name: data.draw(st.floats(-3, 3)) for name in drawn}
    scores = score(drawn, weights)
    order = data.draw(st.permutations(range(candidates)))
    told = explain(scores, weights, order)
    for candidate, explanation in zip(order, told, strict=True):
        for (name, one), contributions in zip(explanation.items(), scores.contributions, strict=True):
            value = float(drawn[name][candidate])
            expected = SignalContribution(
                weights[name], float(contributions[candidate]), None if math.isnan(value) else value
            )
            assert repr(one) == repr(expected)  # tells types and a negative zero, too


def test_nobody_is_explained_by_nothing() -> None:
    assert explain(score({"one": np.array([1.0])}, {"one": 1.0}), {"one": 1.0}, []) == []
