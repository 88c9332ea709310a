import asyncio
import threading
import time
from typing import Any

import pytest

from service.admission.deadline import Deadline
from service.feature_store.features import digest_of
from service.ranking.slate import build_slate
from tests.service.apps import RunningApp, candidates, fake_model, ids, running, settings, until
from tests.service.encoders import SlowEncoder

DINNER = {"taxi": "call a taxi", "split": "split a bill", "train": "train tickets"}


async def test_candidates_are_ordered_by_the_query(service: RunningApp) -> None:
    answer = await service.rank(query="split the dinner bill", candidates=candidates(DINNER))

    assert ids(answer)[0] == "split"
    first = answer["results"][0]
    assert first["index"] == 1
    assert first["rank"] == 1
    assert first["status"] == "ok"
    assert answer["degraded"] == []
    assert answer["model"].startswith("fake@")
    assert answer["usage"] == {
        "tokens": 6 + 5 + 5 + 4,
        "encoded_texts": 4,
        "cached_items": 0,
        "missing_items": 0,
        "truncated_texts": 0,
        "unreadable_texts": 0,
        "known_events": 0,
    }
    assert answer["timing_ms"].keys() == {"total", "features", "encode", "score"}


async def test_the_short_path_answers_alike(service: RunningApp) -> None:
    body = {"query": "split the bill", "candidates": candidates(DINNER)}
    short = (await service.client.post("/rank", json=body)).json()
    assert ids(short) == ids(await service.rank(**body))


async def test_a_known_item_is_ranked_without_its_text(service: RunningApp) -> None:
    await service.client.put("/v1/items", json={"items": candidates(DINNER)})
    answer = await service.rank(query="split the bill", candidates=[{"id": one} for one in DINNER])

    assert ids(answer)[0] == "split"
    assert answer["usage"]["cached_items"] == 3
    assert answer["usage"]["encoded_texts"] == 1


async def test_known_and_fresh_items_score_the_same(service: RunningApp) -> None:
    body = {"query": "split the bill", "candidates": candidates(DINNER)}
    fresh, known = await service.rank(**body), await service.rank(**body)
    assert fresh["usage"]["cached_items"] == 0
    assert known["usage"]["cached_items"] == 3
    assert fresh["results"] == known["results"]


async def test_a_changed_text_is_embedded_anew(service: RunningApp) -> None:
    await service.rank(candidates=[{"id": "a", "text": "call a taxi"}, {"id": "b", "text": "train tickets"}])
    again = [{"id": "c", "text": "train tickets"}, {"id": "a", "text": "split the bill"}]
    answer = await service.rank(query="split the bill", candidates=again)

    assert ids(answer)[0] == "a"
    assert answer["usage"]["cached_items"] == 1


async def test_an_item_that_nobody_knows_is_missing_and_ranked_on_the_rest(service: RunningApp) -> None:
    answer = await service.rank(
        query="split the bill",
        candidates=[{"id": "low", "score": 0.1}, {"id": "high", "score": 0.9}, {"id": "middle", "score": 0.5}],
    )
    assert ids(answer) == ["high", "middle", "low"]
    assert {result["status"] for result in answer["results"]} == {"missing"}
    assert answer["usage"]["missing_items"] == 3
    assert service.metric("missing_candidates_total") == 3


async def test_blank_texts_count_as_absent(service: RunningApp) -> None:
    answer = await service.rank(query="  ", candidates=[{"id": "a", "text": " \n"}, {"id": "b"}])
    assert ids(answer) == ["a", "b"]
    assert answer["usage"]["encoded_texts"] == 0


async def test_no_candidates_give_no_results(service: RunningApp) -> None:
    answer = await service.rank(query="split", candidates=[], options={"diversity": 0.5})
    assert answer["results"] == []


async def test_history_draws_towards_what_was_bought_and_away_from_what_was_skipped(service: RunningApp) -> None:
    bought = await service.rank(
        user={"history": [{"text": "train tickets", "action": "purchase"}]}, candidates=candidates(DINNER)
    )
    skipped = await service.rank(
        user={"history": [{"item_id": "taxi", "action": "skip", "age_s": 60}]}, candidates=candidates(DINNER)
    )
    assert ids(bought)[0] == "train"
    assert ids(skipped)[-1] == "taxi"


async def test_the_history_is_not_stored(service: RunningApp) -> None:
    event = {"item_id": "secret", "text": "night bus", "action": "click"}
    await service.rank(user={"history": [event]}, candidates=candidates(DINNER))
    lookup = await service.container.models.current.store.look_up(["secret"], [digest_of("night bus")], Deadline())
    assert (lookup.items, lookup.texts) == ({}, {})


