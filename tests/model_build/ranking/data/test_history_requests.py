import numpy as np

from model_build.ranking.data.demo_questions import DemoQuestion
from model_build.ranking.data.history_requests import TOPICS, demo_requests, with_histories
from model_build.ranking.data.requests import JudgedRequest
from service.api.schemas.rank import Candidate
from service.feature_store.items.item import Item


def request(query: str, gains: list[float]) -> JudgedRequest:
    texts = [Candidate(id=str(place), text=f"{query} {place}") for place in range(len(gains))]
    return JudgedRequest(query, (), texts, np.array(gains), query, "set")


def test_a_history_is_of_the_topic_or_of_another_over_the_same_candidates() -> None:
    searches = [request(name, [3, 1, 1, 0, 0]) for name in "abcd"]
    related, unrelated = (with_histories(searches, topic, seed=0) for topic in TOPICS)
    assert [one.candidates for one in related] == [one.candidates for one in unrelated]
    for one, other in zip(related, unrelated, strict=True):
        assert len(one.history) == len(other.history) == 2
        assert {(event.text or "")[0] for event in one.history} == {one.query}
        assert one.query not in {(event.text or "")[0] for event in other.history}
        shown = {candidate["text"] for candidate in one.candidates}
        assert shown.isdisjoint(event.text for event in one.history)
        assert (one.gains > 0).sum() == 1
        assert len(one.gains) == len(one.candidates) == 3


def test_searches_with_little_to_spare_are_passed_over() -> None:
    assert with_histories([request("a", [1, 1, 0])], "related", seed=0) == []


def test_questions_are_asked_of_the_whole_catalogue() -> None:
    catalogue = [Item(name, name, f"text of {name}", "things") for name in ("x", "y1", "y2", "y3", "z1", "z2", "z3")]
    question = DemoQuestion(query="q", relevant={"x": 2}, related=("y1", "y2", "y3"), unrelated=("z1", "z2", "z3"))
    bare, related, unrelated = (demo_requests([question], catalogue, topic)[0] for topic in (None, *TOPICS))
    assert bare.gains.tolist() == [3, 0, 0, 0, 0, 0, 0]
    assert [len(one.history) for one in (bare, related, unrelated)] == [0, 3, 3]
    assert [event.item_id for event in unrelated.history] == ["z1", "z2", "z3"]
