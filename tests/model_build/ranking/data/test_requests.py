import numpy as np
import pytest

from model_build.ranking.data.requests import FeatureCache, JudgedRequest, judge
from service.api.schemas.rank import Candidate, HistoryEvent
from service.ranking.signals import SIGNALS
from tests.service.encoders import FakeEncoder

REQUEST = JudgedRequest(
    query="red cup",
    history=[
        HistoryEvent(item_id="m", text="blue mug", action="purchase"),
        HistoryEvent(text="old hat", action="skip"),
    ],
    candidates=[
        Candidate(id="a", text="red cup", features={"popularity": 3.0}),
        Candidate(id="b", text="blue mug", features={"popularity": 0.0}),
        Candidate(id="c", text=" "),
    ],
    gains=np.array([1.0, 0.0, 0.0]),
    group="q",
    source="set",
)


def column(name: str) -> list[float]:
    (found,) = judge([REQUEST], FeatureCache(FakeEncoder()))
    return [float(one) for one in found.signals[:, SIGNALS.index(name)]]


def test_signals_are_the_services_own() -> None:
    assert column("query_similarity")[:2] == pytest.approx([1.0, column("query_similarity")[1]], abs=0.01)
    assert column("query_overlap")[:2] == [1.0, 0.0]
    assert column("history_peak")[1] == pytest.approx(1.0, abs=0.01)
    assert column("popularity")[:2] == [1.0, 0.0]


def test_what_is_not_known_is_unknown() -> None:
    assert np.isnan(column("query_similarity")[2])
    assert np.isnan(column("popularity")[2])
    assert np.isnan(column("freshness")).all()


def test_the_given_order_is_no_signal() -> None:
    assert np.isnan(column("upstream_position")).all()


def test_a_text_is_embedded_once() -> None:
    encoder = FakeEncoder()
    cache = FeatureCache(encoder)
    judge([REQUEST], cache)
    judge([REQUEST], cache)
    embedded = [text for call in encoder.calls for text in call]
    assert sorted(embedded) == ["blue mug", "old hat", "red cup", "red cup"]  # once as an item, once as a query