async def test_explained_contributions_add_up_to_the_score(service: RunningApp) -> None:
    answer = await service.rank(
        query="split the bill",
        user={"history": [{"text": "a taxi", "action": "view"}, {"text": "train", "action": "skip", "age_s": 3600}]},
        candidates=[*({**one, "score": 0.25} for one in candidates(DINNER)), {"id": "unknown"}],
        options={"explain": True},
    )
    for result in answer["results"]:
        parts = [part["contribution"] for part in result["explanation"].values()]
        assert sum(parts) == pytest.approx(result["score"], abs=1e-6)
    unknown = next(result for result in answer["results"] if result["id"] == "unknown")
    assert "value" not in unknown["explanation"]["query_similarity"]


async def test_words_that_the_query_names_outweigh_what_merely_resembles_it(service: RunningApp) -> None:
    texts = {"like": "print print paper", "named": "cartridge for the printer xj900"}
    answer = await service.rank(
        query="xj900 print", candidates=candidates(texts), options={"explain": True, "ranker": "lexical"}
    )
    overlap = {result["id"]: result["explanation"]["query_overlap"]["value"] for result in answer["results"]}
    assert overlap == {"like": 0.5, "named": 0.5}


@pytest.mark.parametrize(
    ("ranker", "first"), [("upstream", "train"), ("lexical", "split"), ("dense", "split"), ("fused", "split")]
)
async def test_baselines_are_on_the_same_path(ranker: str, first: str, service: RunningApp) -> None:
    scored = [{**one, "score": float(one["id"] == "train")} for one in candidates(DINNER)]
    answer = await service.rank(query="split a bill", candidates=scored, options={"ranker": ranker, "explain": True})
    assert ids(answer)[0] == first
    weights = {name for name, part in answer["results"][0]["explanation"].items() if part["weight"]}
    expected = {"upstream": "upstream_score", "lexical": "query_overlap", "dense": "query_similarity"}
    assert expected.get(ranker, "query_overlap") in weights
    assert (len(weights) == 2) is (ranker != "fused")


async def test_what_the_backend_knows_of_its_items_counts(service: RunningApp) -> None:
    features = {"a": {"popularity": 1}, "b": {"popularity": 900}, "c": {"age_s": 0}, "d": {"age_s": 1e9}}
    answer = await service.rank(
        candidates=[{"id": one, "text": "taxi", "features": features[one]} for one in features],
        options={"explain": True},
    )
    told = {result["id"]: result["explanation"] for result in answer["results"]}
    assert told["b"]["popularity"]["value"] == 1
    assert told["a"]["popularity"]["value"] == pytest.approx(0.10188, abs=1e-5)
    assert "value" not in told["c"]["popularity"]
    assert told["c"]["freshness"]["value"] == 1
    assert told["d"]["freshness"]["value"] < 1e-6


async def test_a_known_category_counts_where_the_request_does_not_say_one(service: RunningApp) -> None:
    items = [{"id": "a", "text": "taxi", "category": "travel"}, {"id": "b", "text": "taxi", "category": "food"}]
    await service.client.put("/v1/items", json={"items": items})
    history = [{"item_id": "b", "action": "click"}]
    answer = await service.rank(
        user={"history": history},
        candidates=[{"id": "a"}, {"id": "b", "category": "other"}, {"id": "c"}],
        options={"explain": True},
    )
    affinity = {one["id"]: one["explanation"]["category_affinity"].get("value") for one in answer["results"]}
    assert affinity == {"a": 0, "b": 0, "c": None}
    repeat = {one["id"]: one["explanation"]["repeat"]["value"] for one in answer["results"]}
    assert repeat == {"a": 0, "b": 1, "c": 0}


async def test_a_category_has_at_most_as_many_results_as_it_may(service: RunningApp) -> None:
    many = [{"id": str(number), "text": "taxi", "category": "ab"[number % 2]} for number in range(6)]
    answer = await service.rank(candidates=many, options={"max_per_category": 1, "pin": ["5", "3"], "top_n": 6})
    assert ids(answer) == ["5", "3", "0"]


async def test_pins_exclusions_and_top_n(service: RunningApp) -> None:
    answer = await service.rank(
        query="split the bill",
        candidates=candidates(DINNER),
        options={"pin": ["train", "elsewhere"], "exclude": ["split"], "top_n": 1},
    )
    assert ids(answer) == ["train"]
    assert answer["results"][0]["index"] == 2
    assert answer["usage"]["encoded_texts"] == 3  # what is excluded is not even embedded


async def test_diversity_parts_what_is_alike(service: RunningApp) -> None:
    texts = {"a": "split dinner bill", "a2": "split dinner bill now", "b": "dinner table booking"}
    plain = await service.rank(query="split dinner bill", candidates=candidates(texts))
    diverse = await service.rank(query="split dinner bill", candidates=candidates(texts), options={"diversity": 0.8})
    assert ids(plain) == ["a", "a2", "b"]
    assert ids(diverse) == ["a", "b", "a2"]


