"""Single requests of every kind, as large as the limits allow; none of them may block the others."""

import itertools
import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loadtests.harness.closed_loop import get
from loadtests.harness.workload import Workload

MOST_BYTES = 2 * 1024 * 1024
CANDIDATES, ITEMS, HISTORY, EVENTS = 1000, 1000, 200, 1000
_NAMES, _CATEGORIES, _ID_CHARS, _CONTEXT = 64, 1000, 256, 64
_PATIENCE = "X-Request-Deadline-Ms: 60000\r\n"


@dataclass(frozen=True)
class Extreme:
    """A kind of request.

    Attributes:
        name: of the kind.
        requests: an endless stream of encoded requests.
    """

    name: str
    requests: Iterator[bytes]


class Extremes:
    """The kinds of requests, over items that the service holds."""

    def __init__(self, *, head: str, revision: str, files: Iterable[str], seed: int = 23) -> None:
        """Draw texts.

        Args:
            head: name of a loaded text head.
            revision: of the serving model, part of the URLs of its files.
            files: of the playground, by name.
            seed: of the draws.
        """
        self._random = random.Random(seed)  # noqa: S311 (a workload, not a secret)
        self._workload = Workload(seed)
        self._head, self._revision, self._files = head, revision, files
        self.known = self._workload.items(CANDIDATES)
        self._ids = [{"id": one["id"]} for one in self.known]
        self._categories = [
            {**one, "category": f"category-{place % _CATEGORIES}"} for place, one in enumerate(self._ids)
        ]

    def all(self) -> Iterator[Extreme]:
        """All kinds."""
        yield from self._rankings()
        yield from self._texts()
        yield from self._shapes()
        yield from self._bodies()
        yield from self._reads()

    def _rankings(self) -> Iterator[Extreme]:
        yield self._rank("rank 1,000 known", self._ids)
        yield self._rank("rank 1,000, explained", self._ids, explain=True)
        yield self._rank("rank 1,000, diverse, 1,000 categories", self._categories, diversity=0.5)
        yield self._rank(
            "rank 1,000, diverse, one of each category",
            self._categories,
            diversity=0.5,
            max_per_category=1,
            explain=True,
        )
        yield self._rank("rank 1,000, one of each category", self._categories, max_per_category=1)
        some = [one["id"] for one in self._ids]
        yield self._rank("rank 1,000, 500 pinned, 500 excluded", self._ids, pin=some[:500], exclude=some[500:])
        others = [f"{place:0{_ID_CHARS}}" for place in range(2 * CANDIDATES)]
        yield self._rank(
            "rank 1,000, 1,000 others pinned, 1,000 excluded",
            self._ids,
            pin=others[:CANDIDATES],
            exclude=others[CANDIDATES:],
        )
        events = [{"item_id": one["id"], "action": "click"} for one in self._ids[:HISTORY]]
        yield self._rank("rank 1,000 after 200 known events", self._ids, user={"history": events})
        yield Extreme(
            "rank 10 after 200 events with texts",
            (
                _post(
                    "/v1/rank",
                    {
                        "candidates": self._ids[:10],
                        "user": {"history": [{"text": self._long(2000), "action": "view"} for _ in range(HISTORY)]},
                    },
                )
                for _ in itertools.count()
            ),
        )

    def _texts(self) -> Iterator[Extreme]:
        yield Extreme("rank 1,000 unseen texts of 200 bytes", self._ranked_texts(200))
        yield Extreme("rank 1,000 unseen texts of 2 KB", self._ranked_texts(1950))
        yield Extreme("put 1,000 items of 2 KB", (self._put(1950) for _ in itertools.count()))

    def _shapes(self) -> Iterator[Extreme]:
        texts = [one["text"] for one in self.known]
        for kind in ("float", "base64"):
            yield _repeated(f"embeddings of 1,000 texts, {kind}", "/v1/embeddings", input=texts, encoding_format=kind)
        yield Extreme(
            "embeddings of 1,000 texts of 2 KB",
            (_post("/v1/embeddings", {"input": self._longs(1950)}) for _ in itertools.count()),
        )
        asked = {"query": "split a bill", "documents": texts, "return_documents": True}
        yield _repeated("rerank 1,000, documents returned", "/v1/rerank", **asked)
        yield Extreme(
            "rerank 1,000 of 2 KB, documents returned",
            (_post("/v1/rerank", {**asked, "documents": self._longs(1950)}) for _ in itertools.count()),
        )
        for most in (10, 100):
            body = {"head": self._head, "inputs": texts, "top_k": most}
            yield _repeated(f"classify 1,000, top {most} of 1,000 classes", "/v1/classify", **body)
        events = [{"request_id": f"r{place}", "item_id": f"i{place}", "action": "click"} for place in range(EVENTS)]
        yield _repeated("feedback of 1,000 events", "/v1/feedback", events=events)

    def _bodies(self) -> Iterator[Extreme]:
        """Bodies that are slow to parse for their size."""
        features = {f"{place:x}": place + 0.5 for place in range(_NAMES)}
        yield self._rank("rank 1,000 with 64 features", [{**one, "features": features} for one in self._ids])
        new = itertools.count()
        distinct = [{**one, "features": {f"{next(new):x}": 1 for _ in range(_NAMES)}} for one in self._ids]
        yield self._rank("rank 1,000 with 64 features, all names distinct", distinct)
        yield _repeated("embeddings of a text of 1 MB of line feeds", "/v1/embeddings", input="\n" * 1_000_000 + "a")
        yield Extreme(
            "rank, 2 MB of small candidates (refused)",
            itertools.repeat(_raw("/v1/rank", b'{"candidates":[' + b",".join([b'{"id":"a"}'] * 190_000) + b"]}")),
        )
        for name, value in (("numbers", b"1"), ("lists", b"[[[[[[]]]]]]"), ("objects", b'{"":1}')):
            junk = b",".join([value] * (MOST_BYTES // (len(value) + 1) - 20))
            body = b'{"input":["a"],"junk":[' + junk + b"]}"
            yield Extreme(
                f"embeddings, 2 MB of small {name} passed over", itertools.repeat(_raw("/v1/embeddings", body))
            )

    def _reads(self) -> Iterator[Extreme]:
        paths = {
            "a scrape": "/metrics",
            "catalogue, 1,000 items": "/v1/catalogue",
            "info": "/v1/info",
            "openapi.json": "/openapi.json",
            "docs": "/docs",
            "releases": "/v1/model/",
            "model's graph": f"/v1/model/{self._revision}/onnx/model_int8.onnx",
            **{f"playground's {name}": f"/playground/{name}" for name in self._files},
        }
        for name, path in paths.items():
            yield Extreme(name, itertools.repeat(get(path)))

    def _rank(self, name: str, candidates: object, *, user: object = None, **options: object) -> Extreme:
        context = {f"{place}": True for place in range(_CONTEXT)}
        body = {"query": "split a dinner bill", "candidates": candidates, "options": options, "context": context}
        return _repeated(name, "/v1/rank", **body, **({} if user is None else {"user": user}))

    def _ranked_texts(self, size: int) -> Iterator[bytes]:
        for number in itertools.count():
            texts = enumerate(self._longs(size))
            yield _post("/v1/rank", {"candidates": [{"id": f"{number}-{place}", "text": one} for place, one in texts]})

    def _put(self, size: int) -> bytes:
        items = [{"id": f"put-{place}", "text": one} for place, one in enumerate(self._longs(size))]
        return _post("/v1/items", {"items": items}, "PUT")

    def _longs(self, size: int) -> list[str]:
        return [self._long(size) for _ in range(ITEMS)]

    def _long(self, size: int) -> str:
        """A new text of some number of bytes."""
        said = self._workload.text()
        while len(said) < size:
            said += " " + self._random.choice(self.known)["text"]
        return said[:size]


def _repeated(name: str, path: str, **body: object) -> Extreme:
    return Extreme(name, itertools.repeat(_post(path, body)))


def _post(path: str, body: Mapping[str, Any], method: str = "POST") -> bytes:
    return _raw(path, json.dumps(body).encode(), method)


def _raw(path: str, body: bytes, method: str = "POST") -> bytes:
    assert len(body) <= MOST_BYTES, path  # noqa: S101
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{_PATIENCE}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
