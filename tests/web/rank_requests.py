"""Rank requests of every kind, over the demo catalogue; and some that must be refused."""

import random
from collections.abc import Sequence
from typing import Any

from service.feature_store.items.item import Item

_ACTIONS = ("click", "view", "purchase", "skip")
_RANKERS = ("fused", "fused", "fused", "fused", None, "dense", "lexical", "upstream")
_ODD = ("支払いを分ける", "Разделить счёт", "👍🏽 bill", "split\u200bbill", "cut emoji \ud83d", " \t", "word " * 60)
_UNREADABLE = ("🫠🪿", "\ua4ee\ua4ef \ua4f0", "\u3000&nbsp;\u200b", "&#8203;", "𐐀𐐁", "★ ★ ★")
_COMPOUNDS = (
    "a wi-fi T-shirt",
    "wifi tshirt",
    "WiFi T\u2011shirts from H&M",
    "H & M t shirt",
    "U.S.A. 1,000 miles for £20.00",
    "usa 1000 miles, 20 £",
    "C++ for £20",
    "C# at €5 or $1,000",
    "C 20",
    "rock'n'roll e-book",
    "ebook rock n roll",
    "Pay &pound;20 &amp; go",
    "5%&nbsp;off ①②½",
)

Json = dict[str, Any]


def rank_requests(count: int, seed: int, catalogue: Sequence[Item]) -> list[Json]:
    """So many valid requests, the same for the same seed. What earlier ones leave in the feature store counts."""
    draw = random.Random(seed)
    return [_request(draw, number, catalogue) for number in range(count)]


def _request(draw: random.Random, number: int, catalogue: Sequence[Item]) -> Json:
    candidates = [_candidate(draw, one) for one in draw.sample(catalogue, draw.choice((0, 1, 5, 20, 50, 100)))]
    if draw.random() < 0.3:
        # The very same text under several ids: ties, which the backend's order settles.
        candidates += [{"id": f"twin-{number}-{one}", "text": "Taxi. Call a car to where you are."} for one in range(4)]
    if draw.random() < 0.3:
        candidates += [{"id": f"unknown-{number}-{one}"} | _numbers(draw) for one in range(3)]
    if draw.random() < 0.4:
        candidates += _own(draw, number, catalogue)
    draw.shuffle(candidates)
    request: Json = {"request_id": f"parity-{number}", "candidates": candidates}
    if draw.random() < 0.7:
        request["query"] = _query(draw, catalogue)
    if draw.random() < 0.65:
        ids = [one["id"] for one in candidates] if draw.random() < 0.5 else []
        events = draw.choice((1, 1, 3, 10, 60, 200))
        request["user"] = {"history": [_event(draw, catalogue, ids) for _ in range(events)]}
    if draw.random() < 0.8:
        request["options"] = _options(draw, [one["id"] for one in candidates])
    return request


def _candidate(draw: random.Random, item: Item) -> Json:
    candidate: Json = {"id": item.id} | _numbers(draw)
    kind = draw.random()
    if kind < 0.1:
        candidate["text"] = f"{item.text} {draw.choice(_ODD)}"  # another text than the one that is known
    elif kind < 0.15:
        candidate = {**candidate, "id": f"{item.id}-{draw.randrange(1000)}", "text": item.text}
    elif kind < 0.4:
        candidate["text"] = item.text
    elif kind < 0.43:
        candidate["text"] = draw.choice((None, "", " \u200a", "\ufeff"))
    if draw.random() < 0.2:
        candidate["category"] = draw.choice((item.category, "travel", "a category of one's own", None))
    return candidate


def _own(draw: random.Random, number: int, catalogue: Sequence[Item]) -> list[Json]:
    """Candidates whose texts are no item's: compounds, long ones, ones that repeat themselves or say nothing."""
    texts = [item.text for item in draw.sample(catalogue, 21)]
    kinds = (
        *draw.sample(_COMPOUNDS, 3),
        *draw.sample(_UNREADABLE, draw.randint(0, 2)),
        *[" ".join(texts[:count]) for count in draw.sample((2, 3, 5, 8, 13, 21), 2)],
        " ".join(texts[0].split()[:3] * draw.choice((2, 9, 40))),
        "cheap shoes, cheap bags, cheap hats, cheap belts, cheap ties, cheap coats",
        draw.choice((None, " ", "\x85")),
    )
    return [{"id": f"own-{number}-{place}", "text": text} | _numbers(draw) for place, text in enumerate(kinds)]


def _numbers(draw: random.Random) -> Json:
    """The backend's score, and features, as far as they are told."""
    numbers: Json = {}
    if draw.random() < 0.5:
        numbers["score"] = draw.choice((0.0, -3.5, 1, 1e300, -1e300, draw.random(), draw.random()))
    if draw.random() < 0.4:
        known = {"popularity": draw.randrange(100_000), "age_s": draw.random() * 1e7, "margin": -0.25}
        numbers["features"] = {name: known[name] for name in draw.sample(sorted(known), draw.randint(0, 3))}
    return numbers


