"""Requests of every kind, drawn by weight; equal seeds draw equal requests.

Most rank known items; some bring new texts, a few of them long; some are invalid in every way that clients produce.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from loadtests.harness.closed_loop import post
from loadtests.harness.workload import Workload, chunks
from service.admission.deadline import DEADLINE_HEADER

_ITEMS, _QUERIES, _PUT_AT_ONCE, _ROTATING = 2000, 500, 100, 2000
_LONG_WORDS = 150
_TOO_MANY, _TOO_LONG, _LONG_HEAD = 1001, 2 * 1024 * 1024 + 1, 65 * 1024
_UPGRADE = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
_ACTIONS = ("view", "click", "purchase", "skip")
OK = frozenset({200})


@dataclass(frozen=True, slots=True)
class Sent:
    """A request to be sent.

    Attributes:
        kind: its name.
        request: its bytes, or the part of them that the client sends.
        statuses: allowed in the answer.
        leaves_after_s: when the client disconnects before the answer; None if it waits.
        closes: whether the client closes the connection after the answer, because it sent less than it announced.
    """

    kind: str
    request: bytes
    statuses: frozenset[int]
    leaves_after_s: float | None = None
    closes: bool = False


@dataclass(frozen=True)
class Keys:
    """API keys.

    Attributes:
        all_rights: may rank and upload items.
        rank_alone: may rank only.
    """

    all_rights: str
    rank_alone: str


@dataclass(frozen=True)
class _Kind:
    """A kind of request.

    Attributes:
        weight: relative frequency.
        make: draws a request.
        statuses: as in `Sent`.
        leaves: whether the client disconnects.
        closes: as in `Sent`.
    """

    weight: float
    make: Callable[[], bytes]
    statuses: frozenset[int] = OK
    leaves: bool = False
    closes: bool = False


class Mixture:
    """Draws requests."""

    def __init__(self, seed: int, keys: Keys, *, heads: Mapping[str, str] | None = None) -> None:
        """Prepare the draws.

        Args:
            seed: of all draws.
            keys: of the requests.
            heads: kinds of the heads (`text`, `pair`) by name; without heads, nothing is classified.
        """
        self._random, self._workload = random.Random(seed), Workload(seed)  # noqa: S311 (a workload, not a secret)
        self._headers, self._poor = ({"X-API-Key": one} for one in (keys.all_rights, keys.rank_alone))
        self._items = self._workload.items(_ITEMS)
        self._queries = [self._workload.query() for _ in range(_QUERIES)]
        self._heads = sorted((heads or {}).items())
        self._kinds = self._all_kinds()
        if not self._heads:
            del self._kinds["classify"]
        self._names = list(self._kinds)
        self._weights = list(accumulate(one.weight for one in self._kinds.values()))

    def first(self) -> Iterator[Sent]:
        """Uploads of the items that rankings name, to be sent first."""
        for some in chunks(self._items, _PUT_AT_ONCE):
            yield Sent("items", self._post("/v1/items", {"items": some}, method="PUT"), OK)

    def draw(self) -> Sent:
        """Draw a request."""
        (name,) = self._random.choices(self._names, cum_weights=self._weights)
        kind = self._kinds[name]
        leaves_after_s = self._random.uniform(0, 0.02) if kind.leaves else None
        return Sent(name, kind.make(), kind.statuses, leaves_after_s, kind.closes)

    def _all_kinds(self) -> dict[str, _Kind]:
        return {
            "known": _Kind(40, lambda: self._rank({})),
            "unseen texts": _Kind(6, lambda: self._rank({"query": self._workload.query()}, self._new(1, 3))),
            "long text": _Kind(0.5, lambda: self._rank({}, [{"id": self._some_id(), "text": self._long()}])),
            "explained": _Kind(5, lambda: self._rank({"options": {"explain": True}})),
            "diverse": _Kind(5, lambda: self._rank({"options": {"diversity": 0.4, "top_n": 10}})),
            "arranged": _Kind(3, lambda: self._rank({"options": self._arrangement()})),
            "with a history": _Kind(8, lambda: self._rank({"user": self._user(), "query": None})),
            "scored": _Kind(5, lambda: self._rank({"options": {"ranker": "upstream"}}, scored=True)),
            "many": _Kind(0.5, lambda: self._rank({}, count=500)),
            "compressed": _Kind(1, self._compressed),
            "an upgrade": _Kind(1, lambda: self._post("/v1/rank", self._asked(3), _UPGRADE)),
            "feedback": _Kind(4, lambda: self._post("/v1/feedback", {"events": self._events()})),
            "items": _Kind(2, lambda: self._post("/v1/items", {"items": self._put()}, method="PUT")),
            "embeddings": _Kind(3, lambda: self._post("/v1/embeddings", {"input": self._workload.text()})),
            "rerank": _Kind(2, lambda: self._post("/v1/rerank", self._documents())),
            "classify": _Kind(2, self._classify),
            "catalogue": _Kind(1, lambda: self._get("/v1/catalogue?limit=20")),
            "info": _Kind(1, lambda: self._get("/v1/info")),
            "probes": _Kind(1, lambda: self._get(self._random.choice(["/livez", "/readyz"]))),
            "metrics": _Kind(0.1, lambda: self._get("/metrics")),
            # Invalid requests.
            "no JSON": _Kind(1, lambda: post("/v1/rank", b'{"query": "coffee', self._headers), frozenset({400})),
            "a wrong header": _Kind(
                0.5, lambda: self._post("/v1/rank", {"candidates": []}, {DEADLINE_HEADER: "soon"}), frozenset({400})
            ),
            "no key": _Kind(1, lambda: post("/v1/rank", b"{}"), frozenset({401})),
            "a wrong key": _Kind(1, lambda: post("/v1/rank", b"{}", {"X-API-Key": "wrong"}), frozenset({401})),
            "no right": _Kind(
                1, lambda: self._post("/v1/items", {"items": self._put()}, self._poor, method="PUT"), frozenset({403})
            ),
            "nowhere": _Kind(1, lambda: self._get("/v1/nowhere"), frozenset({404})),
            "an unknown head": _Kind(
                0.5, lambda: self._post("/v1/classify", {"head": "none", "inputs": ["a"]}), frozenset({404})
            ),
            "a wrong method": _Kind(0.5, lambda: self._get("/v1/rank"), frozenset({405})),
            "too many": _Kind(0.1, lambda: self._rank({}, count=_TOO_MANY), frozenset({413})),
            "too long": _Kind(
                0.1,
                lambda: post("/v1/rank", b"{}", {**self._headers, "Content-Length": str(_TOO_LONG)}),
                frozenset({413}),
                closes=True,
            ),
            "a long head": _Kind(
                0.1, lambda: post("/v1/rank", b"{}", {"X-Long": "x" * _LONG_HEAD}), frozenset({431}), closes=True
            ),
            "not declared": _Kind(
                0.5, lambda: post("/v1/rank", b"{}", {**self._headers, "Content-Type": "text/plain"}), frozenset({415})
            ),
            "a wrong shape": _Kind(
                2, lambda: self._post("/v1/rank", {"candidates": [{"id": 1}, {"text": "a"}]}), frozenset({422})
            ),
            "no time": _Kind(
                1,
                lambda: self._post(
                    "/v1/rank", {"candidates": self._new(3, 6)}, {DEADLINE_HEADER: str(self._random.randint(1, 5))}
                ),
                frozenset({200, 429, 504}),
            ),
            # Clients that disconnect.
            "leaves before the answer": _Kind(1, lambda: self._rank({}, self._new(1, 4)), leaves=True),
            "leaves within the body": _Kind(0.5, lambda: self._half(self._rank({})), leaves=True),
            "leaves within the head": _Kind(0.5, lambda: self._rank({})[:40], leaves=True),
        }

    def _rank(
        self, asked: Mapping[str, Any], new: Sequence[Mapping[str, str]] = (), *, count: int = 20, scored: bool = False
    ) -> bytes:
        known = self._asked(count)
        candidates = [one | ({"score": 1.0 / (1 + n)} if scored else {}) for n, one in enumerate(known["candidates"])]
        return self._post("/v1/rank", known | {"candidates": [*candidates, *new]} | dict(asked))

    def _asked(self, count: int) -> dict[str, Any]:
        candidates = [{"id": one["id"]} for one in self._random.sample(self._items, count)]
        return {"query": self._random.choice(self._queries), "candidates": candidates}

    def _compressed(self) -> bytes:
        body = gzip.compress(json.dumps(self._asked(20)).encode(), compresslevel=1, mtime=0)
        return post("/v1/rank", body, {**self._headers, "Content-Encoding": "gzip"})

    def _new(self, fewest: int, most: int) -> list[dict[str, str]]:
        return self._workload.items(self._random.randint(fewest, most))

    def _some_id(self) -> str:
        """The body of an item that is uploaded repeatedly, so that the number of items stays the same."""
        return f"rotating-{self._random.randrange(_ROTATING)}"

    def _put(self) -> list[dict[str, str]]:
        return [{"id": self._some_id(), "text": self._workload.text()}]

    def _long(self) -> str:
        words = " ".join(self._workload.text() for _ in range(10)).split()
        return " ".join(words[:_LONG_WORDS])

    def _arrangement(self) -> dict[str, Any]:
        first, second, third = self._random.sample(self._items, 3)
        return {"pin": [first["id"]], "exclude": [second["id"], third["id"]], "max_per_category": 3}

    def _user(self) -> dict[str, Any]:
        events = [
            {"item_id": one["id"], "action": self._random.choice(_ACTIONS), "age_s": 60.0 * place}
            for place, one in enumerate(self._random.sample(self._items, self._random.randint(1, 50)))
        ]
        return {"id": f"user-{self._random.randrange(10**9)}", "history": events}

    def _events(self) -> list[dict[str, str]]:
        return [
            {
                "request_id": f"r-{self._random.randrange(10**6)}",
                "item_id": self._random.choice(self._items)["id"],
                "action": self._random.choice(_ACTIONS),
            }
        ]

    def _documents(self) -> dict[str, Any]:
        return {
            "query": self._random.choice(self._queries),
            "documents": [self._workload.text(), *(one["text"] for one in self._random.sample(self._items, 2))],
        }

    def _classify(self) -> bytes:
        head, kind = self._random.choice(self._heads)
        texts = [self._workload.text(), self._random.choice(self._items)["text"]]
        return self._post("/v1/classify", {"head": head, "inputs": [texts] if kind == "pair" else texts})

    def _half(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n" + body[: len(body) // 2]

    def _get(self, path: str) -> bytes:
        head = "".join(f"{name}: {value}\r\n" for name, value in self._headers.items())
        return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode()

    def _post(
        self, path: str, asked: Mapping[str, Any], headers: Mapping[str, str] | None = None, *, method: str = "POST"
    ) -> bytes:
        return post(path, json.dumps(asked).encode(), {**self._headers, **(headers or {})}, method=method)