async def test_diversity_of_many_candidates_leaves_the_event_loop_to_others(
    service: RunningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def arrange_here(*arguments: Any, **named: Any) -> list[int]:
        threads.append(threading.current_thread() is threading.main_thread())
        return build_slate(*arguments, **named)

    monkeypatch.setattr("service.recommender.recommender.build_slate", arrange_here)
    for count, diversity in ((101, 0.0), (100, 0.5), (101, 0.5)):
        texts = {str(number): f"offer {number}" for number in range(count)}
        answer = await service.rank(query="offer", candidates=candidates(texts), options={"diversity": diversity})
        assert sorted(ids(answer)) == sorted(texts)
    assert threads == [True, True, False]


async def test_the_request_id_of_the_body_comes_back(service: RunningApp) -> None:
    response = await service.client.post(
        "/v1/rank", json={"request_id": "mine-1", "candidates": []}, headers={"X-Request-ID": "other"}
    )
    assert response.json()["request_id"] == "mine-1"
    assert response.headers["X-Request-ID"] == "mine-1"


async def test_work_is_not_started_after_the_deadline() -> None:
    encoder = SlowEncoder(seconds_a_text=0.2)
    async with running(settings(encode_threads=1), model=fake_model(encoder)) as service:
        first = asyncio.create_task(service.rank(query="slow", candidates=[]))
        await until(lambda: service.metric("requests_in_flight") == 1)
        # Nobody knows yet how slow the encoder is: this one is taken on.
        late = await service.client.post(
            "/v1/rank", json={"query": "late", "candidates": [], "options": {"deadline_ms": 100}}
        )
        await first

    assert late.status_code == 504
    assert late.json()["error"]["code"] == "deadline_exceeded"
    assert ["late"] not in encoder.calls


def test_a_deadline_without_a_limit_never_expires() -> None:
    Deadline.after(None, since=time.perf_counter() - 1000).check()


async def test_concurrent_requests_answer_as_single_ones(service: RunningApp) -> None:
    bodies: list[dict[str, Any]] = [
        {"query": query, "candidates": candidates({f"{one}-{key}": text for key, text in DINNER.items()})}
        for one, query in enumerate(["split the bill", "train tickets", "call a taxi", "dinner"] * 5)
    ]
    alone = [await service.rank(**body) for body in bodies]
    together = await asyncio.gather(*(service.rank(**body) for body in bodies))
    assert [one["results"] for one in together] == [one["results"] for one in alone]


async def test_of_a_long_history_only_what_speaks_is_read(service: RunningApp) -> None:
    events = [{"text": f"coffee number {place}", "action": ("view", "skip")[place % 2]} for place in range(200)]
    long = await service.rank(user={"history": events}, candidates=candidates(DINNER))
    short = await service.rank(user={"history": events[:100]}, candidates=candidates(DINNER))
    assert long["results"] == short["results"]
    assert long["usage"]["known_events"] == short["usage"]["known_events"] == 100
    assert long["usage"]["encoded_texts"] == len(DINNER) + 100


async def test_events_of_which_nothing_is_known_leave_their_turn_to_others(service: RunningApp) -> None:
    nobodys = [{"item_id": f"nobody-{place}", "action": "click"} for place in range(60)]
    told = [{"text": f"taxi {place}", "action": "click"} for place in range(60)]
    answer = await service.rank(user={"history": [*nobodys, *told]}, candidates=candidates(DINNER))
    assert answer["usage"]["encoded_texts"] == len(DINNER) + 50
    assert answer["usage"]["known_events"] == 50
    known = [{"item_id": one, "action": "click"} for one in DINNER] * 30
    answer = await service.rank(user={"history": [*known, *told]}, candidates=candidates(DINNER))
    assert answer["usage"]["encoded_texts"] == 0
    assert answer["usage"]["known_events"] == len(known)


async def test_a_thousand_explanations_are_those_of_each_by_itself(service: RunningApp) -> None:
    many = [{"id": str(place), "text": f"taxi to {place}", "score": place % 7} for place in range(300)]
    body = {"query": "taxi", "candidates": many, "options": {"explain": True, "diversity": 0.3, "max_per_category": 2}}
    answer = await service.rank(**body)
    assert [one["rank"] for one in answer["results"]] == list(range(1, 301))
    for one in answer["results"]:
        parts = one["explanation"].values()
        assert sum(part["contribution"] for part in parts) == pytest.approx(one["score"], abs=1e-5)
        for part in parts:
            assert "value" not in part or part["weight"] * part["value"] == pytest.approx(part["contribution"])