def _query(draw: random.Random, catalogue: Sequence[Item]) -> str:
    item = draw.choice(catalogue)
    words = item.text.split()
    return draw.choice(
        (
            item.title,
            item.title.upper(),
            " ".join(draw.sample(words, min(3, len(words)))),
            words[0][:-1],
            "taxi",
            draw.choice(_ODD),
            draw.choice(_COMPOUNDS),
            draw.choice(_UNREADABLE),
            " ".join(one.text for one in draw.sample(catalogue, 4)),
        )
    )


def _event(draw: random.Random, catalogue: Sequence[Item], ids: Sequence[str]) -> Json:
    """An event with an item of the catalogue, an unknown one, or a candidate, by its id."""
    item = draw.choice(catalogue)
    event: Json = {"action": draw.choice(_ACTIONS)}
    kind = draw.random()
    if ids and draw.random() < 0.6:
        event["item_id"] = draw.choice(ids)
        if draw.random() < 0.2:
            event["text"] = draw.choice((item.text, *_UNREADABLE))
        kind = 0.0
    elif kind < 0.6:
        event["item_id"] = item.id
    elif kind < 0.8:
        event["item_id"] = "nobody-knows"
    if kind >= 0.75:
        event["text"] = draw.choice(
            (item.text, item.title, draw.choice(_ODD[:5]), draw.choice((*_COMPOUNDS, *_UNREADABLE)))
        )
    if draw.random() < 0.5:
        event["age_s"] = draw.choice((0, 60.5, 86_400, 3e6, 1e12))
    if draw.random() < 0.2:
        event["category"] = item.category
    return event


def _options(draw: random.Random, ids: Sequence[str]) -> Json:
    options: Json = {"explain": draw.random() < 0.6, "ranker": draw.choice(_RANKERS)}
    if draw.random() < 0.4:
        options["top_n"] = draw.choice((1, 3, 10, 500, None))
    if draw.random() < 0.4:
        options["diversity"] = draw.choice((0.1, 0.3, 0.7, 1))
    if draw.random() < 0.3:
        options["max_per_category"] = draw.choice((1, 2, 5))
    some = draw.sample(ids, min(len(ids), 4))
    if draw.random() < 0.4:
        options["pin"] = [*some[:2], "nobody-asked"]
    if draw.random() < 0.4:
        options["exclude"] = [*some[2:], "nobody-either"]
    return options


ONE: Json = {"id": "a", "text": "coffee"}
REFUSED: tuple[Json, ...] = (
    {},
    {"candidates": None},
    {"candidates": {}},
    {"candidates": [ONE, ONE]},
    {"candidates": [{"text": "no id"}]},
    {"candidates": [{"id": ""}]},
    {"candidates": [{"id": "x" * 257}]},
    {"candidates": [ONE | {"score": "1"}]},
    {"candidates": [ONE | {"score": True}]},
    {"candidates": [ONE | {"category": ""}]},
    {"candidates": [ONE | {"colour": "red"}]},
    {"candidates": [ONE | {"features": None}]},
    {"candidates": [ONE | {"features": {"popularity": "many"}}]},
    {"candidates": [ONE | {"features": {"age_s": -1}}]},
    {"candidates": [ONE | {"features": {str(name): 1 for name in range(65)}}]},
    {"candidates": [ONE], "query": 3},
    {"candidates": [ONE], "question": "coffee"},
    {"candidates": [ONE], "request_id": "two words"},
    {"candidates": [ONE], "user": None},
    {"candidates": [ONE], "user": {"history": [{"action": "click"}]}},
    {"candidates": [ONE], "user": {"history": [{"action": "click", "text": " "}]}},
    {"candidates": [ONE], "user": {"history": [{"action": "like", "item_id": "a"}]}},
    {"candidates": [ONE], "user": {"history": [{"item_id": "a"}]}},
    {"candidates": [ONE], "user": {"history": [{"action": "click", "item_id": "a", "age_s": -1}]}},
    {"candidates": [ONE], "options": {"top_n": 0}},
    {"candidates": [ONE], "options": {"top_n": 1.5}},
    {"candidates": [ONE], "options": {"topn": 1}},
    {"candidates": [ONE], "options": {"diversity": 1.1}},
    {"candidates": [ONE], "options": {"diversity": None}},
    {"candidates": [ONE], "options": {"explain": "yes"}},
    {"candidates": [ONE], "options": {"ranker": "best"}},
    {"candidates": [ONE], "options": {"pin": ["a", "a"]}},
    {"candidates": [ONE], "options": {"pin": ["a"], "exclude": ["a"]}},
    {"candidates": [ONE], "options": {"deadline_ms": 60_001}},
    {"candidates": [{"id": str(one)} for one in range(1001)]},
    {"candidates": [ONE], "user": {"history": [{"action": "view", "item_id": "a"}] * 201}},
    {"candidates": [ONE], "options": {"exclude": [str(one) for one in range(1001)]}},
)
"""Each is refused: the device gives the same code, and names the same fields."""
